'use strict'

/** `lockerpm import` and `lockerpm export`. */

const { execFileSync } = require('node:child_process')
const fs = require('node:fs')

const { runCli, runInTerminal, serverVariables, testInTerminal, useHome } = require('./support/cli')
const { unique, useDevServer } = require('./support/dev-server')

const dev = useDevServer()
const home = useHome()

const env = () => ({ ...home.env, ...serverVariables(dev.server) })
const cli = (args, options) => runCli(args, { env: env(), ...options })
const valuesOf = async (name) => ({ ...(await dev.locker().load(name)) })

let name

beforeEach(async () => {
  name = unique('env')
  await dev.locker().createEnvironment({ name, externalUrl: 'https://example.com' })
})

describe('import', () => {
  const FILE = 'A=1\nB="two\nlines"\n# a comment\nC=\'3\'\n'

  test('creates, changes and keeps, and says how many of each', async () => {
    const file = home.write('.env', FILE)
    const locker = dev.locker()
    await locker.create({ key: 'A', value: '1', environmentName: name })
    await locker.create({ key: 'B', value: 'other', environmentName: name })
    expect(await cli(['import', file, '--env', name])).toEqual({
      code: 0,
      signal: null,
      stdout: '1 created, 1 changed, 1 kept, 0 refused\n',
      stderr: '',
    })
    expect(await valuesOf(name)).toMatchObject({ A: '1', B: 'two\nlines', C: '3' })
    const again = await cli(['import', file, '--env', name, '--output-format', 'json'])
    expect(JSON.parse(again.stdout)).toEqual({ created: [], changed: [], kept: ['A', 'B', 'C'], refused: [] })
  })

  test('--dry-run tells what it would do, and does nothing', async () => {
    await dev.locker().create({ key: 'A', value: 'other', environmentName: name })
    const { code, stdout } = await cli(['import', home.write('.env', FILE), '--env', name, '--dry-run'])
    expect({ code, stdout }).toEqual({
      code: 0,
      stdout:
        'create B\ncreate C\nchange A\nNothing was sent. It would be: 2 created, 1 changed, 0 kept, 0 refused\n',
    })
    expect(await valuesOf(name)).toMatchObject({ A: 'other' })
  })

  test('--no-overwrite keeps what exists', async () => {
    await dev.locker().create({ key: 'A', value: 'other', environmentName: name })
    const { stdout } = await cli(['import', home.write('.env', FILE), '--env', name, '--no-overwrite'])
    expect(stdout).toBe('2 created, 0 changed, 1 kept, 0 refused\n')
    expect(await valuesOf(name)).toMatchObject({ A: 'other' })
  })

  test('reads standard input, and other formats', async () => {
    const input = JSON.stringify({ FROM_JSON: 'j' })
    expect(await cli(['import', '-', '--format', 'json', '--env', name], { input })).toMatchObject({
      code: 0,
    })
    const file = home.write('values.ini', 'FROM_INI=i\n')
    expect(await cli(['import', file, '--env', name])).toMatchObject({ code: 0 })
    expect(await valuesOf(name)).toMatchObject({ FROM_JSON: 'j', FROM_INI: 'i' })
  })

  test('names the file and the line that cannot be read, and imports nothing', async () => {
    const file = home.write('.env', 'GOOD=1\nsecret-looking nonsense\n')
    const { code, stdout, stderr } = await cli(['import', file, '--env', name])
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toContain(`${file}, line 2`)
    expect(stderr).not.toContain('secret-looking')
    expect(await dev.locker().list(name)).toEqual([])
  })

  test('into an environment that does not exist is an error that lists those that do', async () => {
    const { code, stderr } = await cli(['import', home.write('.env', FILE), '--env', 'prood'])
    expect(code).toBe(5)
    expect(stderr).toContain('the environment "prood" does not exist')
    expect(stderr).toContain(name)
  })

  test('says which keys were refused and why, and ends as the first of them', async () => {
    const readOnly = { ...env(), ...serverVariables({ ...dev.server, ...dev.server.readOnly }) }
    const file = home.write('.env', FILE)
    const { code, stdout, stderr } = await cli(['import', file, '--env', name], { env: readOnly })
    expect({ code, stdout }).toEqual({ code: 4, stdout: '0 created, 0 changed, 0 kept, 3 refused\n' })
    expect(stderr).toContain('A was refused: ')
  })

  testInTerminal('draws a bar on a terminal, and takes it away', async () => {
    const lines = Array.from({ length: 40 }, (_, number) => `K${number}=v${number}\n`)
    const file = home.write('.env', lines.join(''))
    const { code, output } = await runInTerminal(['import', file, '--env', name], { env: env() })
    expect(code).toBe(0)
    expect(output).toMatch(/\rimporting \[#+\.*\] \d+\/40/)
    expect(output).toMatch(/\r +\r40 created, 0 changed, 0 kept, 0 refused\n$/)
  })
})

describe('export', () => {
  beforeEach(async () => {
    const locker = dev.locker()
    await locker.create({ key: 'EXPORTED', value: "it's $HOME\n", environmentName: name })
  })

  test('gives a pipe the secrets of ALL and the environment, in the format that was asked for', async () => {
    const { stdout } = await cli(['export', '--env', name, '--format', 'json'])
    expect(JSON.parse(stdout)).toEqual(await valuesOf(name))
    expect(await cli(['export', '--env', name, '--output-format', 'json'])).toMatchObject({ stdout })
    for (const format of ['env', 'yaml', 'shell', 'k8s', 'ini']) {
      const args = ['export', '--env', name, '--format', format]
      const text = await dev.locker().export({ environmentName: name, format })
      expect(await cli(args)).toMatchObject({ code: 0, stdout: text })
    }
  })

  test('--format shell can be evaluated', async () => {
    const { stdout } = await cli(['export', '--env', name, '--format', 'shell'])
    const script = `${stdout}\nprintf %s "$EXPORTED"`
    expect(execFileSync('sh', ['-c', script], { encoding: 'utf8' })).toBe("it's $HOME\n")
  })

  test('--name names the Secret of k8s', async () => {
    const { stdout } = await cli(['export', '--env', name, '--format', 'k8s', '--name', 'shop'])
    expect(stdout).toContain('name: "shop"')
  })

  test('--output writes a file that only its owner can read, and replaces one only with --force', async () => {
    const file = home.path('out.json')
    const args = ['export', '--env', name, '--format', 'json', '--output', file]
    expect(await cli(args)).toEqual({ code: 0, signal: null, stdout: '', stderr: '' })
    expect((fs.statSync(file).mode & 0o777).toString(8)).toBe('600')
    expect(JSON.parse(fs.readFileSync(file, 'utf8'))).toEqual(await valuesOf(name))
    fs.writeFileSync(file, 'mine')
    expect(await cli(args)).toMatchObject({ code: 2, stderr: expect.stringContaining(file) })
    expect(fs.readFileSync(file, 'utf8')).toBe('mine')
    expect(await cli([...args, '--force'])).toMatchObject({ code: 0 })
  })

  testInTerminal('hides the values on a terminal, unless they are to be shown', async () => {
    const inTerminal = (flags) => runInTerminal(['export', '--env', name, ...flags], { env: env() })
    for (const format of ['env', 'json', 'yaml', 'shell', 'docker', 'k8s', 'ini']) {
      const { code, output } = await inTerminal(['--format', format])
      expect(code).toBe(0)
      expect(output).toContain('EXPORTED')
      expect(output).toContain('--reveal shows them')
      expect(output).not.toContain('$HOME')
      expect(output).not.toContain(Buffer.from("it's $HOME\n").toString('base64'))
    }
    expect((await inTerminal(['--format', 'json', '--reveal'])).output).toContain("it's $HOME")
  })
})
