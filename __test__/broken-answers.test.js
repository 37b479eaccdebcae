'use strict'

const { gzipSync } = require('node:zlib')

const lockerpm = require('..')
const { startFaultyProxy } = require('./support/faulty-proxy')
const { failure, forms } = require('./support/outcome')
const { accessKeyBytes, open, parts, seal, withFlippedBit } = require('./support/sealing')
const { credentials, startServer } = require('./support/server')

const { Locker } = lockerpm
const MIB = 1024 * 1024
const MAX_GROWTH = 300 * MIB
const VALUE = 'the-value-that-is-right'
/** 100 MiB in 100 KiB. */
const BOMB = gzipSync(Buffer.alloc(100 * MIB))
const DEFAULT = 'the-default-that-must-not-be-given'

let server, faulty, elsewhere, real, projectKey

beforeAll(async () => {
  server = await startServer()
  faulty = await startFaultyProxy({ upstream: server.apiBase })
  elsewhere = await startFaultyProxy({ upstream: server.apiBase })
  const locker = new Locker(credentials(server))
  for (const name of ['dev', 'prod'])
    await locker.createEnvironment({ name, externalUrl: `https://${name}.example` })
  await locker.create({ key: 'KEY', value: VALUE, description: 'a note' })
  await locker.create({ key: 'KEY', value: VALUE, environmentName: 'dev' })
  await locker.create({ key: 'OTHER', value: 'the-value-of-another-key' })
  real = {
    profile: await answerOf('/v1/profile'),
    secrets: await answerOf(`/v1/secrets?hash=${await hashOf('/v1/secrets', 'secret_hash', 'key', 'KEY')}`),
    environments: await answerOf(
      `/v1/environments?hash=${await hashOf('/v1/environments', 'hash', 'name', 'prod')}`,
    ),
  }
})

afterAll(() => Promise.all([server?.stop(), faulty?.stop(), elsewhere?.stop()]))

async function answerOf(path) {
  const headers = { authorization: `Bearer ${server.accessKeyId}` }
  return (await fetch(server.apiBase + path, { headers })).json()
}

/** The hash under which the server has a name. Opens the names by hand, to find it. */
async function hashOf(path, hash, field, name) {
  const { profile } = await answerOf('/v1/profile')
  projectKey = open(accessKeyBytes(server.accessKeySecret), profile.key)
  const { results } = await answerOf(path)
  return results.find((item) => open(projectKey, item[field]).toString() === name)[hash]
}

/** Where an answer can be broken: the path, and a call that needs it. `get` with a default must never give that. */
const places = {
  profile: { path: '/v1/profile', call: ['get', 'KEY', null, DEFAULT] },
  secrets: { path: '/v1/secrets', call: ['get', 'KEY', null, DEFAULT] },
  environments: { path: '/v1/environments', call: ['getEnvironment', 'prod'] },
}

function locker(options) {
  return new Locker({
    ...credentials(server),
    apiBase: faulty.apiBase,
    maxRetries: 0,
    logLevel: 0,
    ...options,
  })
}

/** The error of a call at a place where the answers are as `fault` says. */
async function errorAt(call, place, fault, { options, call: otherCall } = {}) {
  const { path, call: placesCall } = places[place]
  const [verb, ...args] = otherCall ?? placesCall
  await faulty.reset([{ path, ...fault }])
  const error = await failure(() => call(locker(options), verb, ...args))
  // Without a request the error would be about something else.
  expect((await faulty.requests()).some((request) => request.path.startsWith(path))).toBe(true)
  expect(error.message).not.toContain(VALUE)
  return error
}

/** A copy of the real answer, changed by `change`, as a body. */
function changed(place, change) {
  const answer = structuredClone(real[place])
  change(answer)
  return JSON.stringify(answer)
}

function expectError(error, name) {
  expect(`${error.name}: ${error.message}`).toMatch(new RegExp(`^${name}: `))
  expect(error).toBeInstanceOf(lockerpm[name])
}

