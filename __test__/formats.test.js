'use strict'

/** The formats of imports and exports, each against the package that is known for it. */

const { spawnSync } = require('node:child_process')

const ini = require('ini')
const yaml = require('yaml')

const { ValidationError } = require('..')
const { reader, writer } = require('../lib/formats')
const { failure } = require('./support/outcome')

const toEntries = (values) => Object.entries(values).map(([key, value]) => ({ key, value }))
const toObject = (entries) => Object.fromEntries(entries.map(({ key, value }) => [key, value]))
const read = (format, text) => toObject(reader(format)(text, 'file'))
const write = (format, values, options) => writer(format)(toEntries(values), options)

/** Values that a careless writer gets wrong. */
const values = {
  PLAIN: 'a',
  EMPTY: '',
  SPACES: '  a  ',
  LINES: 'a\nb\r\n\tc\n',
  QUOTES: `it's "a" \`b\``,
  SIGNS: 'a # b ; c = d: [e] {f} $HOME $(date) %x \\n \\',
  NUMBER: '0123',
  BOOLEAN: 'true',
  NULL: 'null',
  CONTROL: '\u0001\u007f\u0085\u2028\u2029\uFEFF\uFFFE',
  LETTERS: 'ŝęcrët 日本 \u{1F511}',
}

describe('json', () => {
  it('is read back', () => {
    expect(JSON.parse(write('json', values))).toEqual(values)
    expect(read('json', write('json', values))).toEqual(values)
    expect(write('json', {})).toBe('{}\n')
  })

  it('keeps the order of keys', () => {
    const entries = [
      { key: 'B', value: '1' },
      { key: '1', value: '2' },
    ]
    expect(writer('json')(entries)).toBe('{\n  "B": "1",\n  "1": "2"\n}\n')
  })

  it('takes no key for a property of objects', () => {
    expect(reader('json')('\uFEFF{"__proto__": "a"}', 'file')).toEqual([{ key: '__proto__', value: 'a' }])
  })

  it.each([
    ['what is no JSON', '{"KEY": secret-value}', 'valid JSON'],
    ['an array', '["secret-value"]', 'one object'],
    ['null', 'null', 'one object'],
    ['a number', '{"A": "b", "KEY": 12345}', 'KEY'],
    ['an object in an object', '{"KEY": {"A": "secret-value"}}', 'KEY'],
    ['an empty key', '{"": "secret-value"}', 'key is empty'],
  ])('refuses %s', async (_, text, part) => {
    const error = await failure(() => read('json', text))
    expect(error).toBeInstanceOf(ValidationError)
    expect(error.message).toMatch(/^file: /)
    expect(error.message).toContain(part)
    expect(error.message).not.toMatch(/secret-value|12345/)
    expect(error.cause).toBeUndefined()
  })
})

describe('ini', () => {
  it('is read back, also by the ini package', () => {
    const text = write('ini', values)
    expect(read('ini', text)).toEqual(values)
    // That package takes these for other types, whatever quotes they have.
    expect({ ...ini.parse(text) }).toEqual({ ...values, BOOLEAN: true, NULL: null })
  })

  it.each([
    ['spaces', ' A = b c \n\tB=\n', { A: 'b c', B: '' }],
    ['comments', '; A=1\n  # B=2\n\nC=a ; b\nD=a#b', { C: 'a', D: 'a' }],
    ['escaped comment signs', 'A=a\\;b\\#c\\\\d\\e', { A: 'a;b#c\\d\\e' }],
    ['quotes', `A=" b # c "\nB=' d ; e '\nC="f\\ng"`, { A: ' b # c ', B: ' d ; e ', C: 'f\ng' }],
    ['quotes inside', `A=it's "b"\nB='it's'`, { A: 'it\'s "b"', B: "it's" }],
    ['equal signs', 'A=b=c==', { A: 'b=c==' }],
    ['keys in quotes', '"my key"=a', { 'my key': 'a' }],
    ['other line ends', 'A=b\r\nB=c\rC=d', { A: 'b', B: 'c', C: 'd' }],
    ['a key that is there twice', 'A=1\nA=2', { A: '2' }],
  ])('reads %s as the ini package does', (_, text, expected) => {
    expect(read('ini', text)).toEqual(expected)
    expect({ ...ini.parse(text) }).toEqual(expected)
  })

  it('puts the name of the section before the key', () => {
    const text = '\uFEFFA=1\n[one]\nA=2\n[ two.three ] ; comment\nA=3'
    expect(read('ini', text)).toEqual({ A: '1', 'one.A': '2', 'two.three.A': '3' })
  })

  it('reads a comment after quotes', () => {
    expect(read('ini', 'A="b;" ; c\nB=\'d\' # e')).toEqual({ A: 'b;', B: 'd' })
  })

  it.each([
    ['words', 'A=1\njust words', 2],
    ['no key', '=secret-value', 1],
    ['a section that is not closed', '\n[one\nA=1', 2],
    ['a list', 'A[]=secret-value', 1],
    ['a quote that is not closed', '; fine\nA="secret-value', 2],
    ['an escape that JSON has not', 'A="C:\\secret-value"', 1],
  ])('refuses %s, with the file and the line', async (_, text, line) => {
    const error = await failure(() => read('ini', text))
    expect(error).toBeInstanceOf(ValidationError)
    expect(error.message).toMatch(new RegExp(`^file, line ${line}: `))
    expect(error.message).not.toContain('secret-value')
  })
})

