'use strict'

const { randomBytes } = require('node:crypto')
const { once } = require('node:events')
const { readFileSync } = require('node:fs')
const net = require('node:net')
const { inspect } = require('node:util')

const {
  APIConnectionError,
  AuthenticationError,
  LockerError,
  Locker,
  LogLevel,
  ValidationError,
} = require('..')
const { unique, useDevServer } = require('./support/dev-server')
const { failure, forms } = require('./support/outcome')
const { useOwnEnvironment } = require('./support/process-env')
const { credentials, startServer } = require('./support/server')
const { version } = require('../package.json')

const dev = useDevServer()
useOwnEnvironment()

const LONE_SURROGATE = '\ud800'
const READ = ['GET /v1/profile', 'GET /v1/secrets']

/** Whether the credentials open the project. */
const opens = async (locker) => (await locker.get('no-such-key')) === undefined

describe('credentials', () => {
  it.each(['accessKeySecret', 'secretAccessKey'])('takes the secret as %s', async (name) => {
    const { accessKeyId, accessKeySecret, apiBase } = dev.server
    expect(await opens(new Locker({ accessKeyId, [name]: accessKeySecret, apiBase }))).toBe(true)
  })

  it('takes the secret under both names if they are the same', async () => {
    expect(await opens(dev.locker({ secretAccessKey: dev.server.accessKeySecret }))).toBe(true)
  })

  it('refuses two secrets, and shows neither', async () => {
    const other = dev.server.readOnly.accessKeySecret
    const error = await failure(() => dev.locker({ secretAccessKey: other }))
    expect(error).toBeInstanceOf(ValidationError)
    expect(error).toMatchObject({ code: 'validation_error', field: 'accessKeySecret' })
    expect(error.message).toMatch(/^accessKeySecret: .*secretAccessKey/)
    expect(error.message).not.toContain(other)
    expect(error.message).not.toContain(dev.server.accessKeySecret)
  })

  it('takes a secret of any length from 16 bytes up', () => {
    for (const length of [16, 17, 31, 32, 33, 64, 1000]) {
      expect(dev.locker({ accessKeySecret: randomBytes(length).toString('base64') })).toBeInstanceOf(Locker)
    }
  })
})

