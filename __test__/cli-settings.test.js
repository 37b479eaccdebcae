'use strict'

/** Where the command finds the access key: flags, the profile file, environment variables; and `lockerpm configure`. */

const fs = require('node:fs')

const { runCli, serverVariables, startCli, testInTerminal, useHome } = require('./support/cli')
const { unique, useDevServer } = require('./support/dev-server')

const dev = useDevServer()
const home = useHome()

/** A secret of the right form that no access key has. */
const WRONG = Buffer.alloc(32, 7).toString('base64')
const CREDENTIALS_MISSING = { code: 3, signal: null, stdout: '' }

let key

beforeAll(async () => {
  key = unique('KEY')
  await dev.locker().create({ key, value: 'found' })
})

const variables = () => serverVariables(dev.server)
const get = (flags, { env = {}, input } = {}) =>
  runCli(['secret', 'get', key, ...flags], { env: { ...home.env, ...env }, input })

const configFile = () => home.path('config', 'lockerpm', 'config.json')

function writeConfig(profiles, mode = 0o600) {
  fs.mkdirSync(home.path('config', 'lockerpm'), { recursive: true })
  fs.writeFileSync(configFile(), typeof profiles === 'string' ? profiles : JSON.stringify({ profiles }))
  fs.chmodSync(configFile(), mode)
}

function goodProfile() {
  const { accessKeyId, accessKeySecret, apiBase } = dev.server
  return { accessKeyId, accessKeySecret, apiBase }
}

describe('precedence', () => {
  test('environment variables are enough', async () => {
    expect(await get([], { env: variables() })).toMatchObject({ code: 0, stdout: 'found' })
    const { LOCKER_ACCESS_KEY_SECRET, ...others } = variables()
    const env = { ...others, LOCKER_SECRET_ACCESS_KEY: LOCKER_ACCESS_KEY_SECRET }
    expect(await get([], { env })).toMatchObject({ code: 0, stdout: 'found' })
  })

  test('the profile file wins over environment variables', async () => {
    writeConfig({ default: goodProfile() })
    const env = { ...variables(), LOCKER_ACCESS_KEY_SECRET: WRONG, LOCKER_API_BASE: 'http://127.0.0.1:1' }
    expect(await get([], { env })).toMatchObject({ code: 0, stdout: 'found' })
  })

  test('flags win over the profile file, in front of the command and behind it', async () => {
    writeConfig({ default: { ...goodProfile(), accessKeySecret: WRONG, apiBase: 'http://127.0.0.1:1' } })
    const { accessKeySecret, apiBase } = dev.server
    const flags = ['--access-key-secret', accessKeySecret, '--api-base', apiBase]
    expect(await get(flags)).toMatchObject({ code: 0, stdout: 'found' })
    const before = await runCli([...flags, 'secret', 'get', key], { env: home.env })
    expect(before).toMatchObject({ code: 0, stdout: 'found' })
  })

  test('--profile chooses among the profiles', async () => {
    writeConfig({ default: { ...goodProfile(), accessKeySecret: WRONG }, work: goodProfile() })
    expect(await get(['--profile', 'work'])).toMatchObject({ code: 0, stdout: 'found' })
    expect(await get([])).toMatchObject({ code: 3 })
    const { code, stderr } = await get(['--profile', 'wrok'])
    expect(code).toBe(2)
    expect(stderr).toContain('no profile wrok')
    expect(stderr).toContain('It has default, work.')
  })

  test('the secret of one access key is never used with the id of another', async () => {
    writeConfig({ default: { ...goodProfile(), accessKeyId: dev.server.readOnly.accessKeyId } })
    const { code, stderr } = await get(['--access-key-id', dev.server.accessKeyId])
    expect(code).toBe(3)
    expect(stderr).toContain(`no secret for the access key ${dev.server.accessKeyId}`)
  })

  test('the secret comes from a file, or from standard input', async () => {
    const { accessKeySecret, ...others } = dev.server
    const env = serverVariables({ ...others, accessKeySecret: WRONG })
    const file = home.write('secret', `${accessKeySecret}\n`)
    expect(await get(['--access-key-secret-file', file], { env })).toMatchObject({ code: 0, stdout: 'found' })
    const input = `${accessKeySecret}\n`
    expect(await get(['--access-key-secret', '-'], { env, input })).toMatchObject({
      code: 0,
      stdout: 'found',
    })
  })

  test('standard input serves one option', async () => {
    const args = ['secret', 'create', unique('KEY'), '--value', '-', '--access-key-secret', '-']
    const { code, stderr } = await runCli(args, { env: { ...home.env, ...variables() }, input: 'x' })
    expect(code).toBe(2)
    expect(stderr).toContain('standard input is read by --value already')
  })
})