/** `[what, fault, error, options]` for every place. */
const brokenEverywhere = [
  ['HTML with status 200', () => ({ body: '<!doctype html><p>Please sign in</p>' }), 'APIServerError'],
  ['nothing with status 200', () => ({ body: '' }), 'APIServerError'],
  ['nothing with status 204', () => ({ status: 204 }), 'APIServerError'],
  ['half a JSON', (place) => ({ body: JSON.stringify(real[place]).slice(0, 100) }), 'APIServerError'],
  ['JSON of another form', () => ({ body: '{"status": "ok"}' }), 'APIServerError'],
  ['JSON null', () => ({ body: 'null' }), 'APIServerError'],
  ['a list where an object belongs', () => ({ body: '[]' }), 'APIServerError'],
  ['very deep JSON', () => ({ body: '['.repeat(500_000) }), 'APIServerError'],
  ['bytes that are no UTF-8', () => ({ body: Buffer.of(0x22, 0xff, 0xfe, 0x22) }), 'APIServerError'],
  ['half a body', (place) => ({ action: 'half', body: JSON.stringify(real[place]) }), 'APIConnectionError'],
  ['a reset', () => ({ action: 'reset' }), 'APIConnectionError'],
  [
    'a body that drips',
    (place) => ({ action: 'drip', body: JSON.stringify(real[place]) }),
    'TimeoutError',
    { timeoutMs: 1000 },
  ],
  ['no answer', () => ({ action: 'stall' }), 'TimeoutError', { timeoutMs: 1000 }],
  [
    'gzip that is none',
    () => ({ headers: { 'content-encoding': 'gzip' }, body: '{"not": "compressed"}' }),
    'APIConnectionError',
  ],
]