describe('the environment', () => {
  function setVariables(secrets) {
    const { accessKeyId, apiBase } = dev.server
    Object.assign(process.env, { LOCKER_ACCESS_KEY_ID: accessKeyId, LOCKER_API_BASE: apiBase, ...secrets })
  }

  it.each(['LOCKER_ACCESS_KEY_SECRET', 'LOCKER_SECRET_ACCESS_KEY'])(
    'gives every option, and the secret as %s',
    async (name) => {
      setVariables({ [name]: dev.server.accessKeySecret })
      expect(await opens(Locker.fromEnv())).toBe(true)
      expect(await opens(new Locker())).toBe(true)
      expect(await opens(new Locker({}))).toBe(true)
      expect(await opens(new Locker({ accessKeyId: undefined, accessKeySecret: undefined }))).toBe(true)
    },
  )

  it('fromEnv gives a Locker', () => {
    setVariables({ LOCKER_ACCESS_KEY_SECRET: dev.server.accessKeySecret })
    expect(Locker.fromEnv()).toBeInstanceOf(Locker)
  })

  it('looks at LOCKER_ACCESS_KEY_SECRET first', async () => {
    const [right, wrong] = [dev.server.accessKeySecret, dev.server.readOnly.accessKeySecret]
    setVariables({ LOCKER_ACCESS_KEY_SECRET: right, LOCKER_SECRET_ACCESS_KEY: wrong })
    expect(await opens(Locker.fromEnv())).toBe(true)
    setVariables({ LOCKER_ACCESS_KEY_SECRET: wrong, LOCKER_SECRET_ACCESS_KEY: right })
    const error = await failure(() => Locker.fromEnv().list())
    expect(error).toBeInstanceOf(AuthenticationError)
    expect(error).toMatchObject({ code: 'unauthorized', statusCode: 401, field: 'accessKeySecret' })
  })

  it.each(['accessKeySecret', 'secretAccessKey'])(
    'stands behind the options, %s among them',
    async (name) => {
      Object.assign(process.env, {
        LOCKER_ACCESS_KEY_ID: 'no-such-id',
        LOCKER_ACCESS_KEY_SECRET: 'no secret',
        LOCKER_SECRET_ACCESS_KEY: 'no secret either',
        LOCKER_API_BASE: 'no URL',
      })
      const { accessKeyId, accessKeySecret, apiBase } = dev.server
      expect(await opens(new Locker({ accessKeyId, [name]: accessKeySecret, apiBase }))).toBe(true)
    },
  )

  it('takes an empty variable for none', async () => {
    setVariables({ LOCKER_ACCESS_KEY_SECRET: '', LOCKER_SECRET_ACCESS_KEY: dev.server.accessKeySecret })
    expect(await opens(Locker.fromEnv())).toBe(true)
  })

  it('is looked at by the constructor, not by the calls', async () => {
    setVariables({ LOCKER_ACCESS_KEY_SECRET: dev.server.accessKeySecret })
    const locker = Locker.fromEnv()
    delete process.env.LOCKER_ACCESS_KEY_ID
    process.env.LOCKER_API_BASE = 'http://127.0.0.1:1'
    expect(await opens(locker)).toBe(true)
  })

  it.each([
    ['LOCKER_ACCESS_KEY_ID', undefined, ValidationError, 'accessKeyId'],
    ['LOCKER_ACCESS_KEY_SECRET', undefined, ValidationError, 'accessKeySecret'],
    ['LOCKER_ACCESS_KEY_ID', 'an id', AuthenticationError, 'accessKeyId'],
    ['LOCKER_ACCESS_KEY_SECRET', 'c2hvcnQ=', AuthenticationError, 'accessKeySecret'],
    ['LOCKER_API_BASE', 'api.locker.io', ValidationError, 'apiBase'],
    ['HTTPS_PROXY', 'ftp://127.0.0.1', ValidationError, 'HTTPS_PROXY'],
    ['HTTP_PROXY', 'http://', ValidationError, 'HTTP_PROXY'],
  ])('is checked: %s as %p', async (name, value, Class, field) => {
    setVariables({ LOCKER_ACCESS_KEY_SECRET: dev.server.accessKeySecret })
    delete process.env[name]
    if (value !== undefined) process.env[name] = value
    const error = await failure(() => Locker.fromEnv())
    expect(error).toBeInstanceOf(Class)
    expect(error.field).toBe(field)
    expect(error.message).toMatch(new RegExp(`^${field}: `))
  })
})

describe('apiBase', () => {
  it.each(['', '/', '////'])('drops trailing slashes: %p', async (slashes) => {
    expect(await opens(dev.countedLocker({ apiBase: dev.proxy.apiBase + slashes }))).toBe(true)
    expect(await dev.seen()).toEqual(READ)
  })

  it('is the hosted service by default', async () => {
    // A proxy is asked to connect to the host, and refuses.
    const proxy = net.createServer()
    const asked = new Promise((resolve) => {
      proxy.on('connection', (socket) => {
        socket.on('error', () => {})
        socket.once('data', (data) => {
          resolve(data.toString().split('\r\n')[0])
          socket.end('HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n')
        })
      })
    })
    await once(proxy.listen(0, '127.0.0.1'), 'listening')
    const { accessKeyId, accessKeySecret } = dev.server
    const url = `http://127.0.0.1:${proxy.address().port}`
    const locker = new Locker({ accessKeyId, accessKeySecret, proxy: url, maxRetries: 0, logLevel: 0 })
    expect(await failure(() => locker.list())).toBeInstanceOf(APIConnectionError)
    expect(await asked).toBe('CONNECT api.locker.io:443 HTTP/1.1')
    await once(proxy.close(), 'close')
  })
})

