'use strict'

const { Locker, LogLevel } = require('..')
const { startFaultyProxy } = require('./support/faulty-proxy')
const { failure, forms } = require('./support/outcome')
const { runFixture } = require('./support/run-fixture')
const { credentials, startServer } = require('./support/server')

const VALUE = 'the-value-that-no-log-may-show'
const METHODS = ['debug', 'error', 'info', 'log', 'trace', 'warn']

let server, faulty, printed

beforeAll(async () => {
  server = await startServer()
  faulty = await startFaultyProxy({ upstream: server.apiBase })
  const made = new Locker(credentials(server))
  await made.createEnvironment({ name: 'prod', externalUrl: 'https://prod.example' })
  await made.create({ key: 'KEY', value: VALUE, environmentName: 'prod' })
})

afterAll(() => Promise.all([server?.stop(), faulty?.stop()]))

beforeEach(() => {
  printed = []
  for (const method of METHODS) {
    jest.spyOn(console, method).mockImplementation((...args) => printed.push([method, ...args]))
  }
})

afterEach(() => jest.restoreAllMocks())

/** A locker that calls through the faulty proxy, with `faults`, and the records of its log. */
async function recorded(options, faults = []) {
  await faulty.reset(faults)
  const records = []
  const logger = (record) => records.push(record)
  const made = new Locker({
    ...credentials(server),
    apiBase: faulty.apiBase,
    maxRetries: 0,
    logger,
    ...options,
  })
  return { made, records }
}

const failing = { path: '/v1/secrets', status: 500, headers: { 'x-request-id': 'the-id' }, body: '<p>no</p>' }

