'use strict'

/** What goes on while a call waits, and between the calls, when nobody waits for anything. */

const { statSync } = require('node:fs')

const { useCacheFolder } = require('./support/cache-folder')
const { unique, useDevServer } = require('./support/dev-server')
const { failure } = require('./support/outcome')
const { until } = require('./support/until')

const dev = useDevServer()
const folder = useCacheFolder()

const VALUE = 'the value'
const FETCH = { fetch: true }

let locker

beforeEach(async () => {
  await dev.proxy.endConnections()
  locker = dev.countedLocker({ maxRetries: 0, logger: () => {} })
})

const calls = [
  ['getSync', () => locker.getSync('none', null, undefined, FETCH)],
  ['get', () => locker.get('none', null, undefined, FETCH)],
]

describe.each(calls)('after %s', (_, call) => {
  it('a connection that the server ends is closed here too', async () => {
    await call()
    expect(await dev.proxy.connections()).toBe(1)

    await dev.proxy.endConnections()

    expect(await dev.proxy.connections()).toBe(0)
  })

  it.each([
    ['createSync', (secret) => locker.createSync(secret)],
    ['create', (secret) => locker.create(secret)],
  ])('%s sends nothing on a connection that the server has just ended', async (__, create) => {
    const key = unique('key')
    await call()
    await dev.proxy.endConnections({ wait: false })

    expect(await create({ key, value: VALUE })).toMatchObject({ key, value: VALUE })
  })
})

it('a call that is given up closes its connection', async () => {
  await locker.get('none')
  await dev.proxy.reset([{ path: '/v1/secrets', action: 'stall' }])
  const controller = new AbortController()
  const given = failure(() => locker.get('none', null, undefined, { ...FETCH, signal: controller.signal }))
  await until(async () => (await dev.proxy.requests()).length === 1)

  controller.abort()

  expect((await given).name).toBe('AbortError')
  await until(async () => (await dev.proxy.connections()) === 0)
})

it('a sync call that runs out of time closes its connection', async () => {
  locker.getSync('none')
  await dev.proxy.reset([{ path: '/v1/secrets', action: 'stall' }])

  const error = await failure(() => locker.getSync('none', null, undefined, { ...FETCH, timeoutMs: 50 }))

  expect(error.code).toBe('http_error')
  await until(async () => (await dev.proxy.connections()) === 0)
})

it('what sync calls have read, and what is not saved at once, is saved later', async () => {
  const reader = dev.locker({ cacheOptions: { dir: folder.dir } })
  const lastSaved = () => statSync(folder.vault()).mtimeMs
  for (let read = 0; read < 20; read++) reader.getSync(unique('key'))
  const before = lastSaved()

  await until(() => lastSaved() !== before)
})

it('a sync call that waits for its answer sleeps', async () => {
  locker.getSync('none')
  await dev.proxy.reset([{ path: '/v1/secrets', action: 'stall' }])
  const before = process.cpuUsage()

  const error = await failure(() => locker.getSync('none', null, undefined, { ...FETCH, timeoutMs: 2000 }))

  const { user, system } = process.cpuUsage(before)
  expect(error.code).toBe('http_error')
  expect(user + system).toBeLessThan(1_000_000)
})