describe('headers', () => {
  const headers = { 'X-Team': 'blue', 'x-trace': 'a: b; "c"', 'X-Empty': '' }

  it.each(forms)('are sent with every call (%s)', async (_, call) => {
    const locker = dev.countedLocker({ headers, cacheOptions: { restTime: 0 } })
    const [key, name] = [unique('key'), unique('environment')]
    await call(locker, 'createEnvironment', { name, externalUrl: 'https://a.example' })
    await call(locker, 'modifyEnvironment', name, { externalUrl: 'https://b.example' })
    await call(locker, 'getEnvironment', name)
    await call(locker, 'listEnvironments')
    await call(locker, 'create', { key, value: 'a' })
    await call(locker, 'modify', key, null, { value: 'b' })
    await call(locker, 'get', key)
    await call(locker, 'retrieve', key)
    await call(locker, 'list')
    const requests = await dev.proxy.requests()
    const kinds = requests.map(({ method, path }) => `${method} ${path.split('/')[2]}`)
    expect(new Set(kinds)).toEqual(
      new Set([
        'GET profile',
        'GET secrets',
        'POST secrets',
        'PUT secrets',
        'GET environments',
        'POST environments',
        'PUT environments',
      ]),
    )
    for (const request of requests) {
      expect(request.headers).toMatchObject({
        'x-team': 'blue',
        'x-trace': 'a: b; "c"',
        'x-empty': '',
        authorization: `Bearer ${dev.server.accessKeyId}`,
        accept: 'application/json',
        'user-agent': expect.stringContaining(`lockerpm/${version}`),
      })
      if (request.method !== 'GET') expect(request.headers['content-type']).toBe('application/json')
    }
  })

  it('are those of one Locker only', async () => {
    dev.countedLocker({ headers })
    await dev.countedLocker().get('no-such-key')
    for (const request of await dev.proxy.requests()) expect(request.headers).not.toHaveProperty('x-team')
  })

  it('are taken when the Locker is made', async () => {
    const own = { 'x-team': 'blue' }
    const locker = dev.countedLocker({ headers: own })
    own['x-team'] = 'red'
    await locker.get('no-such-key')
    for (const request of await dev.proxy.requests()) expect(request.headers['x-team']).toBe('blue')
  })

  it.each(['Authorization', 'authorization', 'AUTHORIZATION'])('cannot replace %s', async (name) => {
    const error = await failure(() => dev.countedLocker({ headers: { [name]: 'Bearer stolen' } }))
    expect(error).toBeInstanceOf(ValidationError)
    expect(error).toMatchObject({ code: 'validation_error', field: 'headers' })
    expect(error.message).toMatch(/^headers: .*authorization/i)
    expect(error.message).not.toContain('stolen')
  })
})

describe('logLevel and logger', () => {
  it('has the documented levels', () => {
    expect(LogLevel).toEqual({ NONE: 0, ERROR: 1, DEBUG: 2 })
    expect(Object.isFrozen(LogLevel)).toBe(true)
  })

  it.each([
    ['NONE', { logLevel: LogLevel.NONE }, []],
    ['ERROR', { logLevel: LogLevel.ERROR }, ['error']],
    ['DEBUG', { logLevel: LogLevel.DEBUG }, ['debug', 'error']],
    ['the default, ERROR', {}, ['error']],
  ])('%s', async (_, options, levels) => {
    const records = []
    const logger = (record) => records.push(record)
    const locker = dev.countedLocker({ ...options, maxRetries: 0, logger })
    await dev.proxy.reset([{ status: 500 }])
    await failure(() => locker.list())
    expect([...new Set(records.map(({ level }) => level))].sort()).toEqual(levels)
  })

  it('logs to the console by default', async () => {
    const spy = jest.spyOn(console, 'error').mockImplementation(() => {})
    try {
      await dev.proxy.reset([{ status: 500 }])
      await failure(() => dev.countedLocker({ maxRetries: 0 }).list())
      expect(spy.mock.calls).toEqual([[expect.stringContaining('lockerpm')]])
    } finally {
      spy.mockRestore()
    }
  })
})

