'use strict'

/** After `restTime`, small calls tell whether anything changed, and only what changed is fetched. */

const { unique, useDevServer } = require('./support/dev-server')
const { forms } = require('./support/outcome')

const dev = useDevServer()

const SMALL_CALLS = ['GET /v1/sync/deleted_item_date', 'GET /v1/sync/revision_date']
const ASK = { restTime: 0 }

/** The requests since the last reset: what was asked, and from which revision date on. */
async function sent() {
  const requests = await dev.proxy.requests()
  return {
    paths: requests.map(({ method, path }) => `${method} ${path}`).sort(),
    since: requests
      .map(({ query }) => new URLSearchParams(query).get('revision_date'))
      .filter((date) => date !== null)
      .map(Number),
  }
}

/** Some secrets, and a Locker that has listed them. */
async function listed(call) {
  const keys = [unique('key'), unique('key'), unique('key')]
  for (const key of keys) await dev.locker().create({ key, value: 'before' })
  const locker = dev.countedLocker()
  await call(locker, 'list')
  await dev.proxy.reset()
  return { keys, locker }
}

describe.each(forms)('%s', (_, call) => {
  const get = (locker, key, env) => call(locker, 'get', key, env, undefined, ASK)

  it('sends nothing but small calls when nothing changed', async () => {
    const { keys, locker } = await listed(call)
    expect(await get(locker, keys[0])).toBe('before')
    expect(await sent()).toEqual({ paths: SMALL_CALLS, since: [] })
    await dev.proxy.reset()
    expect((await call(locker, 'list', null, ASK)).map(({ key }) => key)).toEqual(
      expect.arrayContaining(keys),
    )
    expect(await sent()).toEqual({ paths: SMALL_CALLS, since: [] })
  })

  it('rests again once it has asked', async () => {
    const { keys, locker } = await listed(call)
    await get(locker, keys[0])
    await dev.proxy.reset()
    expect(await call(locker, 'get', keys[1])).toBe('before')
    expect(await sent()).toEqual({ paths: [], since: [] })
  })

  it('fetches only what changed', async () => {
    const { keys, locker } = await listed(call)
    const added = unique('key')
    const name = unique('environment')
    await dev.locker().createEnvironment({ name, externalUrl: '' })
    await dev.locker().create({ key: added, value: 'added' })
    await dev.locker().modify(keys[0], null, { value: 'after' })
    await dev.locker().modify(keys[1], null, { value: 'moved', environmentName: name })
    await dev.proxy.reset()

    expect(await get(locker, keys[0])).toBe('after')
    const { paths, since } = await sent()
    expect(paths).toEqual(['GET /v1/secrets', ...SMALL_CALLS])
    expect(since).toEqual([expect.any(Number)])
    expect(since[0]).toBeGreaterThan(0)

    await dev.proxy.reset()
    expect(await call(locker, 'get', added)).toBe('added')
    expect(await call(locker, 'get', keys[1])).toBeUndefined()
    expect(await call(locker, 'get', keys[1], name)).toBe('moved')
    expect(await call(locker, 'get', keys[2])).toBe('before')
    const secrets = await call(locker, 'list')
    expect(new Set(secrets.map(({ id }) => id)).size).toBe(secrets.length)
    expect(await sent()).toEqual({ paths: [], since: [] })
  })

  it('fetches everything when something was deleted', async () => {
    const { keys, locker } = await listed(call)
    const page = await dev.answer('/v1/secrets')
    const [deleted] = page.results.filter(({ id }) => id === page.results.at(-1).id)
    const left = {
      ...page,
      count: page.count - 1,
      results: page.results.filter(({ id }) => id !== deleted.id),
    }
    await dev.proxy.reset([
      { path: '/v1/sync/deleted_item_date', body: String(Date.now() / 1000 + 1) },
      { path: '/v1/secrets', body: JSON.stringify(left) },
    ])
    expect(await get(locker, keys[2])).toBeUndefined()
    expect(await sent()).toEqual({ paths: ['GET /v1/secrets', ...SMALL_CALLS], since: [0] })
    // The same date again says that nothing more was deleted.
    await dev.proxy.reset([{ path: '/v1/sync/deleted_item_date', body: String(Date.now() / 1000 - 10) }])
    expect(await get(locker, keys[0])).toBe('before')
  })

  it('does the same for environments', async () => {
    const name = unique('environment')
    await dev.locker().createEnvironment({ name, externalUrl: 'https://before.example' })
    const locker = dev.countedLocker()
    await call(locker, 'listEnvironments')
    await dev.proxy.reset()
    expect((await call(locker, 'getEnvironment', name, ASK)).externalUrl).toBe('https://before.example')
    expect(await sent()).toEqual({ paths: SMALL_CALLS, since: [] })
    await dev.locker().modifyEnvironment(name, { externalUrl: 'https://after.example' })
    await dev.proxy.reset()
    expect((await call(locker, 'getEnvironment', name, ASK)).externalUrl).toBe('https://after.example')
    expect((await sent()).paths).toEqual(['GET /v1/environments', ...SMALL_CALLS])
  })

  it('asks for everything when a fetch is wanted', async () => {
    const { keys, locker } = await listed(call)
    await call(locker, 'list', null, { fetch: true })
    expect(await sent()).toEqual({ paths: ['GET /v1/secrets'], since: [0] })
    expect(await call(locker, 'get', keys[0])).toBe('before')
  })
})

it('shares what it asks among many keys at once', async () => {
  const { keys, locker } = await listed((target, verb) => target[verb]())
  const many = Array.from(
    { length: 100 },
    (_, index) => keys[index % keys.length] + (index > 50 ? '-absent' : ''),
  )
  const values = await Promise.all(many.map((key) => locker.get(key, null, 'absent', ASK)))
  expect(new Set(values)).toEqual(new Set(['before', 'absent']))
  const { paths } = await sent()
  expect([...new Set(paths)]).toEqual(SMALL_CALLS)
  // A get that begins after an answer has come asks again, as it was told to.
  expect(paths.length).toBeLessThan(many.length)
})