describe.each(forms)('%s', (_form, call) => {
  describe('the console', () => {
    const onConsole = (options, faults) => recorded({ logger: undefined, ...options }, faults)

    test('is left alone by calls that succeed', async () => {
      const { made } = await onConsole()

      await call(made, 'get', 'KEY', 'prod')
      await call(made, 'list')
      await call(made, 'listEnvironments')
      await call(made, 'modify', 'KEY', 'prod', { value: VALUE, environmentName: 'prod' })
      await call(made, 'get', 'ABSENT', null, 'default')

      expect(printed).toEqual([])
    })

    test('gets one line for a call that fails', async () => {
      const { made } = await onConsole({}, [failing])

      const error = await failure(() => call(made, 'get', 'KEY', 'prod'))

      expect(printed).toEqual([['error', `[lockerpm] get: ${error.message}`]])
    })

    test('gets requests at DEBUG', async () => {
      const { made } = await onConsole({ logLevel: LogLevel.DEBUG })

      await call(made, 'get', 'KEY', 'prod')

      expect(printed).toEqual([
        ['debug', expect.stringMatching(/^\[lockerpm\] GET \/v1\/profile: 200/)],
        ['debug', expect.stringMatching(/^\[lockerpm\] GET \/v1\/secrets: 200/)],
      ])
    })

    test('gets nothing if there is a logger', async () => {
      const { made, records } = await recorded({ logLevel: LogLevel.DEBUG }, [failing])

      await failure(() => call(made, 'get', 'KEY', 'prod'))

      expect(records).not.toEqual([])
      expect(printed).toEqual([])
    })
  })

  describe('levels', () => {
    test('NONE says nothing, whatever happens', async () => {
      const { made, records } = await recorded({ logLevel: LogLevel.NONE, unsafe: true }, [failing])

      await failure(() => call(made, 'get', 'KEY', 'prod'))
      await call(made, 'listEnvironments')

      expect(records).toEqual([])
      expect(printed).toEqual([])
    })

    test.each([[LogLevel.ERROR], [undefined]])('%p says once that a call failed', async (logLevel) => {
      const { made, records } = await recorded({ logLevel }, [failing])

      await call(made, 'listEnvironments')
      expect(records).toEqual([])
      const error = await failure(() => call(made, 'get', 'KEY', 'prod'))

      expect(records).toEqual([{ level: 'error', message: `get: ${error.message}`, code: 'server_error' }])
    })

    test('ERROR says once that a call failed that was tried several times', async () => {
      const { made, records } = await recorded({ maxRetries: 2 }, [failing])

      await failure(() => call(made, 'get', 'KEY', 'prod'))

      expect(records).toHaveLength(1)
      expect((await faulty.requests()).filter(({ path }) => path === '/v1/secrets')).toHaveLength(3)
    })

    test.each([
      ['an absent secret', ['retrieve', 'ABSENT']],
      ['a key that is taken', ['create', { key: 'KEY', value: VALUE, environmentName: 'prod' }]],
      ['an unusable argument', ['create', { key: '', value: VALUE }]],
    ])(
      'ERROR says nothing of an answer to the question that was asked: %s',
      async (_what, [verb, ...args]) => {
        const { made, records } = await recorded()

        await failure(() => call(made, verb, ...args))

        expect(records).toEqual([])
      },
    )

    test('DEBUG says which requests were made', async () => {
      const { made, records } = await recorded({ logLevel: LogLevel.DEBUG })

      await call(made, 'get', 'KEY', 'prod')

      const request = {
        level: 'debug',
        method: 'GET',
        statusCode: 200,
        durationMs: expect.any(Number),
        attempt: 1,
        requestId: expect.stringMatching(/^[0-9a-f-]{36}$/),
      }
      expect(records).toEqual([
        { ...request, path: '/v1/profile', message: expect.stringContaining('GET /v1/profile') },
        { ...request, path: '/v1/secrets', message: expect.stringContaining('GET /v1/secrets') },
      ])
      for (const { durationMs } of records) expect(durationMs).toBeGreaterThan(0)
    })

    test('DEBUG counts the attempts, and says so if no answer came', async () => {
      const faults = [
        { path: '/v1/secrets', action: 'reset', times: 1 },
        { ...failing, times: 1 },
      ]
      const { made, records } = await recorded({ logLevel: LogLevel.DEBUG, maxRetries: 2 }, faults)

      expect(await call(made, 'get', 'KEY', 'prod')).toBe(VALUE)

      const attempts = records.filter(({ path }) => path === '/v1/secrets')
      expect(attempts.map(({ attempt, statusCode, requestId }) => [attempt, statusCode, requestId])).toEqual([
        [1, undefined, undefined],
        [2, 500, 'the-id'],
        [3, 200, expect.any(String)],
      ])
    })

    test('DEBUG shows writes', async () => {
      const { made, records } = await recorded({ logLevel: LogLevel.DEBUG })

      const { id } = await call(made, 'modify', 'KEY', 'prod', { value: VALUE, environmentName: 'prod' })

      expect(records.at(-1)).toMatchObject({
        method: 'PUT',
        path: `/v1/secrets/${id}`,
        statusCode: 200,
        attempt: 1,
      })
    })
  })

  test('the cache is silent', async () => {
    const { made, records } = await recorded({ logLevel: LogLevel.DEBUG })
    await call(made, 'get', 'KEY', 'prod')
    const before = records.length

    await call(made, 'get', 'KEY', 'prod')

    expect(records).toHaveLength(before)
  })

  test('records hold no value, no secret and no query', async () => {
    const { made, records } = await recorded({ logLevel: LogLevel.DEBUG, headers: { 'x-own': VALUE } })

    await call(made, 'list')
    await call(made, 'get', 'KEY', 'prod')
    await call(made, 'modify', 'KEY', 'prod', { value: VALUE, environmentName: 'prod' })
    await failure(() => call(made, 'create', { key: 'KEY', value: VALUE, environmentName: 'prod' }))
    await faulty.reset([failing])
    await failure(() => call(made, 'get', 'OTHER', 'prod', VALUE))

    const text = JSON.stringify(records)
    expect(text).toContain('/v1/secrets')
    expect(text).toContain('server_error')
    for (const forbidden of [VALUE, server.accessKeySecret, 'hash=', '?'])
      expect(text).not.toContain(forbidden)
  })

  describe('a logger that throws', () => {
    test('changes neither a value nor an error, and is told of', async () => {
      const emitWarning = jest.spyOn(process, 'emitWarning').mockImplementation(() => {})
      const logger = () => {
        throw new Error('the logger is broken')
      }
      const { made } = await recorded({ logLevel: LogLevel.DEBUG, logger })

      expect(await call(made, 'get', 'KEY', 'prod')).toBe(VALUE)
      await faulty.reset([failing])
      const error = await failure(() => call(made, 'get', 'KEY', 'prod', 'default', { fetch: true }))

      expect(error.code).toBe('server_error')
      expect(emitWarning).toHaveBeenCalledWith(
        expect.stringContaining('the logger is broken'),
        'LockerWarning',
      )
    })

    test('does not keep later records from it', async () => {
      jest.spyOn(process, 'emitWarning').mockImplementation(() => {})
      const seen = []
      const logger = ({ path }) => {
        seen.push(path)
        throw path
      }
      const { made } = await recorded({ logLevel: LogLevel.DEBUG, logger })

      await call(made, 'get', 'KEY', 'prod')

      expect(seen).toEqual(['/v1/profile', '/v1/secrets'])
    })
  })

  test('a logger may use the locker', async () => {
    const seen = []
    const logger = ({ path }) => {
      seen.push(path)
      if (path === '/v1/secrets') made.listEnvironmentsSync()
    }
    const { made } = await recorded({ logLevel: LogLevel.DEBUG, logger })

    expect(await call(made, 'get', 'KEY', 'prod')).toBe(VALUE)

    expect(seen).toEqual(['/v1/profile', '/v1/secrets', '/v1/environments'])
  })

  test('two Lockers share neither level nor logger', async () => {
    const loud = await recorded({ logLevel: LogLevel.DEBUG })
    const quiet = await recorded({ logLevel: LogLevel.ERROR })

    await Promise.all([call(loud.made, 'list'), call(quiet.made, 'list')])
    expect(loud.records).toHaveLength(2)
    expect(quiet.records).toEqual([])

    await faulty.reset([failing])
    await failure(() => call(quiet.made, 'list', null, { fetch: true }))
    expect(loud.records).toHaveLength(2)
    expect(quiet.records).toHaveLength(1)
  })
})