describe('TLS', () => {
  let server, pem

  beforeAll(async () => {
    server = await startServer(['dev', '--tls-self-signed'])
    pem = readFileSync(server.caCertFile)
  })

  afterAll(async () => expect(await server.stop()).toEqual({ code: 0, signal: null }))

  const secured = (options) => new Locker({ ...credentials(server), ...options })

  it.each(forms)('refuses an unknown certificate (%s)', async (_, call) => {
    const error = await failure(() => call(secured({ logLevel: 0, maxRetries: 0 }), 'list'))
    expect(error).toBeInstanceOf(APIConnectionError)
    expect(error).toMatchObject({ code: 'http_error', statusCode: 503 })
    expect(error.message).toContain('caCert')
  })

  it.each([
    ['a string', (pem) => pem.toString()],
    ['a Buffer', (pem) => pem],
    ['a Uint8Array', (pem) => new Uint8Array(pem)],
    [
      'a part of a larger Buffer',
      (pem) => Buffer.concat([Buffer.from('x'), pem, pem]).subarray(1, 1 + pem.length),
    ],
    ['a bundle', (pem) => `# one\n${pem}\n# the same again\n${pem}`],
  ])('trusts caCert as %s', async (_, given) => {
    expect(await opens(secured({ caCert: given(pem) }))).toBe(true)
  })

  it('trusts NODE_EXTRA_CA_CERTS', async () => {
    process.env.NODE_EXTRA_CA_CERTS = server.caCertFile
    expect(await opens(secured())).toBe(true)
  })

  it('accepts any certificate with unsafe, and warns once', async () => {
    const records = []
    const locker = secured({ unsafe: true, logger: (record) => records.push(record) })
    expect(await opens(locker)).toBe(true)
    expect(await opens(locker)).toBe(true)
    expect(locker.listSync()).toEqual([])
    expect(records).toEqual([
      expect.objectContaining({ level: 'warn', message: expect.stringContaining('unsafe') }),
    ])
  })

  it('does not accept any certificate with unsafe: false', async () => {
    const locker = secured({ unsafe: false, logLevel: 0, maxRetries: 0 })
    expect(await failure(() => locker.list())).toBeInstanceOf(APIConnectionError)
  })
})

describe('proxy', () => {
  const BEHIND = 'http://locker.invalid/locker_secrets'
  const behind = (options) => dev.locker({ apiBase: BEHIND, maxRetries: 0, logLevel: 0, ...options })

  it.each(forms)('is what calls go through (%s)', async (_, call) => {
    expect(await call(behind({ proxy: dev.proxy.url }), 'get', 'no-such-key')).toBeUndefined()
    expect(await dev.seen()).toEqual(READ)
    for (const { headers } of await dev.proxy.requests()) expect(headers.host).toBe('locker.invalid')
  })

  it('may be host and port alone', async () => {
    expect(await opens(behind({ proxy: new URL(dev.proxy.url).host }))).toBe(true)
  })

  it.each(['HTTP_PROXY', 'http_proxy'])('comes from %s', async (name) => {
    process.env[name] = dev.proxy.url
    expect(await opens(behind())).toBe(true)
    expect(await dev.seen()).toEqual(READ)
  })

  it.each(['127.0.0.1', '*', 'example.com,127.0.0.1'])('is passed by with NO_PROXY %s', async (names) => {
    Object.assign(process.env, { HTTP_PROXY: dev.proxy.url, NO_PROXY: names })
    expect(await opens(dev.locker())).toBe(true)
    expect(await dev.seen()).toEqual([])
  })

  it('is not HTTPS_PROXY for plain http', async () => {
    process.env.HTTPS_PROXY = dev.proxy.url
    expect(await opens(dev.locker())).toBe(true)
    expect(await dev.seen()).toEqual([])
  })

  it('is none with an empty text, whatever the environment says', async () => {
    process.env.HTTP_PROXY = dev.proxy.url
    expect(await opens(dev.locker({ proxy: '' }))).toBe(true)
    expect(await dev.seen()).toEqual([])
  })
})

