'use strict'

const {
  APIConnectionError,
  APIServerError,
  AuthenticationError,
  PermissionDeniedError,
  RateLimitError,
  ResourceNotFoundError,
  TimeoutError,
} = require('..')
const { unique, useDevServer } = require('./support/dev-server')
const { startFaultyProxy } = require('./support/faulty-proxy')
const { failure, forms } = require('./support/outcome')
const { until } = require('./support/until')

const dev = useDevServer()

const PROFILE = 'GET /v1/profile'
const SECRETS = 'GET /v1/secrets'
const ENVIRONMENTS = 'GET /v1/environments'
const REVISION_DATE = 'GET /v1/sync/revision_date'
const DELETED_ITEM_DATE = 'GET /v1/sync/deleted_item_date'
const NAME_HASH = /[?&]hash=[\w-]{43}(&|$)/

/** A secret in ALL and in an environment, and that environment. */
async function make() {
  const locker = dev.locker()
  const [key, name] = [unique('key'), unique('environment')]
  await locker.createEnvironment({ name, externalUrl: 'https://before.example' })
  await locker.create({ key, value: 'value-before' })
  await locker.create({ key, value: 'value-before, own', environmentName: name })
  return { key, name }
}

let unchanged

beforeAll(async () => {
  unchanged = await make()
})

/** Changes both behind the back of the Locker under test. */
async function change({ key, name }) {
  await dev.locker().modify(key, null, { value: 'value-after' })
  await dev.locker().modifyEnvironment(name, { externalUrl: 'https://after.example' })
}

