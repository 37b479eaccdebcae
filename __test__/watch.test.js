'use strict'

/** `locker.watch`: what changed is told, outages are survived, and nothing is kept alive. */

const { AuthenticationError, ValidationError } = require('..')
const { unique, useDevServer } = require('./support/dev-server')
const { failure } = require('./support/outcome')
const { runFixture } = require('./support/run-fixture')
const { credentials } = require('./support/server')
const { until } = require('./support/until')

const dev = useDevServer()

const intervalMs = 10
const NOTHING = { added: [], changed: [], removed: [] }
const place = (key, environmentName = null) => ({ key, environmentName })

/** Waits until a Locker looks again, so that it knows what was there and tells what changes from now on. */
async function looked() {
  await until(async () => (await dev.seen()).includes('GET /v1/sync/revision_date'))
}

/** A watch that has looked, in both forms: `next` waits for the next changes. */
const watches = [
  [
    'iterated',
    async (locker, options) => {
      const watch = locker.watch({ intervalMs, ...options })
      await looked()
      return { watch, next: async () => (await watch.next()).value }
    },
  ],
  [
    'with a listener',
    async (locker, options) => {
      const told = []
      const watch = locker.watch((changes) => told.push(changes), { intervalMs, ...options })
      await looked()
      return { watch, next: async () => (await until(() => told.length > 0), told.shift()) }
    },
  ],
]

describe.each(watches)('%s', (_, start) => {
  let watch
  afterEach(() => watch?.stop())

  async function started(options) {
    const begun = await start(dev.countedLocker({ maxRetries: 0, logLevel: 0 }), options)
    watch = begun.watch
    return begun.next
  }

  it('tells what is added and changed', async () => {
    const [environment, key] = [unique('environment'), unique('key')]
    await dev.locker().createEnvironment({ name: environment, externalUrl: '' })
    const next = await started()
    await dev.locker().create({ key, value: 'a', environmentName: environment })
    expect(await next()).toEqual({ ...NOTHING, added: [place(key, environment)] })
    await dev.locker().modify(key, environment, { value: 'b', environmentName: environment })
    expect(await next()).toEqual({ ...NOTHING, changed: [place(key, environment)] })
  })

  it('tells of a move as removed here and added there', async () => {
    const [environment, key] = [unique('environment'), unique('key')]
    await dev.locker().createEnvironment({ name: environment, externalUrl: '' })
    await dev.locker().create({ key, value: 'a', environmentName: environment })
    const next = await started()
    await dev.locker().modify(key, environment, { value: 'a' })
    expect(await next()).toEqual({ ...NOTHING, added: [place(key)], removed: [place(key, environment)] })
  })

  it('tells of a deletion', async () => {
    const key = unique('key')
    await dev.locker().create({ key, value: 'a' })
    const next = await started()
    const page = await dev.answer('/v1/secrets')
    const left = page.results.slice(0, -1)
    await dev.proxy.reset([
      { path: '/v1/sync/deleted_item_date', body: String(page.revision_date + 1) },
      { path: '/v1/secrets', body: JSON.stringify({ ...page, count: left.length, results: left }) },
    ])
    expect(await next()).toEqual({ ...NOTHING, removed: [place(key)] })
  })

  it('tells after an outage what changed during it', async () => {
    const key = unique('key')
    const next = await started()
    await dev.proxy.reset([{ action: 'reset' }])
    await until(async () => (await dev.seen()).length > 4)
    await dev.locker().create({ key, value: 'a' })
    await dev.proxy.reset()
    expect(await next()).toEqual({ ...NOTHING, added: [place(key)] })
  })

  it('costs two small calls while nothing changes', async () => {
    await started()
    await dev.proxy.reset()
    await until(async () => (await dev.seen()).length >= 6)
    expect(new Set(await dev.seen())).toEqual(
      new Set(['GET /v1/sync/revision_date', 'GET /v1/sync/deleted_item_date']),
    )
  })

  it('asks no more once it is stopped', async () => {
    await started()
    watch.stop()
    // What is under way when it is stopped may still arrive; after another round trip nothing does.
    await dev.countedLocker().list()
    await dev.proxy.reset()
    for (let count = 0; count < 20; count++) await dev.locker({ cacheOptions: { restTime: 0 } }).list()
    expect(await dev.seen()).toEqual([])
    expect(await watch.next()).toEqual({ done: true, value: undefined })
  })
})

