'use strict'

/** Lists that become others while they are read. Their secrets are opened and handed over while more of them come. */

const { createHash } = require('node:crypto')

const { Locker } = require('..')
const { startFaultyProxy } = require('./support/faulty-proxy')
const { failure, forms } = require('./support/outcome')
const { accessKeyBytes, open, seal } = require('./support/sealing')
const { credentials, startServer } = require('./support/server')
const { until } = require('./support/until')

const PATH = '/v1/secrets'
/** More than are handed over at a time. */
const MANY = 1200

let server, faulty, profile, projectKey

beforeAll(async () => {
  server = await startServer()
  faulty = await startFaultyProxy({ upstream: server.apiBase })
  const headers = { authorization: `Bearer ${server.accessKeyId}` }
  profile = await (await fetch(`${server.apiBase}/v1/profile`, { headers })).json()
  projectKey = open(accessKeyBytes(server.accessKeySecret), profile.profile.key)
})

afterAll(() => Promise.all([server?.stop(), faulty?.stop()]))

const locker = () => new Locker({ ...credentials(server), apiBase: faulty.apiBase, logLevel: 0 })

/** Secrets as a server has them, sealed with `key`. */
function items(names, key = projectKey) {
  return names.map((name) => ({
    id: `id of ${name}`,
    project_id: profile.profile.project_id,
    environment_id: null,
    environment_hash: null,
    environment_name: '',
    secret_hash: hash(name),
    key: seal(key, name),
    value: seal(key, `value of ${name}`),
    description: '',
    creation_date: 1,
    revision_date: 1,
    updated_date: 1,
  }))
}

const hash = (name) => createHash('sha256').update(`${profile.profile.project_id}${name}`).digest('base64url')
const names = (prefix, count) => Array.from({ length: count }, (_, number) => `${prefix}_${number}`)
const page = (results, { count = results.length, next = null, revision = 1 } = {}) =>
  JSON.stringify({ count, next, previous: null, revision_date: revision, results })

describe.each(forms)('%s', (_form, call) => {
  const list = async () => (await call(locker(), 'list')).map(({ key, value }) => [key, value])
  const valuesOf = (keys) => keys.map((key) => [key, `value of ${key}`])

  test('a list that changes between two pages is the one that is read in the end', async () => {
    const before = { count: 2 * MANY, next: `${PATH}?page=2` }
    await faulty.reset([
      { path: PATH, times: 1, body: page(items(names('BEFORE', MANY)), before) },
      { path: PATH, times: 1, body: page(items(names('LATER', MANY)), { count: 2 * MANY, revision: 2 }) },
      { path: PATH, body: page(items(names('AFTER', MANY)), { revision: 2 }) },
    ])

    expect(await list()).toEqual(valuesOf(names('AFTER', MANY)))
  })

  test('a list that becomes empty is empty', async () => {
    const before = { count: 2 * MANY, next: `${PATH}?page=2` }
    await faulty.reset([
      { path: PATH, times: 1, body: page(items(names('BEFORE', MANY)), before) },
      { path: PATH, body: page([], { revision: 2 }) },
    ])

    expect(await list()).toEqual([])
  })

  test('a list whose key is rotated is read again with the new key', async () => {
    const rotatedKey = Buffer.alloc(64, 7)
    const rotated = structuredClone(profile)
    rotated.profile.key = seal(accessKeyBytes(server.accessKeySecret), rotatedKey)
    const mixed = [...items(names('BEFORE', MANY)), ...items(['ROTATED'], rotatedKey)]
    await faulty.reset([
      { path: '/v1/profile', times: 1, body: JSON.stringify(profile) },
      { path: '/v1/profile', body: JSON.stringify(rotated) },
      { path: PATH, times: 1, body: page(mixed) },
      { path: PATH, body: page(items(names('AFTER', MANY), rotatedKey)) },
    ])

    expect(await list()).toEqual(valuesOf(names('AFTER', MANY)))
  })

  test('every date is its own, also where some are equal or unknown', async () => {
    const dates = [
      [1.5, 1.5, 1.5],
      [1.5, 2.5, 2.5],
      [1.5, 2.5, 1.5],
      [null, null, null],
      [null, 1.5, null],
      [1.5, null, 1.5],
      [3, 3, 4],
    ]
    const dated = items(names('KEY', dates.length)).map((item, at) => {
      const [creation_date, revision_date, updated_date] = dates[at]
      return { ...item, creation_date, revision_date, updated_date }
    })
    await faulty.reset([{ path: PATH, body: page(dated) }])

    const secrets = await call(locker(), 'list')

    expect(secrets.map((one) => [one.creationDate, one.revisionDate, one.updatedDate])).toEqual(dates)
  })

  test('keys of every length are found in a list', async () => {
    const lengths = [1, 2, 85, 86, ...Array.from({ length: 16 }, (_, at) => 245 + at), 1000]
    const endings = ['x', '\u{e9}', '\u{4e2d}', '\u{1f600}']
    const keys = lengths.flatMap((length) => endings.map((ending) => ending.padStart(length, 'x')))
    await faulty.reset([{ path: PATH, body: page(items([...new Set(keys)])) }])
    const client = locker()
    await call(client, 'list')
    await faulty.reset([{ path: PATH, status: 403, body: '{}' }])

    for (const key of keys) expect(await call(client, 'get', key)).toBe(`value of ${key}`)
  })

  test('a list whose last secret was altered is no list', async () => {
    const altered = items(names('KEY', MANY))
    altered.at(-1).value = seal(Buffer.alloc(64, 7), 'altered')
    await faulty.reset([{ path: PATH, body: page(altered) }])

    const error = await failure(list)

    expect(error.name).toBe('IntegrityError')
  })

  test('a list whose last page does not come is no list', async () => {
    const first = { count: MANY + 1, next: `${PATH}?page=2` }
    await faulty.reset([
      { path: PATH, times: 1, body: page(items(names('KEY', MANY)), first) },
      { path: PATH, status: 403, body: '{}' },
    ])

    const error = await failure(list)

    expect(error.name).toBe('PermissionDeniedError')
  })
})

test('a list that is given up while it comes gives nothing', async () => {
  await faulty.reset([
    {
      path: PATH,
      times: 1,
      body: page(items(names('KEY', MANY)), { count: MANY + 1, next: `${PATH}?page=2` }),
    },
    { path: PATH, action: 'stall' },
  ])
  const giveUp = new AbortController()
  const listing = failure(() => locker().list(null, { signal: giveUp.signal }))
  await until(async () => (await faulty.requests()).length === 3)
  giveUp.abort(new Error('enough'))

  expect(await listing).toEqual(new Error('enough'))
})
