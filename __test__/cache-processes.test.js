'use strict'

const { spawn, spawnSync } = require('node:child_process')
const { once } = require('node:events')
const { randomInt } = require('node:crypto')
const { existsSync, readdirSync } = require('node:fs')
const path = require('node:path')
const { setTimeout: sleep } = require('node:timers/promises')

const { useCacheFolder } = require('./support/cache-folder')
const { useDevServer } = require('./support/dev-server')
const { runFixture } = require('./support/run-fixture')
const { startFixture } = require('./support/start-fixture')
const { until } = require('./support/until')

const dev = useDevServer()

const KILLS = process.env.LOCKER_TEST_LONG ? 1000 : 20
const PROCESSES = 50
const LONG_TEST_MS = 60 * 60 * 1000

/** Processes that the test has started. Those that a failure has left are ended after it. */
let started = []

afterEach(async () => {
  await Promise.all(started.map((one) => one.kill()))
  started = []
})

// After that, so that nobody uses the folder any more when it is removed.
const folder = useCacheFolder()

async function start(name, input) {
  const one = await startFixture(name, input)
  started.push(one)
  return one
}

const options = (overrides, cacheOptions) => ({
  accessKeyId: dev.server.accessKeyId,
  accessKeySecret: dev.server.accessKeySecret,
  apiBase: dev.server.apiBase,
  maxRetries: 0,
  ...overrides,
  cacheOptions: { dir: folder.dir, ...cacheOptions },
})

/** A process that is killed early may not have made the folder. */
const filesThatEndWith = (ending) =>
  existsSync(folder.dir) ? readdirSync(folder.dir).filter((name) => name.endsWith(ending)) : []

describe('kill -9 of a process that uses the cache', () => {
  const MAX_LIFE_MS = 60
  const canLock = process.platform === 'linux' && spawnSync('flock', ['--version']).status === 0
  const values = Array.from({ length: 6 }, (_, number) => [`KILLED_${number}`, `${number}`.repeat(3000)])
  const keys = values.map(([key]) => key)

  beforeAll(async () => {
    const locker = dev.locker()
    await Promise.all(values.map(([key, value]) => locker.create({ key, value })))
  })

  /** The locks that somebody holds. */
  const held = () =>
    filesThatEndWith('.lock').filter(
      (name) => spawnSync('flock', ['--nonblock', path.join(folder.dir, name), 'true']).status !== 0,
    )

  it(
    `while it writes: the next process reads the right values, ${KILLS} times`,
    async () => {
      const calls = [
        ...keys.map((key) => ['get', key]),
        // Takes both locks: the one to ask, and the one to save.
        ['get', keys[0], null, null, { restTime: 0 }],
        ['get', keys[1]],
      ]
      const expected = calls.map(([, key]) => ({ value: Object.fromEntries(values)[key] }))
      let next = start('write-cache.js', { options: options(), keys })
      for (let count = 0; count < KILLS; count++) {
        const victim = await next
        await sleep(randomInt(MAX_LIFE_MS))
        expect(await victim.kill()).toEqual({ code: null, signal: 'SIGKILL', stderr: '', messages: [] })
        started = []
        if (canLock) expect(held()).toEqual([])

        const child = await runFixture('reads.js', { input: { options: options(), calls } })

        expect(child).toMatchObject({ code: 0, stderr: '' })
        const { outcomes, records } = child.output
        expect(outcomes).toEqual(expected)
        // Whatever is in the file is whole.
        expect(records.filter(({ method }) => method === undefined)).toEqual([])
        expect(filesThatEndWith('.tmp')).toEqual([])
        expect(filesThatEndWith('.vault')).toHaveLength(1)
        next = start('write-cache.js', { options: options(), keys })
      }
      await (await next).kill()
    },
    LONG_TEST_MS,
  )

  it('one that is asking the server leaves its turn to the next', async () => {
    const input = { options: options({ apiBase: dev.proxy.apiBase }), key: keys[0] }
    await dev.proxy.reset([{ path: '/v1/secrets', action: 'stall', times: 1 }])
    const victim = await start('get-on-signal.js', input)
    victim.send('go')
    await until(async () => (await dev.seen()).includes('GET /v1/secrets'))
    if (canLock) expect(held()).toEqual([expect.stringMatching(/\.refresh\.lock$/)])
    await victim.kill()
    if (canLock) expect(held()).toEqual([])

    const calls = [['get', keys[0]]]
    const { output } = await runFixture('reads.js', { input: { ...input, calls } })

    expect(output.outcomes).toEqual([{ value: values[0][1] }])
  })

  it('one that is asking the server, and gets no answer, does not hold others up for ever', async () => {
    const input = { options: options({ apiBase: dev.proxy.apiBase }), key: keys[0] }
    await dev.proxy.reset([{ path: '/v1/secrets', action: 'stall', times: 1 }])
    const stalled = await start('get-on-signal.js', input)
    stalled.send('go')
    await until(async () => (await dev.seen()).includes('GET /v1/secrets'))

    const calls = [['get', keys[0]]]
    const { output } = await runFixture('reads.js', { input: { ...input, calls } })

    expect(output.outcomes).toEqual([{ value: values[0][1] }])
    expect(stalled.messages).toEqual([])
  })

  const withLocks = canLock ? it : it.skip
  withLocks('the search for locks that are held finds one', async () => {
    await dev.locker({ cacheOptions: { dir: folder.dir } }).get(keys[0])
    expect(held()).toEqual([])
    const [name] = filesThatEndWith('.lock')
    const holder = spawn('flock', [path.join(folder.dir, name), 'cat'], {
      stdio: ['pipe', 'pipe', 'inherit'],
    })
    try {
      // It answers as soon as it has the lock.
      holder.stdin.write('.')
      await once(holder.stdout, 'data')
      expect(held()).toEqual([name])
    } finally {
      holder.stdin.end()
      await once(holder, 'exit')
    }
    expect(held()).toEqual([])
  })
})

