'use strict'

const { once } = require('node:events')
const path = require('node:path')
const { Worker } = require('node:worker_threads')

const { Locker } = require('..')
const { startFaultyProxy } = require('./support/faulty-proxy')
const { meet } = require('./support/meet')
const { failure } = require('./support/outcome')
const { runFixture } = require('./support/run-fixture')
const { credentials, startServer } = require('./support/server')

const VALUE = 'value of KEY'
const FETCH = { fetch: true }
const MAX_GROWTH = 20 * 1024 * 1024
const keys = ['KEY', ...Array.from({ length: 19 }, (_, number) => `KEY_${number}`)]

let server

beforeAll(async () => {
  server = await startServer()
  const locker = new Locker(credentials(server))
  await Promise.all(keys.map((key) => locker.create({ key, value: `value of ${key}` })))
})

afterAll(() => server?.stop())

const fixture = (name) => path.join(__dirname, 'fixtures', name)

describe('threads', () => {
  test('8 with 1,000 calls each, sync and async, from the cache and the server', async () => {
    const input = { options: credentials(server), workers: 8, calls: 1000, keys }

    const { code, signal, output, stderr } = await runFixture('many-workers.js', { input })

    expect(output).toEqual(Array(8).fill({ right: 1000, exit: 0 }))
    expect({ code, signal, stderr }).toEqual({ code: 0, signal: null, stderr: '' })
  })

  test('that are terminated with calls under way leave the process healthy', async () => {
    const input = { options: credentials(server), workers: 4 }

    const { code, signal, output, stderr } = await runFixture('terminated-workers.js', { input })

    expect(output).toEqual({ exits: [1, 1, 1, 1], values: [VALUE, VALUE] })
    expect({ code, signal, stderr }).toEqual({ code: 0, signal: null, stderr: '' })
  })

  test('that have an environment of their own read that one', async () => {
    const { accessKeyId, accessKeySecret, apiBase } = server
    const env = {
      LOCKER_ACCESS_KEY_ID: accessKeyId,
      LOCKER_ACCESS_KEY_SECRET: accessKeySecret,
      LOCKER_API_BASE: apiBase,
      LOCKER_CACHE_DIR: 'none',
    }
    const worker = new Worker(fixture('from-env.worker.js'), { env })

    const [values] = await once(worker, 'message')

    expect(values).toEqual([VALUE, VALUE])
    expect(process.env.LOCKER_ACCESS_KEY_ID).not.toBe(accessKeyId)
    await worker.terminate()
  })

  test('two in sync calls at once', async () => {
    const calls = 200
    const gate = new Int32Array(new SharedArrayBuffer(4))
    const locker = new Locker(credentials(server))
    const worker = new Worker(fixture('sync.worker.js'), {
      workerData: { options: credentials(server), calls, gate },
      env: { ...process.env, LOCKER_CACHE_DIR: 'none' },
    })
    const theirs = once(worker, 'message')

    meet(gate)
    const ours = Array.from({ length: calls }, () => locker.getSync('KEY', null, undefined, FETCH))

    expect(ours).toEqual(Array(calls).fill(VALUE))
    expect(await theirs).toEqual([ours])
  })
})

describe('a sync call', () => {
  test('works while async calls of the same Locker are under way', async () => {
    const locker = new Locker(credentials(server))
    const underWay = Array.from({ length: 50 }, () => locker.get('KEY', null, undefined, FETCH))

    const values = Array.from({ length: 50 }, () => locker.getSync('KEY', null, undefined, FETCH))

    expect(values).toEqual(Array(50).fill(VALUE))
    expect(await Promise.all(underWay)).toEqual(values)
  })

  test('does not wait for async calls that get no answer', async () => {
    const faulty = await startFaultyProxy({
      upstream: server.apiBase,
      faults: [{ path: '/v1/environments', action: 'stall' }],
    })
    const locker = new Locker({ ...credentials(server), apiBase: faulty.apiBase })
    const controllers = Array.from({ length: 20 }, () => new AbortController())
    const stalled = controllers.map(({ signal }) =>
      failure(() => locker.listEnvironments({ ...FETCH, signal })),
    )

    expect(locker.getSync('KEY')).toBe(VALUE)

    for (const controller of controllers) controller.abort()
    const errors = await Promise.all(stalled)
    expect(errors.map(({ name }) => name)).toEqual(Array(20).fill('AbortError'))
    await faulty.stop()
  })

  test('can be made while an async call is given up', async () => {
    const locker = new Locker(credentials(server))
    const controller = new AbortController()
    const given = failure(() => locker.get('KEY', null, undefined, { signal: controller.signal }))
    controller.abort()

    expect(locker.getSync('KEY')).toBe(VALUE)

    expect((await given).name).toBe('AbortError')
  })
})

describe('a process', () => {
  test('keeps its memory over 10,000 calls', async () => {
    const input = { options: credentials(server), keys, warmUp: 2000, calls: 10_000 }

    const { output } = await runFixture('memory.js', { input, nodeOptions: ['--expose-gc'] })

    expect(output.before).toBeGreaterThan(0)
    expect(output.growth).toBeLessThan(MAX_GROWTH)
  })

  test('leaves at once with calls under way', async () => {
    const { code, signal, output, stderr } = await runFixture('exit.js', { input: credentials(server) })

    expect({ code, signal, output, stderr }).toEqual({ code: 7, signal: null, output: 'leaving', stderr: '' })
  })
})
