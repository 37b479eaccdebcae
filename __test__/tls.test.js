'use strict'

const { once } = require('node:events')
const { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } = require('node:fs')
const http2 = require('node:http2')
const https = require('node:https')
const os = require('node:os')
const path = require('node:path')

const { APIConnectionError, Locker, LogLevel, ValidationError } = require('..')
const { failure, forms } = require('./support/outcome')
const { canMakeCertificates, makeCertificate } = require('./support/own-certificate')
const { runFixture } = require('./support/run-fixture')
const { credentials, startServer } = require('./support/server')

const VALUE = 'a value'

let server, plainServer, folder, caCert, emptyStore

beforeAll(async () => {
  // Whom this machine trusts must not matter here.
  for (const name of ['NODE_EXTRA_CA_CERTS', 'SSL_CERT_FILE', 'SSL_CERT_DIR']) delete process.env[name]
  folder = mkdtempSync(path.join(os.tmpdir(), 'lockerpm-tls-'))
  ;[server, plainServer] = await Promise.all([startServer(['dev', '--tls-self-signed']), startServer()])
  caCert = readFileSync(server.caCertFile)
  const emptyFile = path.join(folder, 'empty.pem')
  const emptyDir = path.join(folder, 'empty')
  writeFileSync(emptyFile, '')
  mkdirSync(emptyDir)
  emptyStore = { SSL_CERT_FILE: emptyFile, SSL_CERT_DIR: emptyDir }
  await new Locker({ ...credentials(server), caCert }).create({ key: 'KEY', value: VALUE })
  await new Locker(credentials(plainServer)).create({ key: 'KEY', value: VALUE })
})

afterAll(async () => {
  await Promise.all([server?.stop(), plainServer?.stop()])
  rmSync(folder, { recursive: true, force: true })
})

function locker(options) {
  return new Locker({ ...credentials(server), logLevel: LogLevel.NONE, ...options })
}

test('the server speaks https', () => {
  expect(server.apiBase).toMatch(/^https:/)
  expect(caCert.toString()).toContain('BEGIN CERTIFICATE')
})

describe.each(forms)('%s', (_form, call) => {
  test('a certificate of an unknown authority is refused, and the error says what to set', async () => {
    const error = await failure(() => call(locker(), 'get', 'KEY', null, 'default'))

    expect(error).toBeInstanceOf(APIConnectionError)
    expect(error.message).toContain('caCert')
    expect(error.message).toContain('NODE_EXTRA_CA_CERTS')
    // Trying again does not help.
    expect(error.retryable).toBe(false)
  })

  test.each([
    ['a string', () => caCert.toString()],
    ['a Buffer', () => caCert],
    ['a Uint8Array', () => new Uint8Array(caCert)],
    ['a view of a larger memory', () => Buffer.concat([Buffer.from('junk'), caCert]).subarray(4)],
    ['one of several', () => `${caCert}\n${caCert}`],
  ])('caCert as %s', async (_what, make) => {
    expect(await call(locker({ caCert: make() }), 'get', 'KEY')).toBe(VALUE)
  })

  test.each([
    ['empty', ''],
    ['no PEM', 'certificate'],
    ['damaged', '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n'],
  ])('caCert that is %s is refused at once', async (_what, text) => {
    const error = await failure(() => locker({ caCert: text }))

    expect(error).toBeInstanceOf(ValidationError)
    expect(error.field).toBe('caCert')
  })

  test('unsafe accepts any certificate, and warns exactly once for each Locker', async () => {
    for (let made = 0; made < 2; made++) {
      const records = []
      const logger = (record) => records.push(record)
      const unsafe = locker({ unsafe: true, logLevel: LogLevel.ERROR, logger })

      expect(records).toEqual([])
      for (let calls = 0; calls < 3; calls++) {
        expect(await call(unsafe, 'get', 'KEY', null, undefined, { fetch: true })).toBe(VALUE)
      }

      expect(records).toEqual([{ level: 'warn', message: expect.stringContaining('unsafe') }])
    }
  })

  test('50 calls at once', async () => {
    const trusting = locker({ caCert })
    const calls = Array.from({ length: 50 }, () =>
      call(trusting, 'get', 'KEY', null, undefined, { fetch: true }),
    )

    expect(await Promise.all(calls)).toEqual(Array(50).fill(VALUE))
  })
})

