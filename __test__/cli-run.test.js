'use strict'

/** `lockerpm run`: the variables of the command, its signals, its end, and its new start when secrets change. */

const { readFileSync } = require('node:fs')
const os = require('node:os')
const path = require('node:path')

const { runCli, serverVariables, startCli, testInTerminal, useHome } = require('./support/cli')
const { unique, useDevServer } = require('./support/dev-server')
const { until } = require('./support/until')

const dev = useDevServer()
const home = useHome()

const env = () => ({ ...home.env, ...serverVariables(dev.server) })
const run = (args, options = {}) =>
  runCli(['run', ...args], { ...options, env: { ...env(), ...options.env } })
/** The variables of these names that the command finds. */
const variables = async (names, flags, own) => {
  const script = `console.log(JSON.stringify(${JSON.stringify(names)}.map((name) => process.env[name] ?? null)))`
  const { code, stdout, stderr } = await run([...flags, '--', process.execPath, '-e', script], { env: own })
  return { code, stderr, values: stdout === '' ? undefined : JSON.parse(stdout) }
}
const found = (...values) => ({ code: 0, stderr: '', values })

const program = path.join(__dirname, 'fixtures/told.js')
/** Starts `told.js` below `lockerpm run`, and waits until it says that it is ready. */
async function startTold(input, flags = [], { terminal, variables: own } = {}) {
  const command = [process.execPath, program, JSON.stringify(input)]
  const cli = startCli(['run', ...flags, '--', ...command], { terminal, env: { ...env(), ...own } })
  await cli.says('ready')
  return cli
}
/** What the last of the started commands says of itself. */
const lastStart = ({ output }) =>
  JSON.parse(output.stdout.split(/\r?\n/).findLast((line) => line.startsWith('{')))
const count = ({ output }, text) => output.stdout.split(text).length - 1

let prod
let staging

beforeAll(async () => {
  const locker = dev.locker()
  prod = unique('prod')
  staging = unique('staging')
  await locker.createEnvironment({ name: prod, externalUrl: 'https://example.com' })
  await locker.createEnvironment({ name: staging, externalUrl: 'https://staging.example.com' })
  await locker.create({ key: 'RUN_A', value: 'a of all' })
  await locker.create({ key: 'RUN_B', value: 'b of all' })
  await locker.create({ key: 'RUN_B', value: 'b of prod', environmentName: prod })
  await locker.create({ key: 'RUN_C', value: 'c of prod', environmentName: prod })
})

describe('variables', () => {
  test('are ALL, overlaid by the environment, besides those of the caller', async () => {
    const names = ['RUN_A', 'RUN_B', 'RUN_C', 'CALLER']
    const own = { CALLER: 'mine' }
    expect(await variables(names, ['--env', prod], own)).toEqual(
      found('a of all', 'b of prod', 'c of prod', 'mine'),
    )
    expect(await variables(names, [], own)).toEqual(found('a of all', 'b of all', null, 'mine'))
  })

  test('of the caller give way to secrets, unless they are preserved', async () => {
    const own = { RUN_A: 'mine' }
    expect(await variables(['RUN_A', 'RUN_B'], [], own)).toEqual(found('a of all', 'b of all'))
    expect(await variables(['RUN_A', 'RUN_B'], ['--preserve-env'], own)).toEqual(found('mine', 'b of all'))
  })

  test('can be chosen, and get a prefix', async () => {
    const names = ['RUN_A', 'RUN_B', 'APP_RUN_B']
    expect(await variables(names, ['--only', 'RUN_B'])).toEqual(found(null, 'b of all', null))
    expect(await variables(names, ['--only', 'RUN_B, RUN_A', '--prefix', 'APP_'])).toEqual(
      found(null, null, 'b of all'),
    )
  })

  test('that were chosen have to exist, or nothing is started', async () => {
    const { code, values, stderr } = await variables(['RUN_A'], ['--only', 'RUN_A,RUN_C,NOPE'])
    expect({ code, values }).toEqual({ code: 5, values: undefined })
    expect(stderr).toContain('there is no secret RUN_C, NOPE in ALL')
  })

  test('of an environment that does not exist: an error that lists those that do', async () => {
    const { code, values, stderr } = await variables(['RUN_A'], ['--env', 'prood'])
    expect({ code, values }).toEqual({ code: 5, values: undefined })
    expect(stderr).toContain(`the environment "prood" does not exist: there are ${prod}, ${staging}`)
  })

  test('are never on a command line', async () => {
    const cli = await startTold({}, ['--env', prod])
    const { pid, parent, argv } = lastStart(cli)
    const lines = [parent, ...argv, readFileSync(`/proc/${pid}/cmdline`, 'utf8')].join(' ')
    cli.kill('SIGTERM')
    await cli.exit
    expect(lines).toContain('told.js')
    expect(lines).not.toMatch(/of (all|prod)/)
  })
})