describe('when records come', () => {
  test('a sync call delivers them before it returns', async () => {
    const { made, records } = await recorded({ logLevel: LogLevel.DEBUG })

    made.getSync('KEY', 'prod')

    expect(records).toHaveLength(2)
  })

  test('a sync call delivers them before it throws', async () => {
    const { made, records } = await recorded({}, [failing])
    let seenByCatch

    try {
      made.getSync('KEY', 'prod')
    } catch {
      seenByCatch = records.length
    }

    expect(seenByCatch).toBe(1)
  })

  test('an async call delivers its request while it is still waiting for the next', async () => {
    let seen
    const profileSeen = new Promise((resolve) => (seen = resolve))
    const logger = ({ path }) => path === '/v1/profile' && seen()
    const { made } = await recorded({ logLevel: LogLevel.DEBUG, logger }, [
      { path: '/v1/secrets', action: 'stall' },
    ])
    const controller = new AbortController()

    const call = failure(() => made.get('KEY', 'prod', undefined, { signal: controller.signal }))
    await profileSeen
    controller.abort()

    expect((await call).name).toBe('AbortError')
  })
})

test('logging keeps neither a process alive nor a Locker in memory', async () => {
  const { code, output } = await runFixture('lifetime.js', {
    input: credentials(server),
    nodeOptions: ['--expose-gc'],
  })

  expect(output).toEqual({ made: 50, collected: 50, records: 150 })
  expect(code).toBe(0)
})
