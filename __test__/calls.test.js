'use strict'

const { getEventListeners } = require('node:events')
const { inspect } = require('node:util')

const {
  APIConnectionError,
  APIServerError,
  AuthenticationError,
  LockerError,
  PermissionDeniedError,
  RateLimitError,
  ResourceNotFoundError,
  TimeoutError,
  ValidationError,
} = require('..')
const { unique, useDevServer } = require('./support/dev-server')
const { failure, forms } = require('./support/outcome')
const { runFixture } = require('./support/run-fixture')
const { credentials } = require('./support/server')
const { until } = require('./support/until')

const dev = useDevServer()

const PROFILE = 'GET /v1/profile'
const SECRETS = 'GET /v1/secrets'
const OUTCOME_UNKNOWN = /not known/i
const STALL = [{ action: 'stall' }]

/** Each verb with arguments that are in order; the options of the call come behind them. */
const verbs = [
  ['list', [null]],
  ['get', ['a key', null, 'a default']],
  ['retrieve', ['a key', null]],
  ['create', [{ key: 'a key', value: 'a value' }]],
  ['modify', ['a key', null, { value: 'a value' }]],
  ['listEnvironments', []],
  ['getEnvironment', ['an environment']],
  ['createEnvironment', [{ name: 'an environment', externalUrl: 'https://a.example' }]],
  ['modifyEnvironment', ['an environment', { externalUrl: 'https://a.example' }]],
]

/** A Locker whose calls go wrong on purpose, and that has opened the project. */
async function opened(faults, options) {
  const locker = dev.countedLocker({ logLevel: 0, ...options })
  await locker.listEnvironments()
  await dev.proxy.reset(faults)
  return locker
}

const listeners = (signal) => getEventListeners(signal, 'abort').length