describe('a secret that cannot be a variable', () => {
  const name = 'odd'

  beforeAll(async () => {
    await dev.locker().createEnvironment({ name, externalUrl: 'https://example.com' })
    await dev.locker().create({ key: 'db.password', value: 'dotted-value', environmentName: name })
    await dev.locker().create({ key: '1ST', value: 'first-value', environmentName: name })
    await dev.locker().create({ key: 'PATH', value: '/nowhere', environmentName: name })
    await dev.locker().create({ key: 'NUL', value: 'a\0nul-value', environmentName: name })
  })

  test('is left out with a warning that names it', async () => {
    const { code, stderr, values } = await variables(['db.password', '1ST', 'NUL', 'RUN_A'], ['--env', name])
    expect({ code, values }).toEqual({ code: 0, values: [null, null, null, 'a of all'] })
    expect(stderr).toContain('left out: db.password is no valid name of a variable')
    expect(stderr).toContain('left out: 1ST is no valid name of a variable')
    expect(stderr).toContain('left out: PATH would replace what the command needs to run')
    expect(stderr).toContain('left out: NUL has a NUL character in its value')
    expect(stderr).not.toMatch(/-value/)
  })

  test('can become one by a prefix', async () => {
    expect((await variables(['P_1ST'], ['--env', name, '--prefix', 'P_'])).values).toEqual(['first-value'])
  })

  test('is an error with --strict, and nothing is started', async () => {
    const { code, stderr, values } = await variables(['RUN_A'], ['--env', name, '--strict'])
    expect({ code, values }).toEqual({ code: 2, values: undefined })
    expect(stderr).toContain('--strict: ')
    expect(stderr).toContain('db.password')
  })
})

describe('--env-file', () => {
  test('sets its variables over the secrets, with the references replaced', async () => {
    const file = home.write(
      '.env',
      `PLAIN="a b"\nRUN_B=of-the-file\nREF=locker://RUN_A\nPROD=locker://RUN_C?env=${prod}\n`,
    )
    const names = ['PLAIN', 'RUN_A', 'RUN_B', 'REF', 'PROD']
    expect(await variables(names, ['--env-file', file])).toEqual(
      found('a b', 'a of all', 'of-the-file', 'a of all', 'c of prod'),
    )
  })

  test('looks a reference up in the environment that was chosen', async () => {
    const file = home.write('.env', 'REF=locker://RUN_B\n')
    expect(await variables(['REF'], ['--env-file', file, '--env', prod])).toEqual(found('b of prod'))
  })

  test('gives way to what is set already, if that is to be preserved', async () => {
    const file = home.write('.env', 'REF=locker://RUN_A\nOTHER=locker://RUN_A\n')
    const flags = ['--env-file', file, '--preserve-env']
    expect(await variables(['REF', 'OTHER'], flags, { OTHER: 'mine' })).toEqual(found('a of all', 'mine'))
  })

  test('with a reference to nothing stops the start, and names the line', async () => {
    const file = home.write('.env', 'A=1\n\nREF=locker://NO_SUCH\n')
    const { code, stderr, values } = await variables(['A'], ['--env-file', file])
    expect({ code, values }).toEqual({ code: 5, values: undefined })
    expect(stderr).toContain(`${file}, line 3`)
    expect(stderr).toContain('NO_SUCH')
  })

  test('that cannot be read, as a whole or in a line, stops the start', async () => {
    const broken = home.write('.env', 'A=1\nthis is no assignment\n')
    const line = await variables(['A'], ['--env-file', broken])
    expect(line).toMatchObject({
      code: 2,
      values: undefined,
      stderr: expect.stringContaining(`${broken}, line 2`),
    })
    const none = await variables(['A'], ['--env-file', home.path('none')])
    expect(none).toMatchObject({ values: undefined, stderr: expect.stringContaining(home.path('none')) })
    // Node.js takes it for an option of its own and is the first to miss it, but for the oldest versions.
    expect([2, 9]).toContain(none.code)
  })
})

