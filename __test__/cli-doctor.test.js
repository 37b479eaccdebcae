'use strict'

/** `lockerpm doctor`: it says what is wrong with each thing that a call needs, and what to do. */

const fs = require('node:fs')
const path = require('node:path')

const {
  runCli,
  runInTerminal,
  serverVariables,
  startProgram,
  testInTerminal,
  useHome,
} = require('./support/cli')
const { closedPort } = require('./support/closed-port')
const { useDevServer } = require('./support/dev-server')
const { useInstalled } = require('./support/installed')
const { startServer } = require('./support/server')

const dev = useDevServer()
const home = useHome()
const installed = useInstalled()

const env = (own) => ({ ...home.env, ...serverVariables(dev.server), ...own })
const doctor = (own, flags = []) => runCli(['doctor', ...flags], { env: env(own) })

/** The findings by their names, and how the command ended. */
function read({ code, stdout }) {
  return { code, ...Object.fromEntries(JSON.parse(stdout).map(({ name, ...finding }) => [name, finding])) }
}

const examine = async (own) => read(await doctor(own, ['--json']))

test('says that everything is well, and where it looked', async () => {
  const own = env({ XDG_CACHE_HOME: home.path('cache'), LOCKER_CACHE_DIR: undefined })
  await runCli(['secret', 'list'], { env: own })
  const { code, stdout, stderr } = await runCli(['doctor'], { env: own })
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  const lines = stdout.split('\n').filter((line) => !line.startsWith(' '))
  expect(lines).toEqual([
    `ok    Node.js       ${process.version}`,
    expect.stringMatching(/^ok {4}binary +\w+-\w+.*\.node$/),
    `ok    credentials   id ${dev.server.accessKeyId} from LOCKER_ACCESS_KEY_ID, secret from LOCKER_ACCESS_KEY_SECRET`,
    'ok    proxy         none is set',
    `ok    connection    ${dev.server.apiBase} (LOCKER_API_BASE) answers`,
    expect.stringMatching(/^warn {2}TLS +not used/),
    'ok    access key    the server knows it, and it opens the project',
    expect.stringMatching(/^ok {4}clock +this machine is \d+ s (ahead of|behind) the server/),
    'ok    permission    read and write',
    expect.stringMatching(/^ok {4}cache +\/.*cache\/lockerpm, mode 0700, \d+ files, \d+ KiB$/),
    '',
  ])
  expect(stdout).not.toContain(dev.server.accessKeySecret)
})

testInTerminal('colours the signs on a terminal', async () => {
  const { code, output } = await runInTerminal(['doctor'], { env: env({ TERM: 'xterm' }) })
  expect(code).toBe(0)
  expect(output).toContain('\u001b[32mok')
})

describe('credentials', () => {
  test('that are missing', async () => {
    const found = await examine({ LOCKER_ACCESS_KEY_ID: '' })
    expect(found).toMatchObject({
      code: 1,
      credentials: {
        level: 'fail',
        text: 'there is no access key id',
        advice: expect.stringContaining('configure'),
      },
      connection: { level: 'warn', text: expect.stringContaining('not tried') },
    })
  })

  test('in a file that others can read', async () => {
    fs.mkdirSync(home.path('config/lockerpm'), { recursive: true })
    const file = home.write('config/lockerpm/config.json', '{"profiles": {}}')
    fs.chmodSync(file, 0o644)
    const { code, credentials } = await examine()
    expect(code).toBe(1)
    expect(credentials).toMatchObject({ level: 'fail', advice: `Run: chmod 600 ${file}` })
  })

  test('that the server does not know, or that do not fit', async () => {
    const wrong = Buffer.alloc(32, 7).toString('base64')
    const found = await examine({ LOCKER_ACCESS_KEY_SECRET: wrong })
    expect(found).toMatchObject({ code: 1, connection: { level: 'ok' }, 'access key': { level: 'fail' } })
    expect(JSON.stringify(found)).not.toContain(wrong)
    const unknown = await examine({ LOCKER_ACCESS_KEY_ID: '00000000-0000-4000-8000-000000000000' })
    expect(unknown).toMatchObject({ code: 1, 'access key': { level: 'fail' } })
  })

  test('that may only read', async () => {
    const { permission } = await examine(serverVariables({ ...dev.server, ...dev.server.readOnly }))
    expect(permission).toEqual({ level: 'ok', text: 'read only' })
  })
})

