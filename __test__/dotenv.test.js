'use strict'

/** Env files: what `dotenv` reads is read in the same way, and what it skips without a word is an error. */

const { spawnSync } = require('node:child_process')
const { randomInt } = require('node:crypto')

const dotenv = require('dotenv')

const { ValidationError } = require('..')
const { formatEnvFile, parseEnvFile } = require('../lib/dotenv')
const { failure } = require('./support/outcome')

const toObject = (entries) => Object.fromEntries(entries.map(({ key, value }) => [key, value]))
const parse = (text) => toObject(parseEnvFile(text, '.env'))

/** Texts that can be read, and what they mean. */
const readable = {
  'a plain value': ['A=b', { A: 'b' }],
  'several lines': ['A=1\n\n\nB=2\n', { A: '1', B: '2' }],
  'nothing at all': ['', {}],
  'blanks and comments alone': ['  \n# A=1\n\t# B=2', {}],
  'an empty value': ['A=\nB=2', { A: '', B: '2' }],
  'an empty value in quotes': [`A=""\nB=''\nC=\`\``, { A: '', B: '', C: '' }],
  'an empty value before a comment': ['A=\n# B=1\nC=# none', { A: '', C: '' }],
  'single quotes': ["A='b c'", { A: 'b c' }],
  'double quotes': ['A="b c"', { A: 'b c' }],
  backticks: ['A=`b c`', { A: 'b c' }],
  'spaces inside of quotes': [`A='  b  '\nB="  c  "\nC=\`  d  \``, { A: '  b  ', B: '  c  ', C: '  d  ' }],
  'spaces outside of quotes': ['  A  =  b  \n\tB\t=\t"c"\t', { A: 'b', B: 'c' }],
  'quotes inside of other quotes': [
    `A='say "x" and \`y\`'\nB="it's \`y\`"\nC=\`it's "x"\``,
    { A: 'say "x" and `y`', B: "it's `y`", C: 'it\'s "x"' },
  ],
  'the same quotes inside of quotes': [`A='it's'\nB="a "b" c"`, { A: "it's", B: 'a "b" c' }],
  'quotes after a backslash': [`A="a \\"b\\" c"\nB='it\\'s'`, { A: 'a \\"b\\" c', B: "it\\'s" }],
  'text after the closing quote': ['A="b" c', { A: '"b" c' }],
  'a quote that does not begin the value': [`A=it's\nB={"c": "d"}`, { A: "it's", B: '{"c": "d"}' }],
  'a line break of \\n in double quotes only': [
    `A="b\\nc"\nB='b\\nc'\nC=b\\nc\nD=\`b\\nc\``,
    { A: 'b\nc', B: 'b\\nc', C: 'b\\nc', D: 'b\\nc' },
  ],
  'a carriage return of \\r in double quotes only': [`A="b\\r\\nc"\nB='b\\rc'`, { A: 'b\r\nc', B: 'b\\rc' }],
  'several lines in quotes': [
    `A="b\nc"\nB='d\n\ne'\nC=\`f\ng\`\nD=h`,
    { A: 'b\nc', B: 'd\n\ne', C: 'f\ng', D: 'h' },
  ],
  'what looks like an assignment in quotes': ['A="\nB=1\n# no comment\n"', { A: '\nB=1\n# no comment\n' }],
  'a quoted value in a later line': ['A=\n\n"b\nc"', { A: 'b\nc' }],
  'a comment after a value': [
    'A=b # c\nB=b#c\nC="b # c" # d\nD=\'b\'#c',
    { A: 'b', B: 'b', C: 'b # c', D: 'b' },
  ],
  'a quote in a comment': [`A=b # it's\nB='c' # it's\nC="d"`, { A: 'b', B: 'c', C: 'd' }],
  'equal signs': ['A=b==\nB==', { A: 'b==', B: '=' }],
  'a colon': ['A: b\nB:  "c"', { A: 'b', B: 'c' }],
  export: ['export A=b\n  export   B="c"\nexport=d', { A: 'b', B: 'c', export: 'd' }],
  'keys with dots, dashes and digits': [
    'a.b=1\nc-d=2\n3E=3\n_=4',
    { 'a.b': '1', 'c-d': '2', '3E': '3', _: '4' },
  ],
  'lines that end with \\r\\n': ['A=b\r\nB="c\r\nd"\r\n', { A: 'b', B: 'c\nd' }],
  'lines that end with \\r': ['A=b\rB=c\r', { A: 'b', B: 'c' }],
  'a byte order mark': ['\uFEFFA=b', { A: 'b' }],
  'a key that is there twice': ['A=1\nB=2\nA=3', { A: '3', B: '2' }],
  'no interpolation': ['A=1\nB=$A\nC="${A}"', { A: '1', B: '$A', C: '${A}' }],
  'letters of all kinds': ['A=ŝęcrët\u{1F511}\nB="日本"', { A: 'ŝęcrët\u{1F511}', B: '日本' }],
  'line separators of Unicode': ["A=b\u2028'c'\u2028", { A: 'b\u2028c' }],
  'a backslash at the end': [`A='b\\'\nB=c`, { A: 'b\\', B: 'c' }],
  'a long value': [`A="${'x\\"'.repeat(300_000)}"\nB=c`, { A: 'x\\"'.repeat(300_000), B: 'c' }],
}