describe(`${PROCESSES} processes at once`, () => {
  it('on a cold cache make one refresh', async () => {
    await dev.locker().create({ key: 'SHARED', value: 'of all' })
    const input = { options: options({ apiBase: dev.proxy.apiBase }), key: 'SHARED' }
    const processes = await Promise.all(
      Array.from({ length: PROCESSES }, () => start('get-on-signal.js', input)),
    )
    await dev.proxy.reset()

    for (const one of processes) one.send('go')

    const outcomes = await Promise.all(processes.map(({ exit }) => exit))
    const messages = [{ value: 'of all' }]
    expect(outcomes).toEqual(processes.map(() => ({ code: 0, signal: null, stderr: '', messages })))
    expect(await dev.seen()).toEqual(['GET /v1/profile', 'GET /v1/secrets'])
  })

  it(
    'read nothing that was not current within restTime, while half of them write',
    async () => {
      const REST_TIME_MS = 500
      /** Two readings of a clock that tells whole milliseconds may be so far off. */
      const TICK_MS = 2
      const OPERATIONS = process.env.LOCKER_TEST_LONG ? 200 : 10
      const keys = Array.from({ length: PROCESSES / 2 }, (_, number) => `COUNTER_${number}`)
      const locker = dev.locker()
      await Promise.all(keys.map((key) => locker.create({ key, value: '0' })))
      const processes = await Promise.all(
        Array.from({ length: PROCESSES }, (_, number) =>
          start('mixed-process.js', {
            options: options({}, { restTime: REST_TIME_MS / 1000 }),
            own: keys[number],
            keys: keys.slice(0, 5),
            operations: OPERATIONS,
            seed: number + 1,
          }),
        ),
      )

      for (const one of processes) one.send('go')

      const outcomes = await Promise.all(processes.map(({ exit }) => exit))
      expect(outcomes).toEqual(
        processes.map(() => ({ code: 0, signal: null, stderr: '', messages: [expect.anything()] })),
      )
      const reads = outcomes.flatMap(({ messages: [{ reads }] }) => reads)
      const writes = outcomes.flatMap(({ messages: [{ writes }] }) => writes)
      expect(reads).toHaveLength(PROCESSES * OPERATIONS)
      expect(writes.length).toBeGreaterThan(PROCESSES)

      // `history.get(key)[n]` is the write of the value n; 0 was there before all.
      const history = new Map(keys.map((key) => [key, [{ value: 0, started: 0, ended: 0 }]]))
      for (const write of writes) history.get(write.key).push(write)
      for (const [key, made] of history) {
        expect([key, made.map(({ value }) => value)]).toEqual([key, [...made.keys()]])
      }
      const wrong = reads.filter(({ key, value, isOwn, started, ended }) => {
        const made = history.get(key)
        if (!made[value] || made[value].started > ended) return true
        const successor = made[value + 1]
        if (successor === undefined) return false
        // What the same Locker has written is seen at once; everything else when restTime is over.
        const since = isOwn ? started : started - REST_TIME_MS
        return successor.ended < since - TICK_MS
      })
      expect(wrong).toEqual([])
      const last = await Promise.all(keys.map((key) => dev.locker().get(key)))
      expect(last.map(Number)).toEqual(keys.map((key) => history.get(key).length - 1))
    },
    LONG_TEST_MS,
  )
})
