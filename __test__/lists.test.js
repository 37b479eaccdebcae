'use strict'

/** Lists that become others while they are read. Their secrets are opened and handed over while more of them come. */

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
    secret_hash: `hash of ${name}`,
    key: seal(key, name),
    value: seal(key, `value of ${name}`),
    description: '',
    creation_date: 1,
    revision_date: 1,
    updated_date: 1,
  }))
}

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