describe('parseEnvFile', () => {
  it.each(Object.entries(readable))('reads %s as dotenv does', (_, [text, values]) => {
    expect(parse(text)).toEqual(values)
    expect(dotenv.parse(text)).toEqual(values)
  })

  it('reads whatever dotenv reads, or refuses it', () => {
    let read = 0
    for (let count = 0; count < 5_000; count += 1) {
      const text = randomText([
        'A=',
        'B: ',
        'export C = ',
        '\n',
        '\r\n',
        ' ',
        '"',
        "'",
        '`',
        '\\',
        '\\n',
        '#',
        'x',
        '\u2028',
      ])
      try {
        expect({ text, values: parse(text) }).toEqual({ text, values: dotenv.parse(text) })
        read += 1
      } catch (error) {
        if (!(error instanceof ValidationError)) throw error
      }
    }
    expect(read).toBeGreaterThan(500)
  })

  it('gives every assignment, with its line', () => {
    const text = '# comment\r\nA=1\r\n\r\nB="\r\n2\r\n"\r\n  export C=3 # comment\r\nA=4'
    expect(parseEnvFile(text, '.env')).toEqual([
      { key: 'A', value: '1', line: 2 },
      { key: 'B', value: '\n2\n', line: 4 },
      { key: 'C', value: '3', line: 7 },
      { key: 'A', value: '4', line: 8 },
    ])
  })

  it('takes no key for a property of objects', () => {
    expect(parseEnvFile('__proto__=1\nconstructor=2', '.env')).toEqual([
      { key: '__proto__', value: '1', line: 1 },
      { key: 'constructor', value: '2', line: 2 },
    ])
  })

  it.each([
    ['words', 'A=1\njust words', 2],
    ['a key alone', 'A', 1],
    ['an exported key alone', '\n\nexport A\nB=1', 3],
    ['a value without a key', '=secret-value', 1],
    ['a key with a space in it', 'A B=secret-value', 1],
    ['a key with another character in it', '# fine\nA$=secret-value', 2],
    ['a double quote that is never closed', 'A=1\nB="secret-value\nC=2', 2],
    ['a single quote that is never closed', "A=1\r\nB='secret-value\r\nC=2", 2],
    ['a backtick that is never closed', 'B=`secret-value', 1],
    ['a quote that a comment hides', 'B="secret-value # no', 1],
    ['text behind a quoted value of a later line', 'A=\n"secret-value" b', 2],
    ['what follows a value of several lines', 'A="b\nc"\nsecret-value', 3],
  ])('refuses %s, with the file and the line', async (_, text, line) => {
    const error = await failure(() => parseEnvFile(text, 'config/.env'))
    expect(error).toBeInstanceOf(ValidationError)
    expect(error.message).toMatch(new RegExp(`^config/\\.env, line ${line}: `))
    expect(error.message).not.toContain('secret-value')
  })
})