describe('the end', () => {
  test.each([0, 1, 3, 77, 255])('exit code %i passes through', async (code) => {
    expect(await run(['--', process.execPath, '-e', `process.exit(${code})`])).toMatchObject({
      code,
      stderr: '',
    })
  })

  test.each(['SIGTERM', 'SIGKILL', 'SIGINT', 'SIGHUP', 'SIGUSR1'])(
    'a command that %s kills is seen to be killed by it',
    async (signal) => {
      expect(await run(['--', 'sh', '-c', `kill -${signal.slice(3)} $$`])).toMatchObject({
        code: null,
        signal,
      })
    },
  )

  test.each(['SIGSEGV', 'SIGPIPE'])(
    '%s gives 128 and its number, and no image of our memory',
    async (signal) => {
      const code = 128 + os.constants.signals[signal]
      expect(await run(['--', 'sh', '-c', `kill -${signal.slice(3)} $$`])).toMatchObject({
        code,
        signal: null,
      })
    },
  )

  test('a command that does not exist gives 127, and one that may not be executed 126', async () => {
    const none = await run(['--', 'no-such-command-anywhere'])
    expect(none).toMatchObject({ code: 127, stderr: expect.stringContaining('there is no such command') })
    const file = home.write('not-executable', '#!/bin/sh\n')
    const refused = await run(['--', file])
    expect(refused).toMatchObject({ code: 126, stderr: expect.stringContaining('may not be executed') })
  })

  test('stdin, stdout and stderr are those of the command', async () => {
    const script = 'process.stdin.pipe(process.stdout); console.error("to stderr")'
    const outcome = await run(['--', process.execPath, '-e', script], { input: 'through' })
    expect(outcome).toEqual({ code: 0, signal: null, stdout: 'through', stderr: 'to stderr\n' })
  })

  test('the arguments of the command are its own, with and without --', async () => {
    const script = 'console.log(process.argv.slice(1).join(" "))'
    for (const dashes of [[], ['--']]) {
      const outcome = await run([...dashes, process.execPath, '-e', script, 'x', '--env', '--', '--verbose'])
      expect(outcome).toMatchObject({ code: 0, stdout: 'x --env -- --verbose\n', stderr: '' })
    }
  })
})

describe('signals', () => {
  test.each(['SIGTERM', 'SIGHUP', 'SIGUSR1', 'SIGUSR2', 'SIGINT'])(
    '%s reaches the command, which decides what it means',
    async (signal) => {
      const cli = await startTold({ exitOn: [signal], code: 41 })
      cli.kill(signal)
      expect(await cli.exit).toMatchObject({ code: 41, signal: null })
      expect(cli.output.stdout.split(`got ${signal}`).length).toBe(2)
    },
  )

  test('the command goes on after a signal that it survives', async () => {
    const cli = await startTold({ code: 5 })
    cli.kill('SIGUSR1')
    await cli.says('got SIGUSR1')
    cli.kill('SIGHUP')
    await cli.says('got SIGHUP')
    cli.kill('SIGTERM')
    expect(await cli.exit).toMatchObject({ code: 5 })
  })

  testInTerminal('Ctrl-C on a terminal reaches the command once', async () => {
    const cli = await startTold({ code: 6 }, [], { terminal: true })
    for (let pressed = 1; pressed <= 3; pressed += 1) {
      cli.type('\u0003')
      await cli.says('got SIGINT', pressed)
    }
    process.kill(lastStart(cli).ppid, 'SIGTERM')
    expect((await cli.exit).code).toBe(6)
    expect([count(cli, 'got SIGINT'), count(cli, 'got SIGTERM')]).toEqual([3, 1])
  })

  testInTerminal('Ctrl-C ends a command that does not care, as a shell sees it', async () => {
    const cli = startCli(['run', '--', 'sh', '-c', 'echo ready; exec cat'], { env: env(), terminal: true })
    await cli.says('ready')
    cli.type('\u0003')
    // `script` says 128 and the number of the signal, as a shell does.
    expect((await cli.exit).code).toBe(128 + os.constants.signals.SIGINT)
  })
})