describe('the environment', () => {
  const call = ['get', 'KEY', null, 'default']
  const inChild = async (target, env) =>
    (await runFixture('call.js', { env, input: { options: { ...credentials(target), logLevel: 2 }, call } }))
      .output

  test('without it, the authority is unknown in a child process too', async () => {
    const { error } = await inChild(server, {})

    expect(error).toMatchObject({ name: 'APIConnectionError', message: expect.stringContaining('caCert') })
  })

  test.each(['NODE_EXTRA_CA_CERTS', 'SSL_CERT_FILE'])('%s names the authority', async (variable) => {
    const { value, error } = await inChild(server, { [variable]: server.caCertFile })

    expect(error).toBeUndefined()
    expect(value).toBe(VALUE)
  })

  test('NODE_EXTRA_CA_CERTS that names nothing is warned of', async () => {
    const missing = path.join(folder, 'missing.pem')

    const { error, records } = await inChild(server, { NODE_EXTRA_CA_CERTS: missing })

    expect(error.name).toBe('APIConnectionError')
    const warnings = records.filter(({ level }) => level === 'warn')
    expect(warnings).toEqual([{ level: 'warn', message: expect.stringContaining(missing) }])
  })

  describe('of a system without CAs', () => {
    test('http works', async () => {
      expect((await inChild(plainServer, emptyStore)).value).toBe(VALUE)
    })

    test('https uses the bundled roots, says so, and does not trust an unknown authority', async () => {
      const { error, records } = await inChild(server, emptyStore)

      expect(error).toMatchObject({ name: 'APIConnectionError', message: expect.stringContaining('caCert') })
      const debug = records.filter(({ level, message }) => level === 'debug' && /bundled/.test(message))
      expect(debug).toHaveLength(1)
    })

    test('https works with NODE_EXTRA_CA_CERTS', async () => {
      const { value } = await inChild(server, { ...emptyStore, NODE_EXTRA_CA_CERTS: server.caCertFile })

      expect(value).toBe(VALUE)
    })
  })
})

// Needs the program openssl: neither node nor the dev server makes a certificate for a given name.
const describeWithOpenssl = canMakeCertificates ? describe : describe.skip

describeWithOpenssl('other certificates', () => {
  const stops = []

  afterAll(() => stops.forEach((stop) => stop()))

  /** A server that refuses every call, with a certificate for `name`. */
  async function startListener(name, create = http2.createSecureServer) {
    const certificate = makeCertificate(mkdtempSync(path.join(folder, 'own-')), name)
    const [versions, connections] = [[], new Set()]
    const listener = create(certificate, (request, response) => {
      versions.push(request.httpVersion)
      response.writeHead(401, { 'content-type': 'application/json' }).end('{"message": "no"}')
    })
    listener.on('secureConnection', (connection) => connections.add(connection))
    stops.push(() => (listener.close(), connections.forEach((connection) => connection.destroy())))
    await once(listener.listen(0, '127.0.0.1'), 'listening')
    const { port } = listener.address()
    return { apiBase: `https://127.0.0.1:${port}`, caCert: certificate.cert, versions }
  }

  test('one for another name is refused, though it is trusted', async () => {
    const { apiBase, caCert, versions } = await startListener('DNS:somebody-else.example')

    const error = await failure(() => locker({ apiBase, caCert }).list())

    expect(error).toBeInstanceOf(APIConnectionError)
    expect(error.message).toContain('not valid for name "127.0.0.1"')
    expect(versions).toEqual([])
  })

  test('one for the right name is accepted, and HTTP/2 is negotiated', async () => {
    const { apiBase, caCert, versions } = await startListener('IP:127.0.0.1')

    const error = await failure(() => locker({ apiBase, caCert }).list())

    expect(error.code).toBe('unauthorized')
    expect(versions).toEqual(['2.0'])
  })

  test.each([
    [1, 'unauthorized', 2],
    [5, 'http_error', 3],
  ])('HTTP/2: %i requests that are refused unseen end as %s after %i', async (count, code, sent) => {
    let requests = 0
    const { apiBase, caCert } = await startListener('IP:127.0.0.1', (certificate, answer) =>
      http2.createSecureServer(certificate, (request, response) => {
        requests++
        if (requests > count) return answer(request, response)
        response.stream.close(http2.constants.NGHTTP2_REFUSED_STREAM)
      }),
    )

    const error = await failure(() => locker({ apiBase, caCert, maxRetries: 0 }).list())

    expect(error.code).toBe(code)
    expect(requests).toBe(sent)
  })

  test('a server that speaks no HTTP/2 is spoken to in HTTP/1.1', async () => {
    const { apiBase, caCert, versions } = await startListener('IP:127.0.0.1', https.createServer)

    const error = await failure(() => locker({ apiBase, caCert }).list())

    expect(error.code).toBe('unauthorized')
    expect(versions).toEqual(['1.1'])
  })
})