describe('formatEnvFile', () => {
  const values = {
    PLAIN: 'a-b/c:d@e,f=g',
    EMPTY: '',
    SPACES: '  a b  ',
    COMMENT: 'a # b',
    LINES: 'a\n\n b\n',
    DOLLAR: 'a $HOME `date` $(date) b',
    DOUBLE: 'say "a"',
    APOSTROPHE: "it's",
    APOSTROPHE_LINES: "it's\na # b",
    BACKSLASHES: 'C:\\new\\',
    BACKSLASH: '\\',
    SPACES_BACKSLASH: ' a\\',
    LETTERS: 'ŝęcrët 日本 \u{1F511}',
    JSON: '{"a": "b\\nc"}',
  }

  it('is read back by dotenv', () => {
    const more = {
      ALL_QUOTES: 'a \'b\' "c" `d`',
      ALL_QUOTES_LINES: 'a \'b\' "c" `d`\n e',
      RETURNS: 'a\r\nb\r',
      APOSTROPHE_DOUBLE: 'it\'s "a" # b\n',
      APOSTROPHE_BACKSLASH: "it's # a\\",
      AFTER: '# a',
    }
    const all = { ...values, ...more }
    const text = formatEnvFile(Object.entries(all).map(([key, value]) => ({ key, value })))
    expect(dotenv.parse(text)).toEqual(all)
    expect(parse(text)).toEqual(all)
  })

  it('is read back by a shell', () => {
    const text = formatEnvFile(Object.entries(values).map(([key, value]) => ({ key, value })))
    const program = `${text}\nexport ${Object.keys(values).join(' ')}\nexec "$0" -p 'JSON.stringify(process.env)'`
    const { status, stdout, stderr } = spawnSync('sh', ['-c', program, process.execPath], {
      encoding: 'utf8',
    })
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
    expect(JSON.parse(stdout)).toMatchObject(values)
  })

  it('is read back, whatever the values are, or refused', () => {
    let refused = 0
    for (let count = 0; count < 1_000; count += 1) {
      const entries = ['A', 'B', 'C'].flatMap((key) => {
        const value = randomText(['\n', '\r', ' ', '"', "'", '`', '\\', '\\n', '#', '=', 'x', '$', 'B='])
        try {
          formatEnvFile([{ key, value }])
          return [{ key, value }]
        } catch {
          refused += 1
          return []
        }
      })
      const text = formatEnvFile(entries)
      expect({ text, values: parse(text) }).toEqual({ text, values: toObject(entries) })
      expect({ text, values: dotenv.parse(text) }).toEqual({ text, values: toObject(entries) })
    }
    // Only what `dotenv` has no way to say: every kind of quote, beside a comment sign or a line break.
    expect(refused).toBeLessThan(1_000)
  })

  it.each([
    ['a key with a space in it', { key: 'my key', value: 'secret-value' }, 'my key'],
    ['an empty key', { key: '', value: 'secret-value' }, '""'],
    ['a value with every kind of quote and a #', { key: 'KEY', value: 'secret-value \'"` #' }, 'KEY'],
  ])('refuses %s', async (_, entry, named) => {
    const error = await failure(() => formatEnvFile([{ key: 'A', value: '1' }, entry]))
    expect(error).toBeInstanceOf(ValidationError)
    expect(error.message).toContain(named)
    expect(error.message).not.toContain('secret-value')
  })
})

/** A text of up to 12 of these pieces. */
function randomText(pieces) {
  return Array.from({ length: randomInt(13) }, () => pieces[randomInt(pieces.length)]).join('')
}