describe('the constructor', () => {
  it('sends nothing', async () => {
    const lockers = Array.from({ length: 10 }, () => dev.countedLocker())
    expect(await opens(lockers[0])).toBe(true)
    expect(await dev.seen()).toEqual(READ)
  })

  it('reads no file', () => {
    process.env.NODE_EXTRA_CA_CERTS = '/no/such/file'
    expect(dev.locker({ apiBase: 'https://locker.invalid' })).toBeInstanceOf(Locker)
  })
})

const NO_NUMBERS = [-1, NaN, Infinity, -Infinity, '1', 1n, true]
const NO_TEXTS = [5, true, {}, ['a'], Symbol('a'), () => 'a', LONE_SURROGATE]
const BAD_CERTIFICATE = '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n'

/** `[option, its bad values, the field that the error names, its class]` */
const unusable = [
  ['accessKeyId', ['', ...NO_TEXTS], 'accessKeyId', ValidationError],
  ['accessKeySecret', ['', ...NO_TEXTS], 'accessKeySecret', ValidationError],
  ['secretAccessKey', NO_TEXTS, 'secretAccessKey', ValidationError],
  [
    'accessKeyId',
    ['an id', 'id\n', 'id\r\nX-Injected: 1', 'ключ', 'a\0b'],
    'accessKeyId',
    AuthenticationError,
  ],
  [
    'accessKeySecret',
    [
      'no base64!',
      Buffer.alloc(15, 1).toString('base64'),
      Buffer.alloc(32, 1).toString('base64').replace('=', ''),
      Buffer.alloc(32, 255).toString('base64url') + '=',
      ` ${Buffer.alloc(32, 1).toString('base64')}`,
      `${Buffer.alloc(32, 1).toString('base64')}\n`,
      Buffer.alloc(33, 1).toString('base64').replace('A', 'A A'),
      '=',
      'ключ',
    ],
    'accessKeySecret',
    AuthenticationError,
  ],
  [
    'apiBase',
    [
      '',
      '/',
      'api.locker.io',
      'no URL',
      'http://',
      'https://',
      'ftp://api.locker.io',
      'file:///etc/passwd',
      'http://user:password@api.locker.io',
      'https://api.locker.io/?a=b',
      'https://api.locker.io/#a',
      'http://127.0.0.1:99999',
      ...NO_TEXTS,
    ],
    'apiBase',
    ValidationError,
  ],
  [
    'headers',
    [
      'x-a: b',
      5,
      [['x-a', 'b']],
      { 'a name': 'b' },
      { '': 'b' },
      { 'x-ä': 'b' },
      { 'x-a\r\nx-b': 'c' },
      { [`x-${LONE_SURROGATE}`]: 'b' },
      { 'x-a': 'b\r\nx-c: d' },
      { 'x-a': 'b\0' },
      { Host: 'evil.example' },
      { 'Content-Length': '0' },
      { 'Transfer-Encoding': 'chunked' },
    ],
    'headers',
    ValidationError,
  ],
  [
    'headers',
    [5, null, undefined, ['b'], {}, LONE_SURROGATE].map((value) => ({ 'x-a': value })),
    'headers.x-a',
    ValidationError,
  ],
  ['unsafe', ['true', 1, 0, {}], 'unsafe', ValidationError],
  ['logLevel', [7, 3, 0.5, 'ERROR', ...NO_NUMBERS], 'logLevel', ValidationError],
  ['logger', ['console', 5, {}], 'logger', ValidationError],
  ['cacheOptions', ['no', 5, [], true], 'cacheOptions', ValidationError],
  ['cacheOptions', ['yes', 1].map((fetch) => ({ fetch })), 'cacheOptions.fetch', ValidationError],
  [
    'cacheOptions',
    [...NO_NUMBERS, 1e12].map((restTime) => ({ restTime })),
    'cacheOptions.restTime',
    ValidationError,
  ],
  [
    'cacheOptions',
    [...NO_NUMBERS, 1e12].map((staleIfError) => ({ staleIfError })),
    'cacheOptions.staleIfError',
    ValidationError,
  ],
  ['cacheOptions', NO_TEXTS.map((dir) => ({ dir })), 'cacheOptions.dir', ValidationError],
  ['timeoutMs', [0, 2 ** 31, ...NO_NUMBERS], 'timeoutMs', ValidationError],
  ['maxRetries', [0.5, 101, ...NO_NUMBERS], 'maxRetries', ValidationError],
  [
    'caCert',
    ['', 'no PEM', Buffer.from('no PEM'), Buffer.alloc(0), BAD_CERTIFICATE, 5, {}, ['a']],
    'caCert',
    ValidationError,
  ],
  ['proxy', ['http://', 'ftp://127.0.0.1', 'no URL', 'http://:3128', ...NO_TEXTS], 'proxy', ValidationError],
]