describe('the connection', () => {
  test('to nobody', async () => {
    const LOCKER_API_BASE = `http://127.0.0.1:${await closedPort()}`
    const { code, connection, clock } = await examine({ LOCKER_API_BASE })
    expect({ code, clock }).toEqual({ code: 1, clock: undefined })
    expect(connection).toMatchObject({ level: 'fail', advice: expect.stringContaining('firewall') })
  })

  test('to an address with a slash at its end', async () => {
    const found = await examine({ LOCKER_API_BASE: `${dev.server.apiBase}/` })
    expect(found).toMatchObject({ code: 0, clock: { level: 'ok' }, permission: { text: 'read and write' } })
  })

  test('to something that is no such API', async () => {
    const { code, connection } = await examine({ LOCKER_API_BASE: `${dev.server.url}/elsewhere` })
    expect(code).toBe(1)
    expect(connection).toMatchObject({ level: 'fail', advice: expect.stringContaining('--api-base') })
  })

  test('over TLS, with a certificate that is trusted and one that is not', async () => {
    const server = await startServer(['dev', '--tls-self-signed'])
    try {
      const trusted = await examine(serverVariables(server))
      expect(trusted).toMatchObject({
        code: 0,
        TLS: { level: 'ok' },
        clock: { level: 'ok' },
        permission: { level: 'ok', text: 'read and write' },
      })
      const untrusted = await examine({ ...serverVariables(server), NODE_EXTRA_CA_CERTS: '' })
      expect(untrusted).toMatchObject({
        code: 1,
        connection: { level: 'ok' },
        TLS: { level: 'fail', advice: expect.stringContaining('NODE_EXTRA_CA_CERTS') },
        clock: { level: 'ok' },
      })
    } finally {
      await server.stop()
    }
  })

  test('through a proxy, whose password is not shown', async () => {
    const own = { HTTPS_PROXY: 'http://user:hush@127.0.0.1:1', NO_PROXY: '127.0.0.1' }
    const found = await examine(own)
    expect(found).toMatchObject({
      code: 0,
      proxy: { level: 'ok', text: 'HTTPS_PROXY=http://***@127.0.0.1:1, NO_PROXY=127.0.0.1' },
      connection: { level: 'ok' },
      clock: { level: 'warn', text: expect.stringContaining('a proxy is between') },
    })
    expect((await examine({ HTTPS_PROXY: 'socks://x', NO_PROXY: '127.0.0.1' })).proxy).toMatchObject({
      level: 'warn',
    })
  })
})

describe('the clock', () => {
  test.each([
    [-20, 'ok', 'ahead of'],
    [-120, 'warn', 'ahead of'],
    [3600, 'fail', 'behind'],
  ])('of a server that is %i s from ours', async (seconds, level, direction) => {
    const date = new Date(Date.now() + seconds * 1000).toUTCString()
    await dev.proxy.reset([{ path: '/v1/profile', real: true, action: 'answer', headers: { date } }])
    const { clock } = await examine({ LOCKER_API_BASE: dev.proxy.apiBase })
    expect(clock).toMatchObject({ level, text: expect.stringContaining(direction) })
    expect(Math.abs(clock.text.match(/\d+/)[0] - Math.abs(seconds))).toBeLessThanOrEqual(5)
  })
})

describe('the cache folder', () => {
  const cache = async (LOCKER_CACHE_DIR) => (await examine({ LOCKER_CACHE_DIR })).cache

  test('none, and one that will be made', async () => {
    expect(await cache('none')).toMatchObject({
      level: 'ok',
      text: expect.stringContaining('in memory only'),
    })
    const folder = home.path('a/b')
    const found = await cache(folder)
    expect(found).toMatchObject({ level: 'ok', text: `${folder} will be made when something is read` })
  })

  test('that others can write to', async () => {
    const folder = home.path('open')
    fs.mkdirSync(folder)
    fs.chmodSync(folder, 0o777)
    expect(await cache(folder)).toMatchObject({
      level: 'warn',
      text: expect.stringContaining('mode 0777'),
      advice: `Run: chmod 700 ${folder}`,
    })
  })

  test('that is a file, or below one', async () => {
    const file = home.write('file', '')
    expect(await cache(file)).toMatchObject({ level: 'fail', text: `${file} is no folder` })
    expect(await cache(`${file}/below`)).toMatchObject({
      level: 'fail',
      text: expect.stringContaining('ENOTDIR'),
    })
  })
})

test('without native code the rest is looked at all the same', async () => {
  const program = path.join(installed.folder, 'node_modules/lockerpm/bin/lockerpm.js')
  const words = [process.execPath, program, 'doctor', '--json']
  const found = read(await startProgram(words, { env: env() }).exit)
  expect(found).toMatchObject({
    code: 1,
    binary: {
      level: 'fail',
      text: expect.stringContaining('it is not installed'),
      advice: expect.stringContaining('npm install'),
    },
    credentials: { level: 'ok' },
    connection: { level: 'warn', text: expect.stringContaining('not tried') },
    cache: { level: 'ok' },
  })
})
