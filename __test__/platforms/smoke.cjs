'use strict'

/**
 * What an application does all day, as a program of its own: `npm run test:platforms` runs it on the Node.js of other
 * platforms. It finds in `SMOKE_INPUT` what the server said, and where it should be running.
 */

const assert = require('node:assert/strict')
const { mkdtempSync, readFileSync, readdirSync, rmSync } = require('node:fs')
const os = require('node:os')
const path = require('node:path')

const {
  APIConnectionError,
  AlreadyExistsError,
  AuthenticationError,
  Locker,
  LockerError,
  LogLevel,
  ResourceNotFoundError,
  Secret,
  ValidationError,
} = require('../..')

const { server, platform } = JSON.parse(process.env.SMOKE_INPUT)

// Letters outside ASCII, and more bytes than a cipher takes at once.
const VALUE = `pässword 🔑 ${'x'.repeat(5000)}`

const options = (own) => ({
  accessKeyId: server.accessKeyId,
  accessKeySecret: server.accessKeySecret,
  apiBase: server.apiBase,
  caCert: server.caCert,
  proxy: '',
  logger: () => {},
  ...own,
  cacheOptions: { dir: null, ...own?.cacheOptions },
})
const fresh = (own) => new Locker(options(own))

/** A report is not made on other systems: under Wine that would end the process. */
function libc() {
  if (process.platform !== 'linux') return undefined
  return process.report.getReport().header.glibcVersionRuntime ? 'glibc' : 'musl'
}

const checks = {
  'runs where it should'() {
    assert.deepEqual(
      { os: process.platform, cpu: process.arch, libc: libc() },
      { libc: undefined, ...platform },
    )
  },

  async 'creates and gets'() {
    const created = await fresh().create({ key: 'ONE', value: VALUE })
    assert(created instanceof Secret)
    assert.equal(await fresh().get('ONE'), VALUE)
    assert.equal(fresh().getSync('ONE'), VALUE)
    assert.equal(await fresh().get('ABSENT', null, 'default'), 'default')
  },

  async lists() {
    await fresh().create({ key: 'TWO', value: '2' })
    const keys = (secrets) => secrets.map(({ key }) => key).filter((key) => ['ONE', 'TWO'].includes(key))
    assert.deepEqual(keys(await fresh().list()).sort(), ['ONE', 'TWO'])
    assert.deepEqual(keys(fresh().listSync()).sort(), ['ONE', 'TWO'])
  },

  async modifies() {
    const locker = fresh()
    assert.equal(await locker.get('TWO'), '2')
    await locker.modify('TWO', null, { value: 'two' })
    assert.equal(await locker.get('TWO'), 'two')
    locker.modifySync('TWO', null, { value: '二' })
    assert.equal(await fresh().get('TWO'), '二')
  },

  async 'has environments'() {
    const locker = fresh()
    await locker.createEnvironment({ name: 'staging', externalUrl: 'https://staging.example' })
    await locker.create({ key: 'ONE', value: 'of staging', environmentName: 'staging' })
    assert.equal(await fresh().get('ONE', 'staging'), 'of staging')
    assert.equal(await fresh().get('TWO', 'staging'), '二')
    assert.equal(fresh().getEnvironmentSync('staging').externalUrl, 'https://staging.example')
  },

  async 'has its classes of errors'() {
    const unknown = { accessKeyId: '00000000-0000-4000-8000-000000000000' }
    for (const [call, error] of [
      [() => fresh(unknown).list(), AuthenticationError],
      [() => fresh().retrieve('ABSENT'), ResourceNotFoundError],
      [() => fresh().create({ key: 'ONE', value: 'again' }), AlreadyExistsError],
      [() => fresh().create({ key: '', value: 'x' }), ValidationError],
      [() => fresh({ apiBase: 'http://127.0.0.1:1', maxRetries: 0 }).list(), APIConnectionError],
      // Nobody vouches for the server's certificate.
      [() => fresh({ caCert: undefined, maxRetries: 0 }).list(), APIConnectionError],
    ]) {
      await assert.rejects(call, (thrown) => thrown instanceof error && thrown instanceof LockerError)
    }
    assert.throws(() => fresh().retrieveSync('ABSENT'), ResourceNotFoundError)
  },

  async 'makes 20 calls at once'() {
    const locker = fresh()
    const keys = Array.from({ length: 20 }, (_, index) => `AT_ONCE_${index}`)
    await Promise.all(keys.map((key) => locker.create({ key, value: `value of ${key}` })))
    const values = await Promise.all(keys.map((key) => locker.get(key, null, undefined, { fetch: true })))
    assert.deepEqual(
      values,
      keys.map((key) => `value of ${key}`),
    )
  },

  async 'keeps what it has read on disk'() {
    const root = mkdtempSync(path.join(os.tmpdir(), 'lockerpm-smoke-'))
    const dir = path.join(root, 'cache')
    try {
      assert.equal(await fresh({ cacheOptions: { dir } }).get('ONE'), VALUE)
      const files = readdirSync(dir).filter((name) => name.endsWith('.vault'))
      assert.equal(files.length, 1)
      assert(!readFileSync(path.join(dir, files[0])).includes(VALUE.slice(0, 8)))
      const requests = []
      const logger = (record) => record.method && requests.push(record)
      const locker = fresh({ cacheOptions: { dir }, logLevel: LogLevel.DEBUG, logger })
      assert.equal(await locker.get('ONE'), VALUE)
      assert.deepEqual(requests, [])
    } finally {
      rmSync(root, { recursive: true, force: true })
    }
  },
}

async function main() {
  for (const [name, check] of Object.entries(checks)) {
    try {
      await check()
    } catch (error) {
      console.log(`failed: ${name}\n${error.stack}`)
      return false
    }
  }
  console.log(`passed: ${Object.keys(checks).length} checks on Node.js ${process.version}`)
  return true
}

// The binary under test cannot be loaded, and another one was.
process.on('warning', ({ code, message }) => {
  if (code !== 'LOCKER_BINDING') return
  console.log(`failed: ${message}`)
  process.exit(1)
})

main().then((passed) => {
  process.exitCode = passed ? 0 : 1
})