describe('the constructor refuses', () => {
  describe.each(unusable)('%s', (option, values, field, Class) => {
    it.each(values.map((value) => [inspect(value), value]))('%s', async (_, value) => {
      const error = await failure(() => dev.countedLocker({ [option]: value }))
      expect(error).toBeInstanceOf(Class)
      expect(error).toBeInstanceOf(LockerError)
      expect(error).toBeInstanceOf(Error)
      expect(error.constructor).toBe(Class)
      expect(error.code).toBe(Class === AuthenticationError ? 'unauthorized' : 'validation_error')
      expect(error.statusCode).toBe(Class === AuthenticationError ? 401 : undefined)
      expect(error.field).toBe(field)
      expect(error.message.startsWith(`${field}: `)).toBe(true)
      expect(error.retryable).toBe(false)
      expect(await dev.seen()).toEqual([])
    })
  })

  it.each([['a text'], [5], [true], [[]], [() => {}]])('options that are no object: %p', async (options) => {
    const error = await failure(() => new Locker(options))
    expect(error).toBeInstanceOf(ValidationError)
    expect(error).toMatchObject({ code: 'validation_error', field: 'options' })
    expect(error.message).toMatch(/^options: /)
  })

  it.each(['accessKeyId', 'accessKeySecret'])(
    'a missing %s, and says which variable to set',
    async (name) => {
      const variable = { accessKeyId: 'LOCKER_ACCESS_KEY_ID', accessKeySecret: 'LOCKER_ACCESS_KEY_SECRET' }[
        name
      ]
      const error = await failure(() => dev.locker({ [name]: undefined }))
      expect(error).toBeInstanceOf(ValidationError)
      expect(error).toMatchObject({ code: 'validation_error', field: name })
      expect(error.message).toMatch(new RegExp(`^${name}: .*${variable}`))
    },
  )

  it('a secret without showing it', async () => {
    const almost = `${dev.server.accessKeySecret} `
    const error = await failure(() => dev.locker({ accessKeySecret: almost }))
    expect(error.stack + JSON.stringify(error)).not.toContain(dev.server.accessKeySecret)
  })

  it('a proxy without showing its password', async () => {
    const error = await failure(() => dev.locker({ proxy: 'ftp://user:pass-word@127.0.0.1' }))
    expect(error.stack + JSON.stringify(error)).not.toContain('pass-word')
  })
})
