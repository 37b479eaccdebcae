'use strict'

const { mkdtempSync, readFileSync, rmSync } = require('node:fs')
const os = require('node:os')
const path = require('node:path')

const { runFixture } = require('./support/run-fixture')

/** Of letters and digits only, so that no escaping can hide them. */
const planted = {
  value: 'PLANTEDsecretvalue7f3a91',
  key: 'PLANTEDkeyname8c2b47',
  description: 'PLANTEDdescription91d0e6',
  environment: 'PLANTEDenvironment5a6c12',
  externalUrl: 'https://PLANTEDexternal3e9b50.example',
  header: 'PLANTEDheadervalue2d7f84',
}
const CREDENTIALS_FILE = 'dev-credentials.json'

let folder, haystacks, needles

beforeAll(async () => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'lockerpm-leaks-'))
  const file = path.join(folder, 'seen.json')
  const { code, stdout, stderr } = await runFixture('leaks.js', {
    input: { planted, folder: path.join(folder, 'data'), file },
    env: { LOCKER_SERVER_LOG: 'trace' },
  })
  // Not as an assertion, which would print the values that it searches for.
  if (code !== 0) throw new Error(`the program failed: ${stderr}`)
  const seen = JSON.parse(readFileSync(file, 'utf8'))
  haystacks = { ...seen.haystacks, console: stdout + stderr }
  needles = { ...planted, externalUrl: 'PLANTEDexternal3e9b50', ...seen.unplanted }
})

afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** A text as it may stand somewhere: as it is, in any case, as base64 at any offset, as hex, as UTF-16, and as bytes if it is base64 itself. */
function disguises(needle) {
  const bytes = Buffer.from(needle)
  const base64 = [0, 1, 2].map((offset) => {
    // The first and the last letters depend on what stands around it.
    const whole = Buffer.concat([Buffer.alloc(offset), bytes])
      .toString('base64')
      .replace(/=+$/, '')
    return whole.slice(offset === 0 ? 0 : offset + 1, -2)
  })
  const utf16 = Buffer.from(needle, 'utf16le').toString('latin1')
  const raw = Buffer.from(needle, 'base64').toString('latin1')
  return [needle, encodeURIComponent(needle), bytes.toString('hex'), utf16, raw, ...base64]
}

/** Which of the needles a text holds. */
function search(haystack, names = Object.keys(needles)) {
  const text = haystack.toLowerCase()
  return names.filter((name) =>
    disguises(needles[name]).some((disguise) => text.includes(disguise.toLowerCase())),
  )
}

const others = (...exempt) => Object.keys(needles).filter((name) => !exempt.includes(name))

describe('the search finds', () => {
  test('each value, however it is written', () => {
    for (const [name, needle] of Object.entries(needles)) {
      for (const wrap of [
        (text) => text,
        (text) => text.toUpperCase(),
        (text) => Buffer.from(`.${text}.`).toString('base64'),
        (text) => Buffer.from(`..${text}..`).toString('base64'),
        (text) => Buffer.from(`...${text}`).toString('base64'),
        (text) => Buffer.from(text).toString('hex'),
        (text) => encodeURIComponent(text),
        (text) => Buffer.from(text, 'utf16le').toString('latin1'),
        (text) => Buffer.from(text, 'base64').toString('latin1'),
      ]) {
        expect(search(`before${wrap(needle)}after`)).toContain(name)
      }
    }
  })

  test('what is rightly there: values where an application asks for them', () => {
    expect(search(haystacks.jsonSecrets)).toEqual(
      expect.arrayContaining(['value', 'key', 'description', 'environment']),
    )
  })

  test('what is rightly there: names where they are what the error is about', () => {
    expect(search(haystacks.answeringErrors)).toEqual(expect.arrayContaining(['key', 'environment']))
  })

  test('what is rightly there: the credentials that the dev server keeps', () => {
    expect(search(haystacks.files[CREDENTIALS_FILE])).toEqual(['accessKeySecret'])
  })
})

test('there is something to search in', () => {
  const { files, filesWhileRunning, serverLog, records, errors, lockers } = haystacks
  expect(Object.keys(files)).toContain('locker.db')
  expect(Object.keys(filesWhileRunning)).toContain('locker.db')
  expect(serverLog).toMatch(/TRACE|DEBUG/)
  expect(serverLog).toContain('/v1/secrets')
  expect(records).toContain('/v1/secrets')
  for (const name of [
    'Authentication',
    'Validation',
    'APIConnection',
    'APIServer',
    'Timeout',
    'Integrity',
    'RateLimit',
  ]) {
    expect(errors).toContain(`${name}Error`)
  }
  expect(errors).toContain('PermissionDeniedError')
  expect(lockers).toContain('Locker')
  expect(haystacks.console).toContain('[lockerpm]')
})

describe('nothing leaks into', () => {
  test.each([['records'], ['console'], ['lockers'], ['serverLog'], ['errors']])('%s', (place) => {
    expect(search(haystacks[place])).toEqual([])
  })

  test('errors about a name, but the name', () => {
    expect(search(haystacks.answeringErrors, others('key', 'environment'))).toEqual([])
  })

  test('a secret that is printed, but what it is named and described as', () => {
    expect(search(haystacks.printedSecrets, others('key', 'environment', 'description'))).toEqual([])
  })

  test.each([['files'], ['filesWhileRunning']])('the %s of the server', (place) => {
    const found = Object.entries(haystacks[place])
      .map(([name, content]) => [
        name,
        search(content, others(...(name === CREDENTIALS_FILE ? ['accessKeySecret'] : []))),
      ])
      .filter(([, names]) => names.length > 0)
    expect(found).toEqual([])
  })
})