describe('signal', () => {
  const reasons = [
    ['an error', new Error('given up')],
    ['an object', { given: 'up' }],
    ['a text', 'given up'],
    ['null', null],
    ['zero', 0],
    ['false', false],
  ]

  describe.each(forms)('aborted before (%s)', (_, call) => {
    it.each(verbs)('%s is refused with the reason, and nothing is sent', async (verb, args) => {
      const reason = new Error('given up')
      const signal = AbortSignal.abort(reason)
      expect(await failure(() => call(dev.countedLocker(), verb, ...args, { signal }))).toBe(reason)
      expect(await dev.seen()).toEqual([])
      expect(listeners(signal)).toBe(0)
    })

    it.each(reasons)('takes any reason: %s', async (_, reason) => {
      const signal = AbortSignal.abort(reason)
      expect(await failure(() => call(dev.countedLocker(), 'list', null, { signal }))).toBe(reason)
      expect(await dev.seen()).toEqual([])
    })

    it('gives an AbortError if no reason was given', async () => {
      const signal = AbortSignal.abort()
      const error = await failure(() => call(dev.countedLocker(), 'list', null, { signal }))
      expect(error).toBe(signal.reason)
      expect(error.name).toBe('AbortError')
    })
  })

  describe('aborted under way', () => {
    /** Begins a call that is never answered, and gives up when it has been sent; gives what the call gives. */
    async function giveUp(controller, reason, verb, args) {
      await dev.proxy.reset(STALL)
      const outcome = failure(() => dev.countedLocker()[verb](...args, { signal: controller.signal }))
      await until(async () => (await dev.seen()).length > 0)
      controller.abort(...reason)
      return outcome
    }

    it.each(verbs)('%s rejects with the reason', async (verb, args) => {
      const controller = new AbortController()
      const reason = new Error('given up')
      expect(await giveUp(controller, [reason], verb, args)).toBe(reason)
      expect(listeners(controller.signal)).toBe(0)
      expect(await dev.seen()).toEqual([PROFILE])
    })

    it.each(reasons)('takes any reason: %s', async (_, reason) => {
      expect(await giveUp(new AbortController(), [reason], 'list', [null])).toBe(reason)
    })

    it('gives an AbortError if no reason was given', async () => {
      const controller = new AbortController()
      const error = await giveUp(controller, [], 'list', [null])
      expect(error).toBe(controller.signal.reason)
      expect(error.name).toBe('AbortError')
    })

    it('takes AbortSignal.timeout', async () => {
      await dev.proxy.reset(STALL)
      const signal = AbortSignal.timeout(50)
      const error = await failure(() => dev.countedLocker().list(null, { signal }))
      expect(error).toBe(signal.reason)
      expect(error.name).toBe('TimeoutError')
      expect(error).not.toBeInstanceOf(LockerError)
    })

    it('takes AbortSignal.any', async () => {
      await dev.proxy.reset(STALL)
      const controller = new AbortController()
      const signal = AbortSignal.any([controller.signal, new AbortController().signal])
      const outcome = failure(() => dev.countedLocker().list(null, { signal }))
      await until(async () => (await dev.seen()).length > 0)
      controller.abort('given up')
      expect(await outcome).toBe('given up')
    })

    it('leaves the user their own onabort and listeners', async () => {
      await dev.proxy.reset(STALL)
      const controller = new AbortController()
      const onabort = jest.fn()
      const listener = jest.fn()
      controller.signal.onabort = onabort
      controller.signal.addEventListener('abort', listener)
      const outcome = failure(() => dev.countedLocker().list(null, { signal: controller.signal }))
      await until(async () => (await dev.seen()).length > 0)
      expect(controller.signal.onabort).toBe(onabort)
      controller.abort('given up')
      expect(await outcome).toBe('given up')
      expect([onabort.mock.calls.length, listener.mock.calls.length]).toEqual([1, 1])
    })

    it('ends all calls that share the signal, and no other', async () => {
      const stalled = dev.countedLocker()
      await dev.proxy.reset(STALL)
      const controller = new AbortController()
      const { signal } = controller
      const outcomes = Array.from({ length: 5 }, () => failure(() => stalled.list(null, { signal })))
      const other = dev.locker().get('no-such-key')
      await until(async () => (await dev.seen()).length > 0)
      controller.abort('given up')
      expect(new Set(await Promise.all(outcomes))).toEqual(new Set(['given up']))
      expect(await other).toBeUndefined()
      expect(listeners(signal)).toBe(0)
    })

    it('may be shared by many calls without a warning of a leak', async () => {
      const { output, stderr } = await runFixture('shared-signal.js', { input: credentials(dev.server) })
      expect(output).toEqual({ given: ['a default'], warnings: [] })
      expect(stderr).toBe('')
    })

    it('leaves a Locker that works', async () => {
      await dev.proxy.reset([{ action: 'stall', times: 1 }])
      const locker = dev.countedLocker()
      const controller = new AbortController()
      const outcome = failure(() => locker.get('no-such-key', null, undefined, { signal: controller.signal }))
      await until(async () => (await dev.seen()).length > 0)
      controller.abort('given up')
      expect(await outcome).toBe('given up')
      expect(await locker.get('no-such-key')).toBeUndefined()
      expect(await dev.seen()).toEqual([PROFILE, PROFILE, SECRETS])
    })
  })

  describe.each(forms)('not aborted (%s)', (_, call) => {
    it('changes nothing, and keeps no listener', async () => {
      const { signal } = new AbortController()
      const key = unique('key')
      await call(dev.locker(), 'create', { key, value: 'a value' }, { signal })
      expect(await call(dev.locker(), 'get', key, null, undefined, { signal })).toBe('a value')
      expect(
        await failure(() => call(dev.locker(), 'retrieve', unique('no-key'), null, { signal })),
      ).toBeInstanceOf(ResourceNotFoundError)
      expect(await failure(() => call(dev.locker(), 'get', '', null, undefined, { signal }))).toBeInstanceOf(
        ValidationError,
      )
      expect(listeners(signal)).toBe(0)
    })

    it('and aborted afterwards has no effect', async () => {
      const controller = new AbortController()
      expect(
        await call(dev.locker(), 'get', 'no-such-key', null, 'a default', { signal: controller.signal }),
      ).toBe('a default')
      controller.abort()
    })

    it('may be null or undefined', async () => {
      for (const signal of [null, undefined]) {
        expect(await call(dev.locker(), 'get', 'no-such-key', null, 'a default', { signal })).toBe(
          'a default',
        )
      }
    })
  })
})

