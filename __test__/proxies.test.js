'use strict'

const { readFileSync } = require('node:fs')

const { APIConnectionError, Locker, LogLevel, ValidationError } = require('..')
const { closedPort } = require('./support/closed-port')
const { startHttpProxy } = require('./support/http-proxy')
const { failure, forms } = require('./support/outcome')
const { runFixture } = require('./support/run-fixture')
const { credentials, startServer } = require('./support/server')

const VALUE = 'a value'
const VARIABLES = ['HTTP_PROXY', 'HTTPS_PROXY', 'ALL_PROXY', 'NO_PROXY'].flatMap((name) => [
  name,
  name.toLowerCase(),
])
const OTHER_VARIABLES = ['REQUEST_METHOD', 'NODE_EXTRA_CA_CERTS', 'SSL_CERT_FILE', 'SSL_CERT_DIR']

let http, https, proxy, otherProxy, refusing, caCert

beforeAll(async () => {
  ;[http, https] = await Promise.all([startServer(), startServer(['dev', '--tls-self-signed'])])
  ;[proxy, otherProxy] = [await startHttpProxy(), await startHttpProxy()]
  refusing = await startHttpProxy({ refuse: 403 })
  caCert = readFileSync(https.caCertFile)
  clearEnvironment()
  for (const server of [http, https]) await locker(server).create({ key: 'KEY', value: VALUE })
})

beforeEach(async () => {
  clearEnvironment()
  await Promise.all([proxy.takeRequests(), otherProxy.takeRequests(), refusing.takeRequests()])
})

afterAll(async () => {
  clearEnvironment()
  await Promise.all([http, https, proxy, otherProxy, refusing].map((started) => started?.stop()))
})

/** These are the variables of this test file only: jest gives each file a `process.env` of its own. */
function clearEnvironment() {
  for (const name of [...VARIABLES, ...OTHER_VARIABLES]) delete process.env[name]
}

function locker(server, options) {
  return new Locker({ ...credentials(server), caCert, maxRetries: 0, logLevel: LogLevel.NONE, ...options })
}

const targetOf = ({ target }) => target

