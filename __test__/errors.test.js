'use strict'

const { once } = require('node:events')
const { readFileSync } = require('node:fs')
const path = require('node:path')
const { inspect } = require('node:util')
const vm = require('node:vm')
const { Worker } = require('node:worker_threads')

const lockerpm = require('..')
const { closedPort } = require('./support/closed-port')
const { startFaultyProxy } = require('./support/faulty-proxy')
const { failure, forms } = require('./support/outcome')
const { credentials, readOnlyCredentials, startServer } = require('./support/server')

const { Locker } = lockerpm
const VALUE = 'value-that-no-error-may-show'
const MAX_HTTP_BODY = 4096
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

let server, limited, stalling, faulty, accessKeySecret

beforeAll(async () => {
  ;[server, limited] = await Promise.all([startServer(), startServer(['dev', '--rate-limit', '1/s'])])
  faulty = await startFaultyProxy({ upstream: server.apiBase })
  stalling = await startFaultyProxy({ faults: [{ action: 'stall' }] })
  accessKeySecret = server.accessKeySecret
  await new Locker(credentials(server)).create({ key: 'TAKEN', value: VALUE })
})

afterAll(() => Promise.all([server?.stop(), limited?.stop(), faulty?.stop(), stalling?.stop()]))

function locker(options) {
  return new Locker({ ...credentials(server), maxRetries: 0, logLevel: 0, ...options })
}

/** A locker whose requests are answered by `faults`. */
async function faultyLocker(...faults) {
  await faulty.reset(faults)
  return locker({ apiBase: faulty.apiBase })
}

/** The line of the caller in this file. */
function line() {
  const [, caller] = new Error().stack.matchAll(/errors\.test\.js:(\d+)/g)
  return Number(caller[1])
}

/** One letter of the ciphertext in an EncString becomes another. */
function altered(encString) {
  const [iv, ciphertext, mac] = encString.split('|')
  return [iv, (ciphertext[0] === 'A' ? 'B' : 'A') + ciphertext.slice(1), mac].join('|')
}

async function tamperedSecrets() {
  const headers = { authorization: `Bearer ${server.accessKeyId}` }
  const page = await (await fetch(`${server.apiBase}/v1/secrets`, { headers })).json()
  for (const item of page.results) item.value = altered(item.value)
  return JSON.stringify(page)
}

const unavailable = { status: 500, headers: { 'x-request-id': 'id-of-the-request' }, body: '<h1>Oops</h1>' }

