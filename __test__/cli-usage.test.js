'use strict'

/** What every command has: help, suggestions, colours, exit codes, and a quick start. */

const { writeFileSync } = require('node:fs')

const { runCli, runInTerminal, serverVariables, startCli, testInTerminal, useHome } = require('./support/cli')
const { closedPort } = require('./support/closed-port')
const { unique, useDevServer } = require('./support/dev-server')
const { version } = require('../package.json')

const dev = useDevServer()
const home = useHome()

const env = () => ({ ...home.env, ...serverVariables(dev.server) })
const cli = (args, own) => runCli(args, { env: { ...env(), ...own } })

const COMMANDS = [
  'secret list',
  'secret get',
  'secret create',
  'secret update',
  'environment list',
  'environment get',
  'environment create',
  'environment update',
  'run',
  'import',
  'export',
  'configure',
  'doctor',
  'types',
  'completion',
]

describe('help', () => {
  test.each(COMMANDS)('%s has help with examples, its options and the global ones', async (command) => {
    const { code, stdout, stderr } = await cli([...command.split(' '), '--help'])
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout).toContain(`Usage: lockerpm ${command} [options]`)
    expect(stdout).toMatch(/\nExamples:\n {2}\$ /)
    expect(stdout).toContain('--access-key-secret-file <file>')
  })

  test('lists the commands, and help COMMAND is the same as COMMAND --help', async () => {
    const { stdout } = await cli(['--help'])
    for (const command of COMMANDS) expect(stdout).toContain(`\n  ${command.split(' ')[0]} `)
    expect(await cli(['help', 'run'])).toEqual(await cli(['run', '--help']))
    expect(await cli(['--version'])).toMatchObject({ code: 0, stdout: `${version}\n` })
  })

  test('without a command is on stderr, and an error', async () => {
    for (const args of [[], ['secret']]) {
      const { code, stdout, stderr } = await cli(args)
      expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
      expect(stderr).toContain('Usage: lockerpm')
    }
  })

  test.each([['--help'], ['help', 'secret'], ['completion', 'bash'], ['secret', 'gett']])(
    '%s %s does not load native code',
    async (...args) => {
      const seen = home.path('seen')
      const preload = home.write(
        'preload.js',
        `process.on('exit', () => require('fs').writeFileSync(${JSON.stringify(seen)},
          String(Object.keys(require.cache).some((name) => name.endsWith('.node')))))`,
      )
      writeFileSync(seen, '')
      await cli(args, { NODE_OPTIONS: `--require ${preload}` })
      expect(require('node:fs').readFileSync(seen, 'utf8')).toBe('false')
    },
  )
})

describe('what is not known', () => {
  test.each([
    [['secrt', 'list'], "unknown command 'secrt'", 'Did you mean secret?'],
    [['secret', 'lst'], "unknown command 'lst'", 'Did you mean list?'],
    [['secret', 'list', '--reveel'], "unknown option '--reveel'", 'Did you mean --reveal?'],
    [['run', '--evn', 'prod', '--', 'true'], "unknown option '--evn'", 'Did you mean --env?'],
    [
      ['secret', 'list', '--acess-key-id', 'x'],
      "unknown option '--acess-key-id'",
      'Did you mean --access-key-id?',
    ],
    [['--profil', 'x', 'doctor'], "unknown option '--profil'", 'Did you mean --profile?'],
    [['secret', 'get', 'A', 'B'], 'too many arguments', ''],
    [['secret', 'get'], "missing required argument 'key'", ''],
    [['run'], "missing required argument 'command'", ''],
    [['run', '--watch-interval', 'soon', '--', 'true'], 'It needs a number of seconds', ''],
    [['import', 'x', '--concurrency', '0'], 'It needs a whole number', ''],
    [['export', '--format', 'xml'], 'Allowed choices are env, json', ''],
    [['secret', 'list', '--output-format', 'xml'], 'Allowed choices are txt, json, env', ''],
  ])('%j is refused, with what is meant', async (args, problem, suggestion) => {
    const { code, stdout, stderr } = await cli(args)
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toContain(`lockerpm: `)
    expect(stderr).toContain(problem)
    expect(stderr).toContain(suggestion)
  })
})

describe('failures', () => {
  test('no answer ends with 7, and says so once', async () => {
    const LOCKER_API_BASE = `http://127.0.0.1:${await closedPort()}`
    const { code, stderr } = await cli(['secret', 'list'], { LOCKER_API_BASE })
    expect(code).toBe(7)
    expect(stderr.match(/lockerpm: /g)).toHaveLength(1)
    expect(stderr).not.toContain('    at ')
  })

  test('a rate limit and a server that fails end with 7 too', async () => {
    for (const status of [429, 500]) {
      await dev.proxy.reset([{ status, body: '{}' }])
      expect(await cli(['secret', 'list'], { LOCKER_API_BASE: dev.proxy.apiBase })).toMatchObject({ code: 7 })
    }
  })

  test('--verbose tells requests and causes, and no secret', async () => {
    await dev.locker().create({ key: unique('KEY'), value: 'unspoken-value' })
    const { code, stdout, stderr } = await cli(['secret', 'list', '--verbose', '--output-format', 'json'])
    expect(code).toBe(0)
    expect(JSON.parse(stdout)).toEqual(expect.any(Array))
    expect(stderr).toContain('GET /v1/secrets')
    const LOCKER_API_BASE = `http://127.0.0.1:${await closedPort()}`
    const failed = await cli(['secret', 'list', '--verbose'], { LOCKER_API_BASE })
    expect(failed.stderr).toContain('APIConnectionError')
    for (const text of [stderr, failed.stderr]) {
      expect(text).not.toContain('unspoken-value')
      expect(text).not.toContain(dev.server.accessKeySecret)
    }
  })

  test('--fetch asks the server, whatever the cache has', async () => {
    const own = { LOCKER_CACHE_DIR: home.path('cache'), LOCKER_API_BASE: dev.proxy.apiBase }
    await cli(['secret', 'list'], own)
    await dev.proxy.reset()
    await cli(['secret', 'list'], own)
    expect(await dev.seen()).toEqual([])
    await cli(['secret', 'list', '--fetch'], own)
    expect(await dev.seen()).not.toEqual([])
  })
})

describe('a reader that goes away', () => {
  test('ends the command quietly', async () => {
    const locker = dev.locker()
    const value = 'x'.repeat(100_000)
    for (let made = 0; made < 5; made += 1) await locker.create({ key: unique('LONG'), value })
    const command = startCli(['secret', 'list'], { env: env() })
    command.closeStdout()
    expect(await command.exit).toMatchObject({ code: 0, signal: null, stderr: '' })
  })
})

describe('colours', () => {
  const COLOUR = '\u001b['
  const table = (own) =>
    runInTerminal(['secret', 'list'], { env: { ...env(), TERM: 'xterm-256color', ...own } })

  testInTerminal('are for a terminal that wants them', async () => {
    expect((await table()).output).toContain(COLOUR)
    expect((await table({ NO_COLOR: '1' })).output).not.toContain(COLOUR)
    expect((await table({ TERM: 'dumb' })).output).not.toContain(COLOUR)
  })

  test('are never in a pipe', async () => {
    for (const args of [['secret', 'list'], ['doctor'], ['--help'], ['secret', 'get', 'NO_SUCH_KEY']]) {
      const { stdout, stderr } = await cli(args, { TERM: 'xterm-256color' })
      expect(stdout + stderr).not.toContain(COLOUR)
    }
  })
})