describe.each(forms)('%s', (form, call) => {
  const get = (locker, key, options) => call(locker, 'get', key, null, undefined, options)

  /** What a read gives, in a few words, and what it sends. */
  const reads = [
    ['get', SECRETS, (locker, { key }, options) => get(locker, key, options)],
    [
      'get in an environment',
      SECRETS,
      (locker, { key, name }, options) => call(locker, 'get', key, name, undefined, options),
    ],
    ['get of what is absent', SECRETS, (locker, { key }, options) => get(locker, `${key}-absent`, options)],
    [
      'retrieve',
      SECRETS,
      async (locker, { key }, options) => (await call(locker, 'retrieve', key, null, options)).value,
    ],
    [
      'list',
      SECRETS,
      async (locker, { key }, options) =>
        (await call(locker, 'list', null, options)).filter((secret) => secret.key === key).length,
    ],
    [
      'list of an environment',
      SECRETS,
      async (locker, { name }, options) => (await call(locker, 'list', name, options)).length,
    ],
    [
      'getEnvironment',
      ENVIRONMENTS,
      async (locker, { name }, options) => (await call(locker, 'getEnvironment', name, options)).externalUrl,
    ],
    [
      'getEnvironment of what is absent',
      ENVIRONMENTS,
      (locker, { name }, options) => call(locker, 'getEnvironment', `${name}-absent`, options),
    ],
    [
      'listEnvironments',
      ENVIRONMENTS,
      async (locker, { name }, options) =>
        (await call(locker, 'listEnvironments', options)).filter((one) => one.name === name).length,
    ],
  ]

  describe('by default', () => {
    it.each(reads)('%s asks once: for the profile and for the items', async (_, request, read) => {
      const made = await make()
      const locker = dev.countedLocker()
      const first = await read(locker, made)
      expect(await dev.seen()).toEqual([PROFILE, request])
      await change(made)
      expect([await read(locker, made), await read(locker, made)]).toEqual([first, first])
      expect(await dev.seen()).toEqual([PROFILE, request])
    })

    it('get asks for its own key only', async () => {
      const { key } = await make()
      await get(dev.countedLocker(), key)
      const [, { query }] = await dev.proxy.requests()
      expect(query).toMatch(NAME_HASH)
      await dev.proxy.reset()
      await call(dev.countedLocker(), 'list')
      const [, { query: all }] = await dev.proxy.requests()
      expect(all).not.toMatch(NAME_HASH)
    })

    it('what one read has brought answers others too', async () => {
      const { key, name } = await make()
      const locker = dev.countedLocker()
      expect(await get(locker, key)).toBe('value-before')
      expect(await call(locker, 'get', key, name)).toBe('value-before, own')
      expect(await call(locker, 'get', key, unique('no-environment'))).toBe('value-before')
      expect((await call(locker, 'retrieve', key, name)).value).toBe('value-before, own')
      expect(await dev.seen()).toEqual([PROFILE, SECRETS])
    })

    it('a list answers every get, also of what is absent', async () => {
      const { key, name } = await make()
      const locker = dev.countedLocker()
      await call(locker, 'list')
      expect(await get(locker, key)).toBe('value-before')
      expect(await call(locker, 'get', key, name)).toBe('value-before, own')
      expect(await get(locker, unique('no-key'))).toBeUndefined()
      const error = await failure(() => call(locker, 'retrieve', unique('no-key')))
      expect(error).toBeInstanceOf(ResourceNotFoundError)
      expect((await call(locker, 'list', name)).map((secret) => secret.key)).toEqual([key])
      expect(await dev.seen()).toEqual([PROFILE, SECRETS])
    })

    it('a list of environments answers every getEnvironment', async () => {
      const { name } = await make()
      const locker = dev.countedLocker()
      await call(locker, 'listEnvironments')
      expect((await call(locker, 'getEnvironment', name)).name).toBe(name)
      expect(await call(locker, 'getEnvironment', unique('no-environment'))).toBeUndefined()
      expect(await dev.seen()).toEqual([PROFILE, ENVIRONMENTS])
    })

    it('each key is asked for', async () => {
      const [one, two] = [await make(), await make()]
      const locker = dev.countedLocker()
      await get(locker, one.key)
      await get(locker, two.key)
      await get(locker, one.key)
      expect(await dev.seen()).toEqual([PROFILE, SECRETS, SECRETS])
    })

    it('many names at once are read as one list', async () => {
      const { key, name } = await make()
      const locker = dev.countedLocker()
      const absent = Array.from({ length: 200 }, () => unique('no-key'))
      const values = await Promise.all([key, ...absent].map((each) => call(locker, 'get', each, name)))
      expect(values).toEqual(['value-before, own', ...absent.map(() => undefined)])
      const seen = await dev.seen()
      // The first few may have been sent off before the rest was known. A sync call is alone each time.
      if (form === 'async') expect(seen.length).toBeLessThan(absent.length / 4)
      else expect(seen).toHaveLength(2 + absent.length)
    })

    it('a few names at once are asked for', async () => {
      const made = [await make(), await make(), await make()]
      const locker = dev.countedLocker()
      await Promise.all(made.map(({ key }) => get(locker, key)))
      expect((await dev.seen()).sort()).toEqual([PROFILE, ...made.map(() => SECRETS)].sort())
    })

    it('each Locker has a cache of its own', async () => {
      const { key } = await make()
      await get(dev.countedLocker(), key)
      await get(dev.countedLocker(), key)
      expect(await dev.seen()).toEqual([PROFILE, SECRETS, PROFILE, SECRETS])
    })

    it('a failure is not kept', async () => {
      const { key } = await make()
      const locker = dev.countedLocker({ maxRetries: 0, logLevel: 0 })
      await dev.proxy.reset([{ path: '/v1/secrets', status: 500, times: 1 }])
      expect(await failure(() => get(locker, key))).toBeInstanceOf(APIServerError)
      expect(await get(locker, key)).toBe('value-before')
    })

    it.each([
      ['null', { dir: null }],
      ['undefined', { dir: undefined }],
    ])('the folder may be %s', async (_, cacheOptions) => {
      const { key } = await make()
      const locker = dev.countedLocker({ cacheOptions })
      expect([await get(locker, key), await get(locker, key)]).toEqual(['value-before', 'value-before'])
      expect(await dev.seen()).toEqual([PROFILE, SECRETS])
    })
  })

  // The ways to ask the server each time: the options of the Locker, and those of each call.
  const ways = [
    ['restTime 0 of the Locker', { cacheOptions: { restTime: 0 } }, {}],
    ['restTime 0 of the call', {}, { restTime: 0 }],
    [
      'restTime 0 of the call before that of the Locker',
      { cacheOptions: { restTime: 3600 } },
      { restTime: 0 },
    ],
    ['fetch of the Locker', { cacheOptions: { fetch: true } }, {}],
    ['fetch of the Locker, whatever its restTime', { cacheOptions: { fetch: true, restTime: 3600 } }, {}],
    ['fetch of the call', {}, { fetch: true }],
    ['fetch of the call before that of the Locker', { cacheOptions: { fetch: false } }, { fetch: true }],
    ['fetch of the call, whatever its restTime', {}, { fetch: true, restTime: 3600 }],
  ]
  describe.each(ways)('with %s', (_, options, callOptions) => {
    it.each(reads)('%s asks each time, but for the profile', async (name, request, read) => {
      const locker = dev.countedLocker(options)
      // Who has a whole list asks whether it has changed, unless a fetch is wanted.
      const fetches = options.cacheOptions?.fetch || callOptions.fetch
      const again = name.startsWith('list') && !fetches ? [DELETED_ITEM_DATE, REVISION_DATE] : [request]
      await read(locker, unchanged, callOptions)
      expect(await dev.seen()).toEqual([PROFILE, request])
      for (let count = 1; count <= 2; count++) {
        await dev.proxy.reset()
        await read(locker, unchanged, callOptions)
        expect((await dev.seen()).sort()).toEqual(again)
      }
    })

    it('sees what others have changed', async () => {
      const made = await make()
      const locker = dev.countedLocker(options)
      expect(await get(locker, made.key, callOptions)).toBe('value-before')
      await change(made)
      expect(await get(locker, made.key, callOptions)).toBe('value-after')
      const environment = await call(locker, 'getEnvironment', made.name, callOptions)
      expect(environment.externalUrl).toBe('https://after.example')
    })
  })

  it.each([
    ['restTime of the call before restTime 0 of the Locker', { restTime: 0 }, { restTime: 3600 }],
    ['fetch: false of the call before fetch of the Locker', { fetch: true }, { fetch: false }],
  ])('%s answers from memory', async (_, cacheOptions, options) => {
    const { key } = await make()
    const locker = dev.countedLocker({ cacheOptions })
    expect([await get(locker, key, options), await get(locker, key, options)]).toEqual([
      'value-before',
      'value-before',
    ])
    expect(await dev.seen()).toEqual([PROFILE, SECRETS])
  })

  it('what fetch has brought answers the calls after it', async () => {
    const made = await make()
    const locker = dev.countedLocker()
    expect(await get(locker, made.key)).toBe('value-before')
    await change(made)
    expect(await get(locker, made.key)).toBe('value-before')
    expect(await get(locker, made.key, { fetch: true })).toBe('value-after')
    expect(await get(locker, made.key)).toBe('value-after')
    expect(await dev.seen()).toEqual([PROFILE, SECRETS, SECRETS])
  })

  it('asks again when restTime is over', async () => {
    const made = await make()
    const locker = dev.countedLocker({ cacheOptions: { restTime: 0.2 } })
    expect(await get(locker, made.key)).toBe('value-before')
    await change(made)
    await until(async () => (await get(locker, made.key)) === 'value-after')
  })

  describe('a write', () => {
    /** `[what, the write, what it makes the Locker ask for again]` */
    const writes = [
      ['create', (locker) => call(locker, 'create', { key: unique('key'), value: 'a' }), SECRETS],
      ['modify', (locker, { key }) => call(locker, 'modify', key, null, { value: 'b' }), SECRETS],
      [
        'createEnvironment',
        (locker) => call(locker, 'createEnvironment', { name: unique('environment'), externalUrl: 'a' }),
        ENVIRONMENTS,
      ],
      [
        'modifyEnvironment',
        (locker, { name }) => call(locker, 'modifyEnvironment', name, { externalUrl: 'b' }),
        ENVIRONMENTS,
      ],
    ]

    async function readAll(locker, { key, name }) {
      await get(locker, key)
      await call(locker, 'list')
      await call(locker, 'getEnvironment', name)
      await call(locker, 'listEnvironments')
    }

    it.each(writes)('forgets what was read: %s', async (_, write, request) => {
      const made = await make()
      const locker = dev.countedLocker()
      await readAll(locker, made)
      await write(locker, made)
      await dev.proxy.reset()
      await readAll(locker, made)
      expect(await dev.seen()).toContain(request)
    })

    it.each(writes)('forgets what was read though it fails: %s', async (_, write, request) => {
      const made = await make()
      const locker = dev.countedLocker({ logLevel: 0 })
      await readAll(locker, made)
      for (const fault of [{ action: 'reset' }, { status: 500 }]) {
        await dev.proxy.reset(['POST', 'PUT'].map((method) => ({ ...fault, method })))
        await failure(() => write(locker, made))
        await dev.proxy.reset()
        await readAll(locker, made)
        expect(await dev.seen()).toContain(request)
      }
    })

    it('looks at what the server has, not at what was read', async () => {
      const { key } = await make()
      const locker = dev.countedLocker()
      expect(await get(locker, `${key}-new`)).toBeUndefined()
      await dev.locker().create({ key: `${key}-new`, value: 'of another' })
      await call(locker, 'modify', `${key}-new`, null, { value: 'ours' })
      expect(await get(dev.locker(), `${key}-new`)).toBe('ours')
    })
  })

  describe('staleIfError', () => {
    const cacheOptions = { restTime: 0, staleIfError: 3600 }
    const outages = [
      ['a reset', { action: 'reset' }, APIConnectionError, 'http_error', 503],
      ['no answer', { action: 'stall' }, TimeoutError, 'http_error', 503],
      ['a 500', { status: 500 }, APIServerError, 'server_error', 500],
      ['a 503', { status: 503, body: '<html>' }, APIServerError, 'server_error', 503],
    ]

    /** A Locker that has read everything, and then finds the server in trouble. */
    async function inTrouble(faults, options, made = unchanged) {
      const records = []
      const logger = (record) => records.push(record)
      const locker = dev.countedLocker({ cacheOptions, maxRetries: 0, logger, ...options })
      for (const [, , read] of reads) await read(locker, made)
      await dev.proxy.reset(faults)
      return { locker, made, records }
    }

    it.each(outages)('answers from memory in case of %s, and warns once', async (_, fault) => {
      const { locker, made, records } = await inTrouble([fault], { timeoutMs: 1000 })
      expect(await get(locker, made.key)).toBe('value-before')
      expect(await get(locker, made.key)).toBe('value-before')
      expect(records).toEqual([expect.objectContaining({ level: 'warn' })])
      // The next outage is another one.
      await dev.proxy.reset()
      await get(locker, made.key)
      await dev.proxy.reset([fault])
      await get(locker, made.key)
      expect(records.map(({ level }) => level)).toEqual(['warn', 'warn'])
      expect(JSON.stringify(records)).not.toContain('value-before')
    })

    it.each(reads)('serves %s', async (_name, _request, read) => {
      const { locker, made, records } = await inTrouble([])
      const before = await read(locker, made)
      await dev.proxy.reset([{ action: 'reset' }])
      expect(await read(locker, made)).toEqual(before)
      expect(await dev.seen()).not.toEqual([])
      expect(records.map(({ level }) => level)).toEqual(['warn'])
    })

    it('serves when nothing listens any more', async () => {
      const own = await startFaultyProxy({ upstream: dev.server.apiBase })
      const locker = dev.locker({ apiBase: own.apiBase, cacheOptions, maxRetries: 0, logLevel: 0 })
      expect(await get(locker, unchanged.key)).toBe('value-before')
      await own.stop()
      expect(await get(locker, unchanged.key)).toBe('value-before')
      expect(await failure(() => get(locker, 'never-read'))).toBeInstanceOf(APIConnectionError)
    })

    it('tries again first', async () => {
      const { locker, made } = await inTrouble([{ status: 503 }], { maxRetries: 1, logLevel: 0 })
      expect(await get(locker, made.key)).toBe('value-before')
      // Two small calls are under way, and the first that fails twice ends the other.
      expect((await dev.seen()).length).toBeGreaterThan(2)
    })

    it('gives the truth again as soon as the server does', async () => {
      const { locker, made } = await inTrouble([{ action: 'reset' }], { logLevel: 0 }, await make())
      await change(made)
      expect(await get(locker, made.key)).toBe('value-before')
      await dev.proxy.reset()
      expect(await get(locker, made.key)).toBe('value-after')
    })

    it.each(outages)('is off by default: %s', async (_, fault, Class, code, statusCode) => {
      const options = { cacheOptions: { restTime: 0 }, logLevel: 0, timeoutMs: 1000 }
      const { locker, made } = await inTrouble([fault], options)
      const error = await failure(() => get(locker, made.key))
      expect(error).toBeInstanceOf(Class)
      expect(error).toMatchObject({ code, statusCode })
    })

    it('has nothing to say of what was not read', async () => {
      const { key } = await make()
      const locker = dev.countedLocker({ cacheOptions, maxRetries: 0, logLevel: 0 })
      await get(locker, unique('no-key'))
      await dev.proxy.reset([{ action: 'reset' }])
      const error = await failure(() => call(locker, 'get', key, null, 'a default'))
      expect(error).toBeInstanceOf(APIConnectionError)
      expect(error).toMatchObject({ code: 'http_error', statusCode: 503 })
    })

    it('has nothing to say after a write', async () => {
      const { locker, made } = await inTrouble([], { logLevel: 0 }, await make())
      await call(locker, 'modify', made.key, null, { value: 'value-after' })
      await dev.proxy.reset([{ action: 'reset' }])
      const error = await failure(() => get(locker, made.key))
      expect(error).toBeInstanceOf(APIConnectionError)
    })

    it('ends when the answer is too old', async () => {
      const old = { restTime: 0, staleIfError: 0.2 }
      const { locker, made } = await inTrouble([{ action: 'reset' }], { cacheOptions: old, logLevel: 0 })
      let error
      await until(async () => {
        error = await get(locker, made.key).then(
          () => undefined,
          (error) => error,
        )
        return error !== undefined
      })
      expect(error).toBeInstanceOf(APIConnectionError)
    })

    it.each([
      ['a 401', { status: 401 }, AuthenticationError, 'unauthorized', 401],
      ['a 403', { status: 403 }, PermissionDeniedError, 'permission_denied', 403],
      ['a 404', { status: 404 }, ResourceNotFoundError, 'not_found', 404],
      ['a 429', { status: 429 }, RateLimitError, 'rate_limit', 429],
    ])('does not stand in for %s', async (_, fault, Class, code, statusCode) => {
      const { locker, made } = await inTrouble([fault], { logLevel: 0 })
      const error = await failure(() => call(locker, 'get', made.key, null, 'a default'))
      expect(error).toBeInstanceOf(Class)
      expect(error).toMatchObject({ code, statusCode })
    })

    it.each([
      [401, AuthenticationError],
      [403, PermissionDeniedError],
    ])('is over after a %i, also when the server cannot be reached then', async (status, Class) => {
      const { locker, made } = await inTrouble([{ status, times: 1 }, { action: 'reset' }], { logLevel: 0 })
      expect(await failure(() => get(locker, made.key))).toBeInstanceOf(Class)
      for (const [, , read] of reads) {
        expect(await failure(() => read(locker, made))).toBeInstanceOf(APIConnectionError)
      }
    })
  })

  describe('a refusal clears what was read', () => {
    /** `[where it comes from, the call]` */
    const refused = [
      ['a read of secrets', (locker, { key }) => get(locker, key, { fetch: true })],
      ['a read of environments', (locker) => call(locker, 'listEnvironments', { fetch: true })],
      ['create', (locker) => call(locker, 'create', { key: unique('key'), value: 'a' })],
      ['modify', (locker, { key }) => call(locker, 'modify', key, null, { value: 'a' })],
      [
        'createEnvironment',
        (locker) => call(locker, 'createEnvironment', { name: unique('environment'), externalUrl: 'a' }),
      ],
      [
        'modifyEnvironment',
        (locker, { name }) => call(locker, 'modifyEnvironment', name, { externalUrl: 'a' }),
      ],
    ]

    const readAgain = reads.filter(([name]) => /^(get|list|getEnvironment|listEnvironments)$/.test(name))

    describe.each(refused)('a 401 of %s', (_, refusedCall) => {
      it.each(readAgain)('%s', async (_, request, read) => {
        const locker = dev.countedLocker({ logLevel: 0 })
        for (const [, , read] of readAgain) await read(locker, unchanged)
        await dev.proxy.reset([{ status: 401 }])
        const error = await failure(() => refusedCall(locker, unchanged))
        expect(error).toBeInstanceOf(AuthenticationError)
        expect(error).toMatchObject({ code: 'unauthorized', statusCode: 401 })
        expect(await failure(() => read(locker, unchanged))).toBeInstanceOf(AuthenticationError)
      })
    })

    describe.each(refused.slice(2))('a 401 of %s, of the write itself', (_, refusedCall) => {
      it.each(readAgain)('%s', async (_, request, read) => {
        const locker = dev.countedLocker({ logLevel: 0 })
        for (const [, , read] of readAgain) await read(locker, unchanged)
        await dev.proxy.reset(['POST', 'PUT'].map((method) => ({ method, status: 401 })))
        expect(await failure(() => refusedCall(locker, unchanged))).toBeInstanceOf(AuthenticationError)
        await dev.proxy.reset([{ status: 401 }])
        expect(await failure(() => read(locker, unchanged))).toBeInstanceOf(AuthenticationError)
      })
    })

    it('and a key that is good again works', async () => {
      const { key } = unchanged
      const locker = dev.countedLocker({ logLevel: 0 })
      await get(locker, key)
      await dev.proxy.reset([{ status: 401, times: 1 }])
      expect(await failure(() => get(locker, key, { fetch: true }))).toBeInstanceOf(AuthenticationError)
      expect(await get(locker, key)).toBe('value-before')
      expect(await dev.seen()).toEqual([SECRETS, PROFILE, SECRETS])
    })
  })
})