/** `[what, { make, call: [verb, ...args], name, ...fields }]`; a field of `undefined` must be absent. */
const rows = [
  [
    'a refusal that no other class describes',
    {
      make: () => locker(),
      call: ['create', { key: 'LARGE', value: VALUE.repeat(50_000) }],
      name: 'LockerError',
      code: 'locker_error',
      statusCode: 413,
      retryable: false,
      requestId: expect.stringMatching(UUID),
      httpBody: expect.stringContaining('payload_too_large'),
    },
  ],
  [
    'an unknown access key',
    {
      make: () => locker({ accessKeyId: '00000000-0000-4000-8000-000000000000' }),
      call: ['list'],
      name: 'AuthenticationError',
      code: 'unauthorized',
      statusCode: 401,
      retryable: false,
      requestId: expect.stringMatching(UUID),
      httpBody: expect.stringContaining('"unauthorized"'),
    },
  ],
  [
    'the secret of another access key',
    {
      make: () => locker({ accessKeySecret: server.readOnly.accessKeySecret }),
      call: ['get', 'TAKEN', null, 'default'],
      name: 'AuthenticationError',
      code: 'unauthorized',
      statusCode: 401,
      retryable: false,
      field: 'accessKeySecret',
      httpBody: undefined,
    },
  ],
  [
    'a write with a read-only key',
    {
      make: () => locker(readOnlyCredentials(server)),
      call: ['create', { key: 'NEW', value: VALUE }],
      name: 'PermissionDeniedError',
      code: 'permission_denied',
      statusCode: 403,
      retryable: false,
      requestId: expect.stringMatching(UUID),
      httpBody: expect.stringContaining('"permission_denied"'),
    },
  ],
  [
    'too many calls',
    {
      // The first request of the call uses up what is allowed, if it is not used up yet.
      make: () => locker(credentials(limited)),
      call: ['list'],
      name: 'RateLimitError',
      code: 'rate_limit',
      statusCode: 429,
      retryable: true,
      retryAfter: 1,
      requestId: expect.stringMatching(UUID),
      httpBody: expect.stringContaining('"rate_limit"'),
    },
  ],
  [
    'too many calls, of a server that does not say how long to wait',
    {
      make: () => faultyLocker({ status: 429 }),
      call: ['list'],
      name: 'RateLimitError',
      code: 'rate_limit',
      statusCode: 429,
      retryable: true,
      retryAfter: undefined,
      requestId: undefined,
    },
  ],
  [
    'an absent secret',
    {
      make: () => locker(),
      call: ['retrieve', 'ABSENT'],
      name: 'ResourceNotFoundError',
      code: 'not_found',
      statusCode: 404,
      retryable: false,
      message: expect.stringContaining('ABSENT'),
    },
  ],
  [
    'an address that is no API',
    {
      make: () => locker({ apiBase: `${server.url}/elsewhere` }),
      call: ['list'],
      name: 'ResourceNotFoundError',
      code: 'not_found',
      statusCode: 404,
      retryable: false,
    },
  ],
  [
    'a server that fails',
    {
      make: () => faultyLocker(unavailable),
      call: ['get', 'TAKEN', null, 'default'],
      name: 'APIServerError',
      code: 'server_error',
      statusCode: 500,
      retryable: true,
      requestId: 'id-of-the-request',
      message: expect.stringContaining('id-of-the-request'),
      httpBody: '<h1>Oops</h1>',
    },
  ],
  [
    'a server behind a gateway that fails',
    {
      make: () => faultyLocker({ ...unavailable, status: 502 }),
      call: ['list'],
      name: 'APIServerError',
      code: 'server_error',
      statusCode: 502,
      retryable: true,
      requestId: 'id-of-the-request',
    },
  ],
  [
    'a refused connection',
    {
      make: async () => locker({ apiBase: `http://127.0.0.1:${await closedPort()}` }),
      call: ['get', 'TAKEN', null, 'default'],
      name: 'APIConnectionError',
      code: 'http_error',
      statusCode: 503,
      retryable: true,
      cause: expect.any(Error),
      httpBody: undefined,
      requestId: undefined,
    },
  ],
  [
    'a connection that is reset',
    {
      make: () => faultyLocker({ action: 'reset' }),
      call: ['list'],
      name: 'APIConnectionError',
      code: 'http_error',
      statusCode: 503,
      retryable: true,
      cause: expect.any(Error),
    },
  ],
  [
    'a name that does not exist',
    {
      make: () => locker({ apiBase: 'http://locker.invalid', timeoutMs: 20_000 }),
      call: ['list'],
      name: 'APIConnectionError',
      code: 'http_error',
      statusCode: 503,
      retryable: true,
      cause: expect.any(Error),
    },
  ],
  [
    'a server that does not answer in time',
    {
      make: () => locker({ apiBase: stalling.apiBase, timeoutMs: 50 }),
      call: ['get', 'TAKEN', null, 'default'],
      name: 'TimeoutError',
      isAlso: 'APIConnectionError',
      code: 'http_error',
      statusCode: 503,
      retryable: true,
      message: expect.stringContaining('timeoutMs'),
    },
  ],
  [
    'a value that was altered on its way',
    {
      make: async () => faultyLocker({ path: '/v1/secrets', body: await tamperedSecrets() }),
      call: ['get', 'TAKEN', null, 'default'],
      name: 'IntegrityError',
      isAlso: 'CliRunError',
      code: 'cli_error',
      statusCode: undefined,
      retryable: false,
      cause: expect.any(Error),
    },
  ],
  [
    'a key that is taken',
    {
      make: () => locker(),
      call: ['create', { key: 'TAKEN', value: VALUE }],
      name: 'AlreadyExistsError',
      code: 'already_exists',
      statusCode: 409,
      retryable: false,
      requestId: expect.stringMatching(UUID),
      message: expect.stringContaining('TAKEN'),
    },
  ],
  [
    'a key that is taken, of a server that says so with another status',
    {
      make: () =>
        faultyLocker({ method: 'POST', status: 400, body: '{"message": "This secret hash already exists"}' }),
      call: ['create', { key: 'TAKEN', value: VALUE }],
      name: 'AlreadyExistsError',
      code: 'already_exists',
      statusCode: 400,
      retryable: false,
    },
  ],
  [
    'an argument of the wrong type',
    {
      make: () => locker(),
      call: ['create', { key: 'NEW', value: 42 }],
      name: 'ValidationError',
      code: 'validation_error',
      statusCode: undefined,
      retryable: false,
      field: 'value',
    },
  ],
  [
    'an argument that the core refuses',
    {
      make: () => locker(),
      call: ['get', ''],
      name: 'ValidationError',
      code: 'validation_error',
      statusCode: undefined,
      retryable: false,
      field: 'key',
    },
  ],
]

const FIELDS = [
  'code',
  'statusCode',
  'retryable',
  'message',
  'field',
  'retryAfter',
  'requestId',
  'httpBody',
  'cause',
]