describe('--watch', () => {
  const flags = ['--watch', '--watch-interval', '0.05']
  const locker = () => dev.locker()
  let key

  beforeEach(async () => {
    key = unique('WATCHED').replaceAll('-', '_')
    await locker().create({ key, value: 'first' })
  })

  test('starts the command again when its secrets change', async () => {
    const cli = await startTold({ names: [key] }, flags)
    await cli.says(`ready ${key}=first`)
    await locker().modify(key, null, { value: 'second' })
    await cli.says(`ready ${key}=second`)
    await locker().create({ key: `${key}_NEW`, value: 'new' })
    await cli.says(`ready ${key}=second`, 2)
    cli.kill('SIGTERM')
    const { code, stderr } = await cli.exit
    expect({ code, told: count(cli, 'got SIGTERM') }).toEqual({ code: 0, told: 3 })
    expect(stderr).toContain(`changed: ${key}. The command is started again`)
    expect(stderr).toContain(`changed: ${key}_NEW.`)
    expect(stderr).not.toMatch(/first|second/)
  })

  test('leaves it alone when the secrets of another environment change', async () => {
    const cli = await startTold({ names: [key] }, [...flags, '--env', prod])
    await locker().create({ key, value: 'elsewhere', environmentName: staging })
    await locker().create({ key, value: 'second', environmentName: prod })
    await cli.says(`ready ${key}=second`)
    cli.kill('SIGTERM')
    await cli.exit
    expect(count(cli, 'ready')).toBe(2)
  })

  test('kills a command that does not end within the grace period', async () => {
    const cli = await startTold({ names: [key], exitOn: [] }, [...flags, '--grace', '0.1'])
    await locker().modify(key, null, { value: 'second' })
    await cli.says(`ready ${key}=second`)
    expect(count(cli, 'got SIGTERM')).toBe(1)
    process.kill(lastStart(cli).pid, 'SIGKILL')
    expect(await cli.exit).toMatchObject({ code: null, signal: 'SIGKILL' })
  })

  test('does not start the command again once it is told to end', async () => {
    const own = { LOCKER_API_BASE: dev.proxy.apiBase }
    const input = { names: [key], exitOn: ['SIGUSR2'], code: 8 }
    const cli = await startTold(input, [...flags, '--grace', '0.1'], { variables: own })
    cli.kill('SIGTERM')
    await cli.says('got SIGTERM')
    await dev.proxy.reset()
    await locker().modify(key, null, { value: 'second' })
    await until(async () => (await dev.seen()).some((request) => request.startsWith('GET /v1/secrets')))
    cli.kill('SIGUSR2')
    expect(await cli.exit).toMatchObject({ code: 8, signal: null })
    expect([count(cli, 'ready'), count(cli, 'got SIGTERM')]).toEqual([1, 1])
  })

  test('ends as the command ends', async () => {
    expect(await run([...flags, '--', process.execPath, '-e', 'process.exit(9)'])).toMatchObject({ code: 9 })
    expect(await run([...flags, '--', 'no-such-command-anywhere'])).toMatchObject({ code: 127 })
  })

  test('survives an outage, tells it once, and sees what changed during it', async () => {
    const own = { LOCKER_API_BASE: dev.proxy.apiBase }
    const cli = await startTold({ names: [key] }, flags, { variables: own })
    await dev.proxy.reset([{ status: 400, body: '{}' }])
    await until(async () => (await dev.proxy.requests()).length > 2)
    await locker().modify(key, null, { value: 'second' })
    expect(count(cli, 'ready')).toBe(1)
    await dev.proxy.reset()
    await cli.says(`ready ${key}=second`)
    cli.kill('SIGTERM')
    const { stderr } = await cli.exit
    expect(stderr.split('cannot look for changes').length - 1).toBe(1)
  })
})