describe('what is missing or unusable', () => {
  test('no access key at all ends with 3 and says what to do', async () => {
    const outcome = await get([])
    expect(outcome).toMatchObject(CREDENTIALS_MISSING)
    expect(outcome.stderr).toContain('there is no access key id')
    expect(outcome.stderr).toContain('lockerpm configure')
  })

  test('a wrong secret ends with 3, and is not shown', async () => {
    const outcome = await get([], { env: { ...variables(), LOCKER_ACCESS_KEY_SECRET: WRONG } })
    expect(outcome).toMatchObject(CREDENTIALS_MISSING)
    expect(outcome.stderr).not.toContain(WRONG)
  })

  test.each([0o640, 0o604, 0o620, 0o666])('a profile file of mode %o is refused', async (mode) => {
    writeConfig({ default: goodProfile() }, mode)
    const outcome = await get([], { env: variables() })
    expect(outcome).toMatchObject(CREDENTIALS_MISSING)
    expect(outcome.stderr).toContain(`can be used by others: its mode is 0${mode.toString(8)}`)
    expect(outcome.stderr).toContain(`Run: chmod 600 ${configFile()}`)
  })

  test.each([
    ['is not JSON', '{"profiles": {"default": {"accessKeySecret": "hush-hush"}'],
    ['has no object "profiles"', '[]'],
    ['profiles.default is not an object', '{"profiles": {"default": "hush-hush"}}'],
    ['profiles.default.accessKeyID is not known', '{"profiles": {"default": {"accessKeyID": "hush-hush"}}}'],
    ['profiles.default.accessKeyId is not a string', '{"profiles": {"default": {"accessKeyId": 5}}}'],
  ])('a profile file that %s is named, and not quoted', async (problem, text) => {
    writeConfig(text)
    const outcome = await get([])
    expect(outcome).toMatchObject(CREDENTIALS_MISSING)
    expect(outcome.stderr).toContain(`${configFile()} ${problem}`)
    expect(outcome.stderr).not.toContain('hush')
  })

  test('both ways to give a secret at once are refused', async () => {
    const file = home.write('secret', WRONG)
    expect(await get(['--access-key-secret', WRONG, '--access-key-secret-file', file])).toMatchObject({
      code: 2,
    })
    expect(await get(['--access-key-secret-file', home.path('none')])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('cannot be read: ENOENT'),
    })
  })
})

describe('configure', () => {
  const configure = (args, options) => runCli(['configure', ...args], { env: home.env, ...options })
  const modeOf = (file) => (fs.statSync(file).mode & 0o777).toString(8)

  test('writes a profile that only its owner can read, and the next command uses it', async () => {
    const { accessKeyId, accessKeySecret, apiBase } = dev.server
    const args = ['--access-key-id', accessKeyId, '--access-key-secret', '-', '--api-base', apiBase]
    const outcome = await configure(args, { input: `${accessKeySecret}\n` })
    expect(outcome).toMatchObject({ code: 0, stderr: '' })
    expect(outcome.stdout).toContain(configFile())
    expect(JSON.parse(fs.readFileSync(configFile(), 'utf8'))).toEqual({
      profiles: { default: goodProfile() },
    })
    expect([modeOf(configFile()), modeOf(home.path('config', 'lockerpm'))]).toEqual(['600', '700'])
    expect(fs.readdirSync(home.path('config', 'lockerpm'))).toEqual(['config.json'])
    expect(await get([])).toMatchObject({ code: 0, stdout: 'found' })
  })

  test('leaves other profiles alone', async () => {
    writeConfig({ default: goodProfile() })
    const file = home.write('secret', WRONG)
    await configure(['--profile', 'work', '--access-key-id', 'id', '--access-key-secret-file', file])
    const { profiles } = JSON.parse(fs.readFileSync(configFile(), 'utf8'))
    expect(profiles).toEqual({
      default: goodProfile(),
      work: { accessKeyId: 'id', accessKeySecret: WRONG, apiBase: 'https://api.locker.io/locker_secrets' },
    })
  })

  test('refuses a secret that cannot be one and writes nothing', async () => {
    const outcome = await configure(['--access-key-id', 'id', '--access-key-secret', '-'], { input: 'hush!' })
    expect(outcome).toMatchObject({ code: 3, stdout: '' })
    expect(outcome.stderr).not.toContain('hush')
    expect(fs.existsSync(configFile())).toBe(false)
  })

  test('in a pipe says which flags are missing', async () => {
    const { code, stderr } = await configure(['--access-key-id', 'id'])
    expect(code).toBe(2)
    expect(stderr).toContain('--access-key-secret-file')
  })

  testInTerminal('asks on a terminal, and does not show the secret', async () => {
    const { accessKeyId, accessKeySecret, apiBase } = dev.server
    const cli = startCli(['configure'], { env: home.env, terminal: true })
    await cli.says('Access key id: ')
    cli.type(`${accessKeyId}\r`)
    await cli.says('Access key secret (not shown): ')
    cli.type(`${accessKeySecret}\r`)
    await cli.says('API base [https://api.locker.io/locker_secrets]: ')
    cli.type(`${apiBase}\r`)
    const { code, stdout } = await cli.exit
    expect(code).toBe(0)
    expect(stdout).toContain(accessKeyId)
    expect(stdout).not.toContain(accessKeySecret)
    expect(JSON.parse(fs.readFileSync(configFile(), 'utf8'))).toEqual({
      profiles: { default: goodProfile() },
    })
  })
})