describe.each(forms)('%s', (_form, call) => {
  test.each(rows)('%s', async (_what, { make, call: [verb, ...args], name, isAlso, ...expected }) => {
    const made = await make()

    const callingLine = line() + 1
    const error = await failure(() => call(made, verb, ...args))

    expect(error.name).toBe(name)
    expect(error.constructor).toBe(lockerpm[name])
    expect(error).toBeInstanceOf(lockerpm[isAlso ?? name])
    expect(error).toBeInstanceOf(lockerpm.LockerError)
    expect(error).toBeInstanceOf(Error)
    for (const field of FIELDS.filter((field) => field in expected)) {
      expect([field, error[field]]).toEqual([field, expected[field]])
      if (expected[field] === undefined) expect(error).not.toHaveProperty(field)
    }
    expect(error.userMessage).toMatch(/\w/)
    expect(error.message.startsWith(error.userMessage)).toBe(true)
    expect(Buffer.byteLength(error.httpBody ?? '')).toBeLessThanOrEqual(MAX_HTTP_BODY)
    expect(error.stack).toContain(`${__filename}:${callingLine}:`)
    const shown = inspect(error, { depth: Infinity, showHidden: true }) + JSON.stringify(error)
    expect(shown).toContain(error.code)
    for (const secret of [VALUE, accessKeySecret, limited.accessKeySecret, server.readOnly.accessKeySecret]) {
      expect(shown).not.toContain(secret)
    }
  })

  test.each([
    ['ASCII', '{"message": "no", "detail": "'.padEnd(1 << 20, 'x')],
    ['text of several bytes per character', 'xxx' + '\u{1F512}'.repeat(1 << 18)],
    ['bytes that are no text', Buffer.alloc(1 << 20, 0xff)],
  ])('the body of a refusal is capped: %s', async (_what, body) => {
    const made = await faultyLocker({ status: 500, body })

    const error = await failure(() => call(made, 'list'))

    expect(error).toBeInstanceOf(lockerpm.APIServerError)
    expect(error.httpBody.length).toBeGreaterThan(0)
    expect(Buffer.byteLength(error.httpBody)).toBeLessThanOrEqual(MAX_HTTP_BODY)
  })
})

describe('classes', () => {
  const names = Object.keys(lockerpm).filter((name) => name.endsWith('Error'))

  test.each(names)('%s can be made by hand, for the tests of an application', (name) => {
    const error = new lockerpm[name]('text', { cause: 'why', requestId: '1' })

    expect(error).toBeInstanceOf(lockerpm.LockerError)
    expect(error).toBeInstanceOf(Error)
    expect(error).toMatchObject({ name, message: 'text', userMessage: 'text', cause: 'why', requestId: '1' })
    expect(error.code).toMatch(/^[a-z_]+$/)
    expect(error.retryable).toBe(false)
    expect(String(error)).toBe(`${name}: text`)
  })

  test('a CacheError has its code; in this version nothing makes one', () => {
    expect(new lockerpm.CacheError('text')).toMatchObject({ name: 'CacheError', code: 'cache_error' })
  })

  test('a CliRunError has its code', () => {
    expect(new lockerpm.CliRunError('text')).toMatchObject({ name: 'CliRunError', code: 'cli_error' })
  })
})

describe('realms', () => {
  const NAMES = ['ValidationError', 'ResourceNotFoundError', 'ResourceNotFoundError', 'ValidationError']

  test('errors of a worker thread are instances of the classes there', async () => {
    const file = path.join(__dirname, 'fixtures/errors.worker.js')
    const env = { ...process.env, LOCKER_CACHE_DIR: 'none' }
    const worker = new Worker(file, { workerData: credentials(server), env })

    const [errors] = await once(worker, 'message')

    const right = { isOfItsClass: true, isLockerError: true, isError: true }
    expect(errors).toEqual(NAMES.map((name) => ({ name, ...right })))
    await worker.terminate()
  })

  /** Loads the package with all of its JavaScript evaluated in `context`. */
  function loadIn(context) {
    const loaded = new Map()
    const load = (file) => {
      if (!file.endsWith('.js') || file.endsWith(path.join('lib', 'native.js'))) return require(file)
      if (!loaded.has(file)) {
        const module = { exports: {} }
        loaded.set(file, module)
        const parameters = ['module', 'exports', 'require']
        const options = { parsingContext: context, filename: file }
        const body = vm.compileFunction(readFileSync(file, 'utf8'), parameters, options)
        const resolve = (name) => require.resolve(name.startsWith('.') ? path.join(file, '..', name) : name)
        body(module, module.exports, (name) =>
          name.startsWith('node:') ? require(name) : load(resolve(name)),
        )
      }
      return loaded.get(file).exports
    }
    return load(require.resolve('..'))
  }

  test('errors of a vm context are instances of the classes there', async () => {
    const context = vm.createContext({ Buffer, process, console, URL, AbortController, setTimeout })
    const inside = loadIn(context)
    const ErrorInside = vm.runInContext('Error', context)
    const options = { ...credentials(server), logLevel: 0 }
    const made = new inside.Locker(options)

    const errors = [
      await failure(() => new inside.Locker({ ...options, accessKeyId: '' })),
      await failure(() => made.retrieve('ABSENT')),
      await failure(() => made.retrieveSync('ABSENT')),
      await failure(() => made.retrieve(1)),
    ]

    expect(errors.map(({ name }) => name)).toEqual(NAMES)
    for (const error of errors) {
      expect(error instanceof inside[error.name]).toBe(true)
      expect(error instanceof inside.LockerError).toBe(true)
      expect(error instanceof ErrorInside).toBe(true)
      // The proof that this is another realm.
      expect(error instanceof lockerpm.LockerError).toBe(false)
      expect(error instanceof Error).toBe(false)
    }
  })
})