it('logs an outage once', async () => {
  const records = []
  const locker = dev.countedLocker({ maxRetries: 0, logger: (record) => records.push(record) })
  const watch = locker.watch(() => {}, { intervalMs })
  await looked()
  await dev.proxy.reset([{ action: 'reset' }])
  await until(async () => (await dev.seen()).length > 6)
  watch.stop()
  expect(records.filter(({ level }) => level === 'error')).toHaveLength(1)
})

describe('an error that will not pass', () => {
  it('ends an iteration', async () => {
    const watch = dev.countedLocker({ logLevel: 0 }).watch({ intervalMs })
    await looked()
    await dev.proxy.reset([{ status: 401 }])
    expect(await failure(() => watch.next())).toBeInstanceOf(AuthenticationError)
    expect(await watch.next()).toEqual({ done: true, value: undefined })
  })

  it('is given to onError', async () => {
    const errors = []
    const options = { intervalMs, onError: (error) => errors.push(error) }
    dev.countedLocker({ logLevel: 0 }).watch(() => {}, options)
    await looked()
    await dev.proxy.reset([{ status: 401 }])
    await until(() => errors.length > 0)
    expect(errors).toEqual([expect.any(AuthenticationError)])
  })
})

describe('a signal', () => {
  it('ends an iteration with its reason', async () => {
    const [controller, reason] = [new AbortController(), new Error('enough')]
    const watch = dev.countedLocker().watch({ intervalMs, signal: controller.signal })
    const next = failure(() => watch.next())
    await looked()
    controller.abort(reason)
    expect(await next).toBe(reason)
  })

  it('ends a watch with a listener quietly', async () => {
    const [controller, errors] = [new AbortController(), []]
    const options = { intervalMs, signal: controller.signal, onError: (error) => errors.push(error) }
    const watch = dev.countedLocker().watch(() => {}, options)
    await looked()
    controller.abort()
    expect(await watch.next()).toEqual({ done: true, value: undefined })
    expect(errors).toEqual([])
  })

  it('that has aborted keeps a watch from starting', async () => {
    const reason = new Error('enough')
    const watch = () => dev.countedLocker().watch({ signal: AbortSignal.abort(reason) })
    expect(await failure(watch)).toBe(reason)
    expect(await dev.seen()).toEqual([])
  })
})

it('is left by leaving the loop', async () => {
  const key = unique('key')
  const watch = dev.countedLocker().watch({ intervalMs })
  await looked()
  await dev.locker().create({ key, value: 'a' })
  for await (const changes of watch) {
    expect(changes.added).toEqual([place(key)])
    break
  }
  expect(await watch.next()).toEqual({ done: true, value: undefined })
})

it('does not keep a process alive', async () => {
  const { code, output } = await runFixture('watch.js', { input: credentials(dev.server) })
  expect([code, output]).toEqual([0, 'watching'])
})

it.each([
  ['an interval that is no number', { intervalMs: '10' }, 'intervalMs'],
  ['no interval', { intervalMs: 0 }, 'intervalMs'],
  ['an interval beyond what timers know', { intervalMs: 2 ** 31 }, 'intervalMs'],
  ['NaN', { intervalMs: NaN }, 'intervalMs'],
  ['a signal that is none', { signal: {} }, 'signal'],
  ['an onError that is no function', { onError: 'log' }, 'onError'],
  ['options that are none', 'options', 'options'],
])('refuses %s', async (_, options, field) => {
  const error = await failure(() => dev.countedLocker().watch(options))
  expect(error).toBeInstanceOf(ValidationError)
  expect(error.field).toBe(field)
  expect(await dev.seen()).toEqual([])
})