describe.each(forms)('timeoutMs (%s)', (_, call) => {
  it.each(verbs)('of the call ends %s', async (verb, args) => {
    await dev.proxy.reset(STALL)
    const error = await failure(() =>
      call(dev.countedLocker({ logLevel: 0 }), verb, ...args, { timeoutMs: 150 }),
    )
    expect(error).toBeInstanceOf(TimeoutError)
    expect(error).toBeInstanceOf(APIConnectionError)
    expect(error).toMatchObject({ code: 'http_error', statusCode: 503, retryable: true })
    expect(error.message).toContain('150 ms')
    expect(await dev.seen()).toEqual([PROFILE])
  })

  it('of the Locker is the default', async () => {
    await dev.proxy.reset(STALL)
    const error = await failure(() => call(dev.countedLocker({ logLevel: 0, timeoutMs: 150 }), 'list'))
    expect(error).toBeInstanceOf(TimeoutError)
    expect(error.message).toContain('150 ms')
  })

  it('of the call comes before that of the Locker', async () => {
    const locker = dev.countedLocker({ timeoutMs: 1, logLevel: 0 })
    expect(await call(locker, 'get', 'no-such-key', null, 'a default', { timeoutMs: 30_000 })).toBe(
      'a default',
    )
  })

  it('counts until the end of the answer', async () => {
    const locker = await opened([{ action: 'drip', body: '{"count": 0' }])
    const error = await failure(() => call(locker, 'list', null, { timeoutMs: 300 }))
    expect(error).toBeInstanceOf(TimeoutError)
    expect(error).toMatchObject({ code: 'http_error', statusCode: 503 })
    expect(await dev.seen()).toEqual([SECRETS])
  })

  it('is one budget for all retries', async () => {
    const locker = await opened([{ status: 503 }], { maxRetries: 100 })
    const error = await failure(() => call(locker, 'list', null, { timeoutMs: 500 }))
    expect(error).toBeInstanceOf(LockerError)
    expect(error.statusCode).toBe(503)
    // The waits grow from 50 ms at least to 5 s, so that there is room for a few only.
    const { length } = await dev.seen()
    expect(length).toBeGreaterThan(1)
    expect(length).toBeLessThan(8)
  })

  it('that is over during a retry is a timeout', async () => {
    const locker = await opened([{ action: 'reset', times: 1 }, { action: 'stall' }])
    const error = await failure(() => call(locker, 'list', null, { timeoutMs: 500 }))
    expect(error).toBeInstanceOf(TimeoutError)
    expect(await dev.seen()).toEqual([SECRETS, SECRETS])
  })

  it('leaves a Locker that works', async () => {
    const locker = await opened([{ action: 'stall', times: 1 }])
    expect(await failure(() => call(locker, 'list', null, { timeoutMs: 100 }))).toBeInstanceOf(TimeoutError)
    expect(await call(locker, 'get', 'no-such-key', null, 'a default')).toBe('a default')
  })
})

describe.each(forms)('unusable options (%s)', (_, call) => {
  const NO_NUMBERS = [-1, NaN, Infinity, '1', 1n, true, null]
  const rows = [
    ['timeoutMs', [0, 2 ** 31, ...NO_NUMBERS]],
    ['restTime', [1e12, ...NO_NUMBERS]],
    ['fetch', ['true', 1, 0, null, {}]],
    ['signal', ['abort', 5, true, {}, { aborted: false }, new AbortController()]],
  ]
  it.each(rows)('%s', async (field, values) => {
    const locker = dev.countedLocker()
    for (const value of values) {
      const error = await failure(() => call(locker, 'get', 'a key', null, 'a default', { [field]: value }))
      expect([inspect(value), error.constructor]).toEqual([inspect(value), ValidationError])
      expect(error).toMatchObject({ code: 'validation_error', field, retryable: false })
      expect(error.message.startsWith(`${field}: `)).toBe(true)
    }
    expect(await dev.seen()).toEqual([])
  })

  it.each(verbs)('are refused by %s before anything is sent', async (verb, args) => {
    const locker = dev.countedLocker()
    for (const [options, field] of [
      ['fast', 'options'],
      [5, 'options'],
      [['fetch'], 'options'],
      [{ timeoutMs: -1 }, 'timeoutMs'],
      [{ restTime: '5' }, 'restTime'],
      [{ fetch: 'yes' }, 'fetch'],
      [{ signal: {} }, 'signal'],
    ]) {
      const error = await failure(() => call(locker, verb, ...args, options))
      expect(error).toBeInstanceOf(ValidationError)
      expect(error).toMatchObject({ code: 'validation_error', field })
    }
    expect(await dev.seen()).toEqual([])
  })
})