describe.each(forms)('%s', (_form, call) => {
  const get = (made) => call(made, 'get', 'KEY', null, 'default')

  describe('the option proxy', () => {
    test('http goes to the proxy in absolute form', async () => {
      expect(await get(locker(http, { proxy: proxy.url }))).toBe(VALUE)

      const requests = await proxy.takeRequests()
      expect(requests).toHaveLength(2)
      for (const { method, target } of requests) {
        expect(method).toBe('GET')
        expect(target.startsWith(`${http.apiBase}/v1/`)).toBe(true)
      }
    })

    test('https goes through a tunnel that the proxy cannot look into', async () => {
      const made = locker(https, { proxy: proxy.url, headers: { 'x-own': 'own' } })

      expect(await get(made)).toBe(VALUE)

      const [tunnel, ...more] = await proxy.takeRequests()
      expect(more).toEqual([])
      expect(tunnel).toMatchObject({ method: 'CONNECT', target: new URL(https.url).host })
      expect(tunnel.headers).not.toHaveProperty('authorization')
      expect(tunnel.headers).not.toHaveProperty('x-own')
      expect(JSON.stringify(tunnel)).not.toContain(https.accessKeyId)
    })

    test('through a tunnel the certificate of the server is checked', async () => {
      const error = await failure(() => get(locker(https, { proxy: proxy.url, caCert: undefined })))

      expect(error).toBeInstanceOf(APIConnectionError)
      expect(error.message).toContain('caCert')
      expect((await proxy.takeRequests()).map(({ method }) => method)).toEqual(['CONNECT'])
    })

    test('without a scheme it is an http proxy', async () => {
      expect(await get(locker(http, { proxy: proxy.host }))).toBe(VALUE)

      expect(await proxy.takeRequests()).not.toEqual([])
    })

    test.each([
      ['http', () => http],
      ['https', () => https],
    ])('its user name and password are sent to the proxy only: %s', async (_scheme, server) => {
      const made = locker(server(), { proxy: `http://us%40er:pass%3Aword@${proxy.host}` })

      expect(await get(made)).toBe(VALUE)

      const expected = `Basic ${Buffer.from('us@er:pass:word').toString('base64')}`
      const requests = await proxy.takeRequests()
      expect(requests).not.toEqual([])
      for (const { headers } of requests) expect(headers['proxy-authorization']).toBe(expected)
    })

    test.each([
      ['http', () => http],
      ['https', () => https],
    ])('one that is down is a failed connection, not a direct call: %s', async (_scheme, server) => {
      const made = locker(server(), { proxy: `http://user:password@127.0.0.1:${await closedPort()}` })

      const error = await failure(() => get(made))

      expect(error).toBeInstanceOf(APIConnectionError)
      expect(error.message + error.stack + error.cause.message).not.toContain('password')
    })

    test('one that refuses the tunnel is a failed connection', async () => {
      const error = await failure(() => get(locker(https, { proxy: refusing.url })))

      expect(error).toBeInstanceOf(APIConnectionError)
      expect(await refusing.takeRequests()).toHaveLength(1)
    })

    test('a write goes through it too', async () => {
      const made = locker(https, { proxy: proxy.url })

      await call(made, 'modify', 'KEY', null, { value: VALUE })

      expect((await proxy.takeRequests()).map(({ method }) => method)).toEqual(['CONNECT'])
    })

    test.each(['ftp://127.0.0.1:1', 'http://', 'http://:password@'])(
      '%p is refused at once',
      async (text) => {
        const error = await failure(() => locker(http, { proxy: text }))

        expect(error).toBeInstanceOf(ValidationError)
        expect(error.field).toBe('proxy')
        expect(error.message).not.toContain('password')
      },
    )
  })

  describe('the environment', () => {
    test.each([
      ['HTTP_PROXY', () => http],
      ['http_proxy', () => http],
      ['ALL_PROXY', () => http],
      ['all_proxy', () => http],
      ['HTTPS_PROXY', () => https],
      ['https_proxy', () => https],
      ['ALL_PROXY', () => https],
      ['all_proxy', () => https],
    ])('%s is used', async (name, server) => {
      process.env[name] = proxy.url

      expect(await get(locker(server()))).toBe(VALUE)

      expect(await proxy.takeRequests()).not.toEqual([])
    })

    test.each([
      ['HTTP_PROXY', () => https],
      ['HTTPS_PROXY', () => http],
    ])('%s is not used for the other scheme', async (name, server) => {
      process.env[name] = proxy.url

      expect(await get(locker(server()))).toBe(VALUE)

      expect(await proxy.takeRequests()).toEqual([])
    })

    test('the scheme decides between two proxies', async () => {
      process.env.HTTP_PROXY = proxy.url
      process.env.HTTPS_PROXY = otherProxy.url

      expect([await get(locker(http)), await get(locker(https))]).toEqual([VALUE, VALUE])

      expect(new Set((await proxy.takeRequests()).map(({ method }) => method))).toEqual(new Set(['GET']))
      expect((await otherProxy.takeRequests()).map(({ method }) => method)).toEqual(['CONNECT'])
    })

    test.each([
      ['NO_PROXY', '127.0.0.1'],
      ['no_proxy', '127.0.0.1'],
      ['NO_PROXY', 'example.com, 127.0.0.1'],
      ['NO_PROXY', '127.0.0.0/8'],
      ['NO_PROXY', '*'],
    ])('%s=%s keeps calls from the proxy', async (name, hosts) => {
      Object.assign(process.env, { HTTP_PROXY: proxy.url, HTTPS_PROXY: proxy.url, [name]: hosts })

      expect([await get(locker(http)), await get(locker(https))]).toEqual([VALUE, VALUE])

      expect(await proxy.takeRequests()).toEqual([])
    })

    test('NO_PROXY of other hosts changes nothing', async () => {
      Object.assign(process.env, { HTTP_PROXY: proxy.url, NO_PROXY: 'example.com,10.0.0.0/8' })

      expect(await get(locker(http))).toBe(VALUE)

      expect(await proxy.takeRequests()).not.toEqual([])
    })

    test('under CGI, where a client can set HTTP_PROXY with a header, only the lower-case name counts', async () => {
      Object.assign(process.env, { REQUEST_METHOD: 'GET', HTTP_PROXY: proxy.url })
      expect(await get(locker(http))).toBe(VALUE)
      expect(await proxy.takeRequests()).toEqual([])

      process.env.http_proxy = proxy.url
      expect(await get(locker(http))).toBe(VALUE)
      expect(await proxy.takeRequests()).not.toEqual([])
    })

    test('the option comes before it', async () => {
      Object.assign(process.env, { HTTP_PROXY: otherProxy.url, NO_PROXY: '*' })

      expect(await get(locker(http, { proxy: proxy.url }))).toBe(VALUE)

      expect(await proxy.takeRequests()).not.toEqual([])
      expect(await otherProxy.takeRequests()).toEqual([])
    })

    test("proxy: '' switches it off", async () => {
      Object.assign(process.env, { HTTP_PROXY: proxy.url, HTTPS_PROXY: proxy.url, ALL_PROXY: proxy.url })

      expect([await get(locker(http, { proxy: '' })), await get(locker(https, { proxy: '' }))]).toEqual([
        VALUE,
        VALUE,
      ])

      expect(await proxy.takeRequests()).toEqual([])
    })

    test('an unusable one is refused at once', async () => {
      process.env.HTTPS_PROXY = 'socks5://user:password@127.0.0.1:1'

      const error = await failure(() => locker(https))

      expect(error).toBeInstanceOf(ValidationError)
      expect(error.message).toContain('HTTPS_PROXY')
      expect(error.message).not.toContain('password')
    })
  })
})

test('variables that a process was started with are used', async () => {
  const env = { HTTPS_PROXY: proxy.url, NODE_EXTRA_CA_CERTS: https.caCertFile }
  const input = { options: credentials(https), call: ['get', 'KEY'] }

  const { output } = await runFixture('call.js', { env, input })

  expect(output.value).toBe(VALUE)
  expect((await proxy.takeRequests()).map(targetOf)).toEqual([new URL(https.url).host])
})