describe('yaml', () => {
  it.each(['1.2', '1.1'])('is read back by version %s', (version) => {
    expect(yaml.parse(write('yaml', values), { version })).toEqual(values)
    expect(yaml.parse(write('yaml', { 'no: key': 'a', yes: 'b', 1: 'c' }), { version })).toEqual({
      'no: key': 'a',
      yes: 'b',
      1: 'c',
    })
    expect(yaml.parse(write('yaml', {}), { version })).toEqual({})
  })

  it('has no character that YAML does not allow', () => {
    expect(write('yaml', values)).toMatch(
      /^[\t\n\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufefe\uff00-\ufffd\u{10000}-\u{10ffff}]*$/u,
    )
  })
})

describe('shell', () => {
  it('gives a shell the same values', () => {
    const program = `${write('shell', values)}\nexec "$0" -p 'JSON.stringify(process.env)'`
    const { status, stdout, stderr } = spawnSync('sh', ['-c', program, process.execPath], {
      encoding: 'utf8',
    })
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
    expect(JSON.parse(stdout)).toMatchObject(values)
  })
})

describe('docker', () => {
  it('has each value as it stands', () => {
    expect(write('docker', { A: `it's "b" # c`, 'd.e': ' f ', G: '' })).toBe(`A=it's "b" # c\nd.e= f \nG=\n`)
  })
})

describe('k8s', () => {
  it('is the manifest of a Secret', () => {
    expect(yaml.parse(write('k8s', { ...values, 'a.b-c': 'd' }, { name: 'my-app.prod' }))).toEqual({
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 'my-app.prod' },
      type: 'Opaque',
      data: Object.fromEntries(
        Object.entries({ ...values, 'a.b-c': 'd' }).map(([key, value]) => [
          key,
          Buffer.from(value).toString('base64'),
        ]),
      ),
    })
    expect(yaml.parse(write('k8s', {}))).toMatchObject({ metadata: { name: 'locker-secrets' }, data: {} })
  })

  it.each(['', 'My-App', 'a b', '-a', 'a-', 'a"\nb', 'a'.repeat(254)])(
    'refuses the name %j',
    async (name) => {
      expect(await failure(() => write('k8s', {}, { name }))).toMatchObject({
        code: 'validation_error',
        field: 'name',
      })
    },
  )
})

it.each([
  ['ini', 'KEY A', 'a'],
  ['ini', 'KEY=', 'a'],
  ['ini', '[KEY]', 'a'],
  ['shell', 'KEY-A', 'a'],
  ['shell', 'KEY;ls', 'a'],
  ['shell', '1KEY', 'a'],
  ['shell', 'KEY', 'secret-value\0'],
  ['docker', 'KEY A', 'a'],
  ['docker', '#KEY', 'a'],
  ['docker', 'KEY=A', 'a'],
  ['docker', 'KEY', 'secret-value\n'],
  ['docker', 'KEY', 'secret-value\r'],
  ['k8s', 'KEY A', 'a'],
  ['k8s', 'KEY'.repeat(100), 'a'],
])('%s refuses %j with %j', async (format, key, value) => {
  const error = await failure(() => write(format, { A: 'b', [key]: value }))
  expect(error).toBeInstanceOf(ValidationError)
  expect(error.message).toContain(key)
  expect(error.message).not.toContain('secret-value')
})

it.each([reader, writer])('%p refuses a format that it does not know', async (find) => {
  for (const format of ['toml', 'constructor', '']) {
    const error = await failure(() => find(format))
    expect(error).toMatchObject({ code: 'validation_error', field: 'format' })
    expect(error.message).toContain('env, ')
  }
})