describe.each(forms)('retries (%s)', (_, call) => {
  const half = { action: 'half', body: '{"count": 0, "next": null, "previous": null, "results": []}' }
  const passing = [
    ['a reset', { action: 'reset' }, APIConnectionError, 'http_error', 503],
    ['an answer cut short', half, APIConnectionError, 'http_error', 503],
    ['a 500', { status: 500 }, APIServerError, 'server_error', 500],
    ['a 502', { status: 502 }, APIServerError, 'server_error', 502],
    ['a 503', { status: 503 }, APIServerError, 'server_error', 503],
    ['a 429', { status: 429 }, RateLimitError, 'rate_limit', 429],
  ]

  it.each(passing)('a read is tried again after %s', async (_, fault) => {
    const key = unique('key')
    await dev.locker().create({ key, value: 'a value' })
    for (const path of ['/v1/profile', '/v1/secrets']) {
      await dev.proxy.reset([{ ...fault, path, times: 1 }])
      expect(await call(dev.countedLocker({ logLevel: 0 }), 'get', key, null, 'a default')).toBe('a value')
      const twice = (request) => (request.endsWith(path) ? [request, request] : [request])
      expect(await dev.seen()).toEqual([PROFILE, SECRETS].flatMap(twice))
    }
  })

  it.each(passing)('none follow %s with maxRetries: 0', async (_, fault, Class, code, statusCode) => {
    const locker = await opened([{ ...fault, times: 1 }], { maxRetries: 0 })
    const error = await failure(() => call(locker, 'get', 'no-such-key', null, 'a default'))
    expect(error).toBeInstanceOf(Class)
    expect(error).toMatchObject({ code, statusCode, retryable: true })
    expect(await dev.seen()).toEqual([SECRETS])
  })

  it.each([
    ['the default, 2', {}, 3],
    ['1', { maxRetries: 1 }, 2],
    ['3', { maxRetries: 3 }, 4],
  ])('are no more than maxRetries: %s', async (_, options, count) => {
    const locker = await opened([{ action: 'reset' }], options)
    const error = await failure(() => call(locker, 'list'))
    expect(error).toBeInstanceOf(APIConnectionError)
    expect(error).toMatchObject({ code: 'http_error', statusCode: 503, retryable: true })
    expect(await dev.seen()).toEqual(Array(count).fill(SECRETS))
  })

  it.each([
    [400, LockerError, 'locker_error'],
    [401, AuthenticationError, 'unauthorized'],
    [403, PermissionDeniedError, 'permission_denied'],
    [404, ResourceNotFoundError, 'not_found'],
  ])('none follow a %i', async (status, Class, code) => {
    const locker = await opened([{ status }])
    const error = await failure(() => call(locker, 'get', 'no-such-key', null, 'a default'))
    expect(error).toBeInstanceOf(Class)
    expect(error).toMatchObject({ code, statusCode: status, retryable: false })
    expect(await dev.seen()).toEqual([SECRETS])
  })

  it.each([429, 503])('honour Retry-After of a %i', async (status) => {
    const locker = await opened([{ status, headers: { 'retry-after': '1' }, times: 1 }])
    expect(await call(locker, 'get', 'no-such-key', null, 'a default')).toBe('a default')
    expect(await dev.seen()).toEqual([SECRETS, SECRETS])
  })

  it.each([
    ['seconds', '3600', {}],
    ['seconds, beyond the budget of the call', '2', { timeoutMs: 1000 }],
  ])('do not begin to wait for a Retry-After that is too long: %s', async (_, retryAfter, options) => {
    const locker = await opened([{ status: 429, headers: { 'retry-after': retryAfter } }])
    const error = await failure(() => call(locker, 'list', null, options))
    expect(error).toBeInstanceOf(RateLimitError)
    expect(error).toMatchObject({ code: 'rate_limit', statusCode: 429, retryable: true })
    expect(error.retryAfter).toBe(Number(retryAfter))
    expect(await dev.seen()).toEqual([SECRETS])
  })

  it('do not begin to wait for a date that is too far', async () => {
    const date = new Date(Date.now() + 3_600_000).toUTCString()
    const locker = await opened([{ status: 429, headers: { 'retry-after': date } }])
    const error = await failure(() => call(locker, 'list'))
    expect(error).toBeInstanceOf(RateLimitError)
    expect(error.retryAfter).toBeGreaterThan(0)
    expect(error.retryAfter).toBeLessThanOrEqual(3600)
    expect(await dev.seen()).toEqual([SECRETS])
  })

  it('say nothing of retryAfter if the server does not', async () => {
    const locker = await opened([{ status: 429 }], { maxRetries: 0 })
    const error = await failure(() => call(locker, 'list'))
    expect(error).toBeInstanceOf(RateLimitError)
    expect(error.retryAfter).toBeUndefined()
  })

  describe('of writes', () => {
    /** `[verb, method, the arguments for a secret and an environment that exist]` */
    const writes = [
      ['create', 'POST', () => [{ key: unique('key'), value: 'a value' }]],
      ['modify', 'PUT', ({ key }) => [key, null, { value: 'another' }]],
      [
        'createEnvironment',
        'POST',
        () => [{ name: unique('environment'), externalUrl: 'https://b.example' }],
      ],
      ['modifyEnvironment', 'PUT', ({ name }) => [name, { externalUrl: 'https://b.example' }]],
    ]

    async function existing() {
      const [key, name] = [unique('key'), unique('environment')]
      await dev.locker().create({ key, value: 'a value' })
      await dev.locker().createEnvironment({ name, externalUrl: 'https://a.example' })
      return { key, name }
    }

    const sent = async (method) => (await dev.seen()).filter((request) => request.startsWith(method)).length

    describe.each(writes)('%s', (verb, method, args) => {
      it.each([
        ['a reset', { action: 'reset' }, {}, APIConnectionError],
        ['an answer cut short', { ...half, status: 201 }, {}, APIConnectionError],
        ['no answer', { action: 'stall' }, { timeoutMs: 1000 }, TimeoutError],
      ])(
        'is sent once, and says that the outcome is not known, with %s',
        async (_, fault, options, Class) => {
          const given = args(await existing())
          const locker = await opened([{ ...fault, method }], { maxRetries: 5 })
          const error = await failure(() => call(locker, verb, ...given, options))
          expect(error).toBeInstanceOf(Class)
          expect(error).toMatchObject({ code: 'http_error', statusCode: 503 })
          expect(error.message).toMatch(OUTCOME_UNKNOWN)
          expect(await sent(method)).toBe(1)
        },
      )

      it('is sent once, and says that the outcome is not known, with an answer that is no JSON', async () => {
        const given = args(await existing())
        const locker = await opened([{ method, body: '<html>' }], { maxRetries: 5 })
        const error = await failure(() => call(locker, verb, ...given))
        expect(error).toBeInstanceOf(APIServerError)
        expect(error.message).toMatch(OUTCOME_UNKNOWN)
        expect(await sent(method)).toBe(1)
      })

      it.each([
        [500, APIServerError, 'server_error'],
        [503, APIServerError, 'server_error'],
        [429, RateLimitError, 'rate_limit'],
      ])('is sent once with a %i', async (status, Class, code) => {
        const given = args(await existing())
        const fault = { method, status, headers: { 'retry-after': '0' } }
        const locker = await opened([fault], { maxRetries: 5 })
        const error = await failure(() => call(locker, verb, ...given))
        expect(error).toBeInstanceOf(Class)
        expect(error).toMatchObject({ code, statusCode: status })
        expect(await sent(method)).toBe(1)
      })

      it('tries the reads before it again', async () => {
        const given = args(await existing())
        await dev.proxy.reset([{ path: '/v1/profile', status: 503, times: 1 }])
        await call(dev.countedLocker({ logLevel: 0 }), verb, ...given)
        expect([await sent(PROFILE), await sent(method)]).toEqual([2, 1])
      })
    })
  })
})