describe.each(forms)('%s', (_form, call) => {
  describe.each(Object.keys(places))('%s', (place) => {
    test.each(brokenEverywhere)('%s', async (_what, fault, name, options = {}) => {
      const error = await errorAt(call, place, fault(place), { options })

      expectError(error, name)
    })

    test('the whole answer is still understood, so the changes above are what breaks it', async () => {
      await faulty.reset([{ path: places[place].path, body: JSON.stringify(real[place]) }])
      const [verb, ...args] = places[place].call

      const given = await call(locker(), verb, ...args)

      expect(given.name ?? given).toBe(place === 'environments' ? 'prod' : VALUE)
    })

    test('a body without end is left before it fills the memory', async () => {
      const before = process.memoryUsage().rss

      const error = await errorAt(call, place, { action: 'endless' })

      expectError(error, 'APIServerError')
      expect(process.memoryUsage().rss - before).toBeLessThan(MAX_GROWTH)
    })

    test('a gzip bomb is refused', async () => {
      const before = process.memoryUsage().rss

      const error = await errorAt(call, place, { headers: { 'content-encoding': 'gzip' }, body: BOMB })

      expectError(error, 'APIServerError')
      expect(process.memoryUsage().rss - before).toBeLessThan(MAX_GROWTH)
    })

    test.each([301, 302, 303, 307, 308])('a redirect %i is not followed', async (status) => {
      await elsewhere.reset()
      const location = elsewhere.apiBase + places[place].path

      const error = await errorAt(call, place, { status, headers: { location } })

      expectError(error, 'APIServerError')
      expect(error).toMatchObject({ statusCode: status, field: 'apiBase' })
      expect(await elsewhere.requests()).toEqual([])
    })
  })

  describe.each(['secrets', 'environments'])('list of %s', (place) => {
    test.each([
      ['too large', (answer) => (answer.count += 1)],
      ['too small', (answer) => (answer.count -= 1)],
      ['zero', (answer) => (answer.count = 0)],
      ['larger than any project', (answer) => (answer.count = Number.MAX_SAFE_INTEGER)],
      ['negative', (answer) => (answer.count = -1)],
      ['missing', (answer) => delete answer.count],
      ['null', (answer) => (answer.count = null)],
      ['a string', (answer) => (answer.count = String(answer.count))],
      ['a fraction', (answer) => (answer.count += 0.5)],
    ])('a count that is %s', async (_what, change) => {
      const error = await errorAt(call, place, { body: changed(place, change) })

      expectError(error, 'APIServerError')
    })

    test('an empty list with a count', async () => {
      const error = await errorAt(call, place, { body: changed(place, (answer) => (answer.results = [])) })

      expectError(error, 'APIServerError')
    })

    test('an item that comes twice', async () => {
      const twice = (answer) => {
        answer.results = [answer.results[0], answer.results[0]]
        answer.count = 2
      }

      const error = await errorAt(call, place, { body: changed(place, twice) })

      expectError(error, 'APIServerError')
    })

    test.each([
      ['leads back to the same page', () => `${places[place].path}?page=1`],
      ['is the URL of another host', () => `${elsewhere.apiBase}${places[place].path}?page=2`],
      [
        'begins with the name of another host',
        () => `//${new URL(elsewhere.url).host}${places[place].path}?page=2`,
      ],
      ['makes the API base a user name', () => `@${new URL(elsewhere.url).host}${places[place].path}?page=2`],
      ['continues the host name', () => `.${new URL(elsewhere.url).host}${places[place].path}?page=2`],
      ['is another path', () => '/v1/profile?page=2'],
      ['is another list', () => `/v1/${place === 'secrets' ? 'environments' : 'secrets'}?page=2`],
      ['climbs up', () => `${places[place].path}/../profile?page=2`],
      ['has a second line', () => `${places[place].path}?page=2\r\nhost: elsewhere`],
      ['is a number', () => 2],
      ['is empty', () => ''],
    ])('a next page that %s', async (_what, next) => {
      await elsewhere.reset()
      // Room for an item on the page that is refused.
      const change = (answer) => Object.assign(answer, { next: next(), count: answer.count + 1 })

      const error = await errorAt(call, place, { body: changed(place, change) })

      expectError(error, 'APIServerError')
      expect(await elsewhere.requests()).toEqual([])
      const paths = (await faulty.requests()).map((request) => request.path)
      expect(new Set(paths)).toEqual(new Set(['/v1/profile', places[place].path]))
    })

    test('an item under the name of another', async () => {
      const [hash, name] = place === 'secrets' ? ['secret_hash', 'key'] : ['hash', 'name']
      const renamed = (answer) => (answer.results[0][name] = seal(projectKey, 'ANOTHER'))
      const rehashed = (answer) => answer.results.forEach((item) => (item[hash] = 'x'.repeat(43)))

      expectError(await errorAt(call, place, { body: changed(place, renamed) }), 'IntegrityError')
      expectError(await errorAt(call, place, { body: changed(place, rehashed) }), 'APIServerError')
    })

    test('two pages that go in a circle', async () => {
      const page = (number) => `${places[place].path}?page=${number}`
      const leadingTo = (number) =>
        changed(place, (answer) => Object.assign(answer, { next: page(number), results: [], count: 9 }))
      await faulty.reset([
        { path: places[place].path, times: 1, body: leadingTo(2) },
        { path: places[place].path, times: 1, body: leadingTo(3) },
        { path: places[place].path, body: leadingTo(2) },
      ])
      const [verb, ...args] = places[place].call

      const error = await failure(() => call(locker(), verb, ...args))

      expectError(error, 'APIServerError')
      expect((await faulty.requests()).length).toBeLessThan(10)
    })
  })

  describe('ciphertext', () => {
    const fields = [
      ['secrets', 'key'],
      ['secrets', 'value'],
      ['secrets', 'description'],
      ['environments', 'name'],
      ['environments', 'external_url'],
    ]
    /** Ways to break an EncString. */
    const breaks = [
      ['a changed iv', (sealed) => withFlippedBit(sealed, 0)],
      ['a changed ciphertext', (sealed) => withFlippedBit(sealed, 1)],
      ['a changed MAC', (sealed) => withFlippedBit(sealed, 2)],
      ['no MAC', (sealed) => sealed.split('|').slice(0, 2).join('|')],
      ['an empty MAC', (sealed) => `${sealed.split('|').slice(0, 2).join('|')}|`],
      ['type 0', (sealed) => `0.${sealed.slice(2).split('|').slice(0, 2).join('|')}`],
      ['type 1', (sealed) => `1.${sealed.slice(2)}`],
      ['plain text', () => 'plain text'],
      ['the key of somebody else', () => seal(Buffer.alloc(64, 7), VALUE)],
      ['a right MAC over no whole blocks', () => seal(projectKey, VALUE).replace(/\|[^|]+\|/, '|AAAA|')],
      [
        'a block moved to the iv, which keeps the MAC',
        (sealed) => {
          const [iv, ciphertext, mac] = parts(sealed)
          const moved = [Buffer.concat([iv, ciphertext.subarray(0, 16)]), ciphertext.subarray(16), mac]
          return `2.${moved.map((part) => part.toString('base64')).join('|')}`
        },
      ],
      ['bytes that are no UTF-8', () => seal(projectKey, Buffer.of(0xff, 0xfe))],
    ]
    const table = fields.flatMap(([place, field]) =>
      breaks.map(([what, change]) => [field, place, what, change]),
    )

    test.each(table)('%s of %s with %s', async (field, place, _what, change) => {
      const body = changed(place, ({ results }) => {
        const item = results.find((item) => !item.environment_id)
        item[field] = change(item[field])
      })

      const error = await errorAt(call, place, { body })

      expectError(error, 'IntegrityError')
      expect(error).toBeInstanceOf(lockerpm.CliRunError)
      expect(error.message).toContain(field)
    })

    test.each([
      ['null', null],
      ['empty', ''],
      ['the empty text, sealed', 'sealed'],
    ])('a value that is %s is the empty text, not the default', async (_what, value) => {
      const body = changed('secrets', ({ results }) => {
        for (const item of results) item.value = value === 'sealed' ? seal(projectKey, '') : value
      })
      await faulty.reset([{ path: '/v1/secrets', body }])

      expect(await call(locker(), 'get', 'KEY', null, DEFAULT)).toBe('')
    })

    test('one bad secret makes a list fail, rather than be shorter', async () => {
      const whole = await answerOf('/v1/secrets')
      whole.results[0].description = '0.AAAA'

      const error = await errorAt(call, 'secrets', { body: JSON.stringify(whole) }, { call: ['list'] })

      expectError(error, 'IntegrityError')
    })
  })

  describe('environments of secrets', () => {
    /** The secret of the environment dev in the answer. */
    const ofDev = ({ results }) => results.find((item) => item.environment_id)
    const ofAll = ({ results }) => results.find((item) => !item.environment_id)

    test('one of dev that says that it is of prod', async () => {
      const body = changed('secrets', (answer) => {
        ofDev(answer).environment_hash = real.environments.results[0].hash
      })

      const error = await errorAt(call, 'secrets', { body }, { call: ['get', 'KEY', 'prod', DEFAULT] })

      expectError(error, 'IntegrityError')
    })

    test('one of ALL that says that it is of prod', async () => {
      const [{ id, hash }] = real.environments.results
      const body = changed('secrets', (answer) => {
        Object.assign(ofAll(answer), { environment_id: id, environment_hash: hash })
      })

      const error = await errorAt(call, 'secrets', { body }, { call: ['get', 'KEY', 'prod', DEFAULT] })

      expectError(error, 'IntegrityError')
    })

    test('one of dev that says that it is of ALL', async () => {
      const body = changed('secrets', (answer) => {
        const item = ofDev(answer)
        Object.assign(item, { environment_id: null, environment_hash: null })
        Object.assign(answer, { results: [item], count: 1 })
      })

      const error = await errorAt(call, 'secrets', { body })

      expectError(error, 'IntegrityError')
    })
  })

  describe('project key', () => {
    const accessKey = () => accessKeyBytes(server.accessKeySecret)
    const key = (make) => changed('profile', ({ profile }) => (profile.key = make(profile.key)))

    test.each([
      ['a changed iv', () => key((sealed) => withFlippedBit(sealed, 0)), 'AuthenticationError'],
      ['a changed ciphertext', () => key((sealed) => withFlippedBit(sealed, 1)), 'AuthenticationError'],
      ['a changed MAC', () => key((sealed) => withFlippedBit(sealed, 2)), 'AuthenticationError'],
      ['32 bytes', () => key(() => seal(accessKey(), projectKey.subarray(32))), 'IntegrityError'],
      ['63 bytes', () => key(() => seal(accessKey(), projectKey.subarray(1))), 'IntegrityError'],
      [
        '65 bytes',
        () => key(() => seal(accessKey(), Buffer.concat([projectKey, Buffer.of(0)]))),
        'IntegrityError',
      ],
      ['no bytes', () => key(() => seal(accessKey(), '')), 'IntegrityError'],
      ['type 0', () => key((sealed) => `0${sealed.slice(1)}`), 'IntegrityError'],
      ['plain text', () => key(() => projectKey.toString('base64')), 'IntegrityError'],
      ['an empty text', () => key(() => ''), 'IntegrityError'],
      ['null', () => key(() => null), 'APIServerError'],
    ])('that is %s', async (_what, body, name) => {
      const error = await errorAt(call, 'profile', { body: body() })

      expectError(error, name)
    })

    test('that is another one of 64 bytes: nothing opens', async () => {
      const body = key(() => seal(accessKey(), Buffer.alloc(64, 7)))

      const error = await errorAt(call, 'profile', { body })

      expectError(error, 'IntegrityError')
    })

    test.each([
      ['null', null],
      ['a string', '1'],
      ['a fraction', 1.5],
    ])('with a project id that is %s', async (_what, projectId) => {
      const body = changed('profile', ({ profile }) => (profile.project_id = projectId))

      const error = await errorAt(call, 'profile', { body })

      expectError(error, 'APIServerError')
    })
  })

  describe('writes', () => {
    const data = { key: 'WRITTEN', value: VALUE }

    test.each([
      ['HTML', { body: '<p>Hello</p>' }, 'APIServerError'],
      ['nothing', { body: '' }, 'APIServerError'],
      ['half a body', { action: 'half', body: '{"id": "1"}' }, 'APIConnectionError'],
      ['a reset', { action: 'reset' }, 'APIConnectionError'],
    ])('answered with %s: the error says that the outcome is unknown', async (_what, fault, name) => {
      const error = await errorAt(call, 'secrets', { method: 'POST', ...fault }, { call: ['create', data] })

      expectError(error, name)
      expect(error.message).toMatch(/not known whether/)
      expect((await faulty.requests()).filter(({ method }) => method === 'POST')).toHaveLength(1)
    })

    test('a redirect of a write is not followed', async () => {
      await elsewhere.reset()
      const fault = { method: 'POST', status: 307, headers: { location: `${elsewhere.apiBase}/v1/secrets` } }

      const error = await errorAt(call, 'secrets', fault, { call: ['create', data] })

      expectError(error, 'APIServerError')
      expect(await elsewhere.requests()).toEqual([])
    })

    test('an answer with another secret is refused', async () => {
      const fault = { method: 'POST', status: 201, body: JSON.stringify(real.secrets.results[0]) }

      const error = await errorAt(call, 'secrets', fault, { call: ['create', data] })

      expectError(error, 'IntegrityError')
    })

    test('an id that would lead elsewhere is not put into an address', async () => {
      const body = changed('secrets', ({ results }) =>
        results.forEach((item) => (item.id = `../profile?${item.id}`)),
      )

      const error = await errorAt(
        call,
        'secrets',
        { body },
        { call: ['modify', 'KEY', null, { value: VALUE }] },
      )

      expectError(error, 'APIServerError')
      expect((await faulty.requests()).filter(({ method }) => method !== 'GET')).toEqual([])
    })
  })
})
