'use strict'

/** `lockerpm/testing`: a server for the tests of other people's programs. */

const { spawn, spawnSync } = require('node:child_process')
const { once } = require('node:events')
const {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} = require('node:fs')
const net = require('node:net')
const { tmpdir } = require('node:os')
const path = require('node:path')
const { createInterface } = require('node:readline')

const { Locker, PermissionDeniedError } = require('..')
const { startLockerServer } = require('../testing')
const { failure } = require('./support/outcome')
const { useOwnEnvironment } = require('./support/process-env')
const { environment } = require('./support/run-fixture')
const { binary } = require('./support/server')
const { installServerPackage } = require('./support/server-package')
const { until } = require('./support/until')

useOwnEnvironment()

let folder

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'lockerpm-testing-'))
})

afterEach(() => rmSync(folder, { recursive: true, force: true }))

/** Whether anybody listens there. */
function answers(url) {
  const { hostname, port } = new URL(url)
  return new Promise((resolve) => {
    const socket = net.connect(port, hostname)
    socket.once('connect', () => (socket.destroy(), resolve(true))).once('error', () => resolve(false))
  })
}

describe('a started server', () => {
  it('is what a Locker needs, and is gone after stop', async () => {
    const server = await startLockerServer({ binary })
    try {
      expect(server).toEqual({
        accessKeyId: expect.any(String),
        accessKeySecret: expect.any(String),
        apiBase: `${server.url}/locker_secrets`,
        cacheOptions: { dir: null },
        url: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/),
        projectId: expect.any(Number),
        readOnly: { accessKeyId: expect.any(String), accessKeySecret: expect.any(String) },
        account: { email: expect.any(String), masterPassword: expect.any(String) },
        stop: expect.any(Function),
      })
      const locker = new Locker(server)
      expect(await locker.list()).toEqual([])
      const { projectId } = await locker.create({ key: 'KEY', value: 'value' })
      expect(projectId).toBe(server.projectId)
      const reader = new Locker({ ...server, ...server.readOnly, logLevel: 0 })
      expect(await reader.get('KEY')).toBe('value')
      const refused = await failure(() => reader.create({ key: 'OTHER', value: 'value' }))
      expect(refused).toBeInstanceOf(PermissionDeniedError)
    } finally {
      expect(await server.stop()).toBeUndefined()
    }
    expect(await answers(server.url)).toBe(false)
    expect(await server.stop()).toBeUndefined()
  })

  it('takes arguments, and gives the authority of its certificate', async () => {
    const server = await startLockerServer({ binary, args: ['--tls-self-signed', '--listen', '127.0.0.1:0'] })
    try {
      expect(server.apiBase).toMatch(/^https:/)
      expect(await new Locker(server).list()).toEqual([])
    } finally {
      await server.stop()
    }
  })

  it('is one of several', async () => {
    const servers = await Promise.all([startLockerServer({ binary }), startLockerServer({ binary })])
    try {
      const [one, two] = servers.map((server) => new Locker(server))
      await one.create({ key: 'KEY', value: 'value' })
      expect(await two.list()).toEqual([])
    } finally {
      await Promise.all(servers.map((server) => server.stop()))
    }
  })
})

describe('a program that does not stop its server', () => {
  const program = `
    const { startLockerServer } = require(${JSON.stringify(path.join(__dirname, '../testing'))})
    startLockerServer().then(({ url }) => {
      console.log(url)
      AFTER
    })`

  it.each([
    ['ends anyway', ''],
    ['exits', 'process.exit(0)'],
    ['throws', `throw new Error('not caught')`],
  ])('and %s has none afterwards', async (_, after) => {
    const child = spawn(process.execPath, ['-e', program.replace('AFTER', after)], {
      env: environment({ LOCKER_SERVER_BIN: binary }),
      stdio: ['ignore', 'pipe', 'ignore'],
    })
    const [[url]] = await Promise.all([once(createInterface(child.stdout), 'line'), once(child, 'exit')])
    await until(async () => !(await answers(url)))
  })
})

it('ends with jest, if a test does not stop it', async () => {
  writeFileSync(path.join(folder, 'package.json'), '{}')
  const test = `test('of an application', async () => {
    const { startLockerServer } = require(${JSON.stringify(path.join(__dirname, '../testing'))})
    require('fs').writeFileSync('url', (await startLockerServer()).url)
  })`
  writeFileSync(path.join(folder, 'application.test.js'), test)
  const { status, stderr } = spawnSync(process.execPath, [require.resolve('jest/bin/jest')], {
    cwd: folder,
    env: environment({ LOCKER_SERVER_BIN: binary }),
    encoding: 'utf8',
  })
  expect({ status, stderr }).toEqual({ status: 0, stderr: expect.stringContaining('1 passed') })
  const url = readFileSync(path.join(folder, 'url'), 'utf8')
  await until(async () => !(await answers(url)))
})

describe('the program', () => {
  const start = async (options) => {
    const server = await startLockerServer(options)
    await server.stop()
    return server
  }

  it('is the one of LOCKER_SERVER_BIN', async () => {
    process.env.LOCKER_SERVER_BIN = binary
    expect(await start()).toMatchObject({ projectId: expect.any(Number) })
  })

  /** Starts a server in an application, with an own PATH. */
  function startIn(application, PATH) {
    const code = `require(${JSON.stringify(path.join(__dirname, '../testing'))}).startLockerServer()
      .then((server) => server.stop()).then(() => console.log('started'), (error) => console.log(error.message))`
    const env = environment({ LOCKER_SERVER_BIN: '', PATH })
    return spawnSync(process.execPath, ['-e', code], {
      cwd: application,
      env,
      encoding: 'utf8',
    }).stdout.trim()
  }

  it('is that of the package that the application has installed', () => {
    installServerPackage(folder)
    expect(startIn(folder, '')).toBe('started')
  })

  it('is the one on the PATH', () => {
    const bin = path.join(folder, 'bin')
    mkdirSync(bin)
    symlinkSync(binary, path.join(bin, path.basename(binary)))
    expect(startIn(folder, bin)).toBe('started')
  })

  it('is named if it is missing, with what to do', () => {
    const message = startIn(folder, folder)
    for (const part of ['@lockerpm/server', 'PATH', 'LOCKER_SERVER_BIN', '`binary`'])
      expect(message).toContain(part)
  })

  it('is named if it cannot be started', async () => {
    const file = path.join(folder, 'no-program')
    writeFileSync(file, '')
    chmodSync(file, 0o600)
    const error = await failure(() => start({ binary: file }))
    expect(error).toMatchObject({ name: 'LockerError' })
    expect(error.message).toContain(file)
  })

  it('is quoted if it ends before it is ready', async () => {
    const error = await failure(() => start({ binary, args: ['--no-such-flag'] }))
    expect(error.message).toContain('ended with 2')
    expect(error.message).toContain('--no-such-flag')
  })

  it.each([
    ['options', 'dev'],
    ['binary', { binary: 7 }],
    ['args', { args: '--listen' }],
    ['args[1]', { args: ['--listen', 8080] }],
  ])('is not started for wrong %s', async (field, options) => {
    expect(await failure(() => start(options))).toMatchObject({ name: 'ValidationError', field })
  })
})