describe('single flight', () => {
  it('makes one profile call and one read of 50 equal gets', async () => {
    const key = unique('key')
    await dev.locker().create({ key, value: 'a value' })
    const locker = dev.countedLocker()
    const values = await Promise.all(Array.from({ length: 50 }, () => locker.get(key)))
    expect(values).toEqual(Array(50).fill('a value'))
    expect(await dev.seen()).toEqual([PROFILE, SECRETS])
  })

  it.each(verbs.filter(([verb]) => /^(list|get)/.test(verb)))(
    'of 50 equal calls of %s',
    async (verb, args) => {
      const locker = dev.countedLocker()
      const given = await Promise.all(Array.from({ length: 50 }, () => locker[verb](...args)))
      for (const one of given) expect(one).toEqual(given[0])
      const path = verb.includes('Environment') ? '/v1/environments' : '/v1/secrets'
      expect(await dev.seen()).toEqual([PROFILE, `GET ${path}`])
    },
  )

  it('shares the profile among different calls', async () => {
    const locker = dev.countedLocker()
    const keys = Array.from({ length: 10 }, () => unique('no-key'))
    await Promise.all([...keys.map((key) => locker.get(key)), locker.listEnvironments()])
    const seen = await dev.seen()
    expect(seen.filter((request) => request === PROFILE)).toHaveLength(1)
    expect(seen).toHaveLength(1 + keys.length + 1)
  })

  it('gives all of them the error', async () => {
    // The second attempt comes when all of them wait for it.
    const faults = [{ status: 503, headers: { 'retry-after': '1' }, times: 1 }, { status: 500 }]
    const locker = await opened(faults, { maxRetries: 1 })
    const errors = await Promise.all(Array.from({ length: 20 }, () => failure(() => locker.get('a key'))))
    for (const error of errors) {
      expect(error).toBeInstanceOf(APIServerError)
      expect(error).toMatchObject({ code: 'server_error', statusCode: 500 })
    }
    expect(new Set(errors).size).toBe(20)
    expect(await dev.seen()).toEqual([SECRETS, SECRETS])
  })

  it.each([
    ['the first', 0],
    ['one in the middle', 5],
    ['the last', 9],
  ])('goes on for the others when %s gives up', async (_, index) => {
    const key = unique('key')
    await dev.locker().create({ key, value: 'a value' })
    // The read waits for its second attempt while one caller gives up.
    const fault = { path: '/v1/secrets', status: 503, headers: { 'retry-after': '1' }, times: 1 }
    const locker = await opened([fault])
    const controller = new AbortController()
    const calls = Array.from({ length: 10 }, (_, number) => {
      const options = number === index ? { signal: controller.signal } : {}
      return locker.get(key, null, undefined, options)
    })
    const outcomes = Promise.allSettled(calls)
    await until(async () => (await dev.seen()).length > 0)
    controller.abort('given up')
    expect(await failure(() => calls[index])).toBe('given up')
    const others = (await outcomes).filter((_, number) => number !== index)
    expect(others).toEqual(Array(9).fill({ status: 'fulfilled', value: 'a value' }))
    expect(await dev.seen()).toEqual([SECRETS, SECRETS])
  })

  it('lets no call wait for longer than its own budget, or fail with that of another', async () => {
    const key = unique('key')
    await dev.locker().create({ key, value: 'a value' })
    const fault = { path: '/v1/profile', action: 'stall', times: 1 }
    await dev.proxy.reset([fault])
    const locker = dev.countedLocker({ logLevel: 0 })
    const impatient = failure(() => locker.get(key, null, undefined, { timeoutMs: 200 }))
    await until(async () => (await dev.seen()).length > 0)
    const patient = locker.get(key)
    expect(await impatient).toBeInstanceOf(TimeoutError)
    expect(await patient).toBe('a value')
    expect(await dev.seen()).toEqual([PROFILE, PROFILE, SECRETS])
  })
})
