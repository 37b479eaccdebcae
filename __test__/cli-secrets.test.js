'use strict'

/** `lockerpm secret` and `lockerpm environment`: what they print, in pipes and in a terminal, and how they end. */

const { runCli, runInTerminal, serverVariables, startCli, testInTerminal, useHome } = require('./support/cli')
const { unique, useDevServer } = require('./support/dev-server')

const dev = useDevServer()
const home = useHome()

const VALUE = 'two\nlines, a\ttab and "quotes"'

const env = () => ({ ...home.env, ...serverVariables(dev.server) })
const cli = (args, options) => runCli(args, { env: env(), ...options })
const inTerminal = (args) => runInTerminal(args, { env: { ...env(), TERM: 'xterm' } })
const quiet = (stdout) => ({ code: 0, signal: null, stdout, stderr: '' })

let staging
let prod

beforeAll(async () => {
  const locker = dev.locker()
  staging = unique('staging')
  prod = unique('prod')
  await locker.createEnvironment({ name: staging, externalUrl: 'https://staging.example.com' })
  await locker.createEnvironment({ name: prod, externalUrl: 'https://example.com', description: 'live' })
})

describe('secret get', () => {
  test('gives a pipe the bare value, without a newline', async () => {
    const key = unique('KEY')
    await dev.locker().create({ key, value: VALUE })
    expect(await cli(['secret', 'get', key])).toEqual(quiet(VALUE))
  })

  test('looks in the environment first, and then in ALL', async () => {
    const key = unique('KEY')
    await dev.locker().create({ key, value: 'all' })
    await dev.locker().create({ key, value: 'staging', environmentName: staging })
    expect(await cli(['secret', 'get', key, '--env', staging])).toEqual(quiet('staging'))
    expect(await cli(['secret', 'get', key, '-e', prod])).toEqual(quiet('all'))
  })

  test('gives the whole secret as JSON, and a line of an env file', async () => {
    const key = unique('KEY')
    const secret = await dev.locker().create({ key, value: 'a b', description: 'd' })
    const { stdout } = await cli(['secret', 'get', key, '--output-format', 'json'])
    expect(JSON.parse(stdout)).toEqual({ ...secret })
    expect(await cli(['secret', 'get', key, '--output-format', 'env'])).toEqual(quiet(`${key}='a b'\n`))
  })

  test('of a key that does not exist ends with 5 and prints nothing to stdout', async () => {
    const { code, stdout, stderr } = await cli(['secret', 'get', 'NO_SUCH_KEY', '--env', prod])
    expect({ code, stdout }).toEqual({ code: 5, stdout: '' })
    expect(stderr).toContain(`there is no secret "NO_SUCH_KEY" in the environment "${prod}" or in ALL`)
  })

  test('does not give the value of ALL for an environment that does not exist', async () => {
    const key = unique('KEY')
    await dev.locker().create({ key, value: 'all' })
    const { code, stdout, stderr } = await cli(['secret', 'get', key, '--env', 'prood'])
    expect({ code, stdout }).toEqual({ code: 5, stdout: '' })
    expect(stderr).toContain('the environment "prood" does not exist: there are ')
    expect(stderr).toContain(`${prod}, ${staging}`)
  })

  testInTerminal('hides the value on a terminal, whatever the format', async () => {
    const key = unique('KEY')
    await dev.locker().create({ key, value: 'not-for-eyes' })
    for (const format of ['txt', 'json', 'env']) {
      const { code, output } = await inTerminal(['secret', 'get', key, '--output-format', format])
      expect(code).toBe(0)
      expect(output).toContain('********')
      expect(output).toContain('--reveal shows it')
      expect(output).not.toContain('not-for-eyes')
    }
  })

  testInTerminal('shows the value on a terminal with --reveal, and ends the line', async () => {
    const key = unique('KEY')
    await dev.locker().create({ key, value: 'for-eyes' })
    expect(await inTerminal(['secret', 'get', key, '--reveal'])).toEqual({ code: 0, output: 'for-eyes\n' })
  })
})

describe('secret list', () => {
  test('gives a pipe a line for each secret, whatever is in it', async () => {
    const key = unique('KEY')
    await dev.locker().create({ key, value: VALUE, environmentName: prod, description: 'back\\slash' })
    const { stdout } = await cli(['secret', 'list', '--env', prod])
    expect(stdout.split('\n')).toContain(`${key}\t${prod}\ttwo\\nlines, a\\ttab and "quotes"\tback\\\\slash`)
  })

  test('gives everything as JSON', async () => {
    const { stdout } = await cli(['secret', 'list', '--output-format', 'json'])
    expect(JSON.parse(stdout)).toEqual((await dev.locker().list()).map((secret) => ({ ...secret })))
  })

  test('does not write an env file in which one key would hide another', async () => {
    const key = unique('KEY')
    await dev.locker().create({ key, value: 'all' })
    await dev.locker().create({ key, value: 'staging', environmentName: staging })
    const { code, stdout, stderr } = await cli(['secret', 'list', '--output-format', 'env'])
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toContain('lockerpm export --env NAME')
    const named = await cli(['secret', 'list', '--output-format', 'env', '--env', staging])
    expect(named.stdout.split('\n')).toContain(`${key}=staging`)
  })

  test('of an environment that does not exist is an error, and of an empty one is not', async () => {
    const name = unique('empty')
    await dev.locker().createEnvironment({ name, externalUrl: 'https://example.com' })
    expect(await cli(['secret', 'list', '--env', name])).toEqual(quiet(''))
    expect(await cli(['secret', 'list', '--env', 'prood'])).toMatchObject({ code: 5, stdout: '' })
  })

  testInTerminal('is a table with headings on a terminal, and hides the values', async () => {
    const key = unique('KEY')
    await dev.locker().create({ key, value: 'not-for-eyes', description: 'clears \u001b[2J the screen' })
    const { output } = await inTerminal(['secret', 'list'])
    expect(output).toMatch(/KEY +ENVIRONMENT +VALUE +DESCRIPTION/)
    expect(output).toMatch(new RegExp(`${key} +ALL +\\*{8} +clears \\\\x1b\\[2J the screen\\n`))
    expect(output).not.toContain('not-for-eyes')
    expect((await inTerminal(['secret', 'list', '--reveal'])).output).toContain('not-for-eyes')
  })
})

describe('secret create and update', () => {
  test('take the value from standard input, without the newline at its end', async () => {
    const key = unique('KEY')
    expect(await cli(['secret', 'create', key, '--env', prod], { input: 'a\nb\n' })).toEqual(
      quiet(`Created ${key} in ${prod}\n`),
    )
    expect(await dev.locker().get(key, prod)).toBe('a\nb')
    expect(await cli(['secret', 'update', key, '--env', prod, '--value', '-'], { input: 'c\r\n' })).toEqual(
      quiet(`Updated ${key} in ${prod}\n`),
    )
    expect(await dev.locker().retrieve(key, prod)).toMatchObject({ value: 'c', environmentName: prod })
  })

  test('take the value from a file as it is', async () => {
    const key = unique('KEY')
    const file = home.write('value', 'pem\n')
    await cli(['secret', 'create', key, '--value-file', file, '--description', 'a key'])
    expect(await dev.locker().retrieve(key)).toMatchObject({ value: 'pem\n', description: 'a key' })
  })

  test('an update changes only what it names, and moves only when told', async () => {
    const key = unique('KEY')
    await dev.locker().create({ key, value: 'v', environmentName: staging })
    await cli(['secret', 'update', key, '--env', staging, '--description', 'new'])
    expect(await dev.locker().retrieve(key, staging)).toMatchObject({
      value: 'v',
      description: 'new',
      environmentName: staging,
    })
    await cli(['secret', 'update', key, '--env', staging, '--move-to', prod])
    expect(await dev.locker().retrieve(key, prod)).toMatchObject({ value: 'v', environmentName: prod })
    await cli(['secret', 'update', key, '--env', prod, '--move-to', ''])
    expect(await dev.locker().retrieve(key)).toMatchObject({ value: 'v', environmentName: null })
  })

  test('do not repeat the value', async () => {
    const key = unique('KEY')
    const { stdout } = await cli(['secret', 'create', key, '--output-format', 'json'], {
      input: 'unrepeated',
    })
    expect(JSON.parse(stdout)).toMatchObject({ key, environmentName: null })
    expect(stdout).not.toContain('unrepeated')
  })

  test('refuse an empty standard input, and take an empty value that is meant', async () => {
    const key = unique('KEY')
    expect(await cli(['secret', 'create', key])).toMatchObject({ code: 2, stdout: '' })
    expect(await cli(['secret', 'create', key, '--value', ''])).toMatchObject({ code: 0 })
    expect(await dev.locker().get(key)).toBe('')
  })

  test('refuse a format that they do not have before they do anything', async () => {
    const key = unique('KEY')
    const outcome = await cli(['secret', 'create', key, '--value', 'v', '--output-format', 'env'])
    expect(outcome).toMatchObject({ code: 2, stderr: expect.stringContaining('txt and json only') })
    expect(await dev.locker().get(key)).toBeUndefined()
  })

  test('refuse what is not text', async () => {
    const outcome = await cli(['secret', 'create', unique('KEY')], { input: Buffer.from([0xff, 0xfe]) })
    expect(outcome).toMatchObject({ code: 2, stderr: expect.stringContaining('not UTF-8') })
  })

  test('end with 6 for what exists, with 5 for what does not, and with 4 where only reading is allowed', async () => {
    const key = unique('KEY')
    await dev.locker().create({ key, value: 'v' })
    expect(await cli(['secret', 'create', key, '--value', 'v'])).toMatchObject({ code: 6 })
    expect(await cli(['secret', 'update', key, '--env', prod, '--value', 'v'])).toMatchObject({ code: 5 })
    const nowhere = await cli(['secret', 'create', key, '--env', 'prood', '--value', 'v'])
    expect(nowhere).toMatchObject({ code: 5, stderr: expect.stringContaining(prod) })
    const readOnly = { ...env(), ...serverVariables({ ...dev.server, ...dev.server.readOnly }) }
    expect(await cli(['secret', 'update', key, '--value', 'v'], { env: readOnly })).toMatchObject({ code: 4 })
  })

  testInTerminal('ask for the value on a terminal, and do not show it', async () => {
    const key = unique('KEY')
    const cli = startCli(['secret', 'create', key], { env: env(), terminal: true })
    await cli.says(`Value of ${key} (not shown): `)
    cli.type('typed-secrex\u007ft\r')
    const { code, stdout } = await cli.exit
    expect(code).toBe(0)
    expect(stdout).not.toContain('typed')
    expect(await dev.locker().get(key)).toBe('typed-secret')
  })

  testInTerminal('end with 130 when the question is interrupted, and create nothing', async () => {
    const key = unique('KEY')
    const cli = startCli(['secret', 'create', key], { env: env(), terminal: true })
    await cli.says('(not shown): ')
    cli.type('half\u0003')
    expect((await cli.exit).code).toBe(130)
    expect(await dev.locker().get(key)).toBeUndefined()
  })
})

describe('environment', () => {
  test('is created, changed, shown and listed', async () => {
    const name = unique('preview')
    const url = 'https://preview.example.com'
    expect(await cli(['environment', 'create', name, '--external-url', url])).toEqual(
      quiet(`Created environment ${name}\n`),
    )
    expect(await cli(['environment', 'update', name, '--description', 'for a look'])).toEqual(
      quiet(`Updated environment ${name}\n`),
    )
    expect(await cli(['environment', 'get', name])).toEqual(quiet(`${name}\n${url}\nfor a look\n`))
    const { stdout } = await cli(['environment', 'get', name, '--output-format', 'json'])
    expect(JSON.parse(stdout)).toEqual({ ...(await dev.locker().getEnvironment(name)) })
    const list = await cli(['environment', 'list'])
    expect(list.stdout.split('\n')).toContain(`${name}\t${url}\tfor a look`)
  })

  test('that exists, or does not, is an error of its own', async () => {
    const url = 'https://example.com'
    expect(await cli(['environment', 'create', prod, '--external-url', url])).toMatchObject({ code: 6 })
    for (const args of [
      ['get', 'prood'],
      ['update', 'prood', '--description', 'd'],
    ]) {
      const { code, stderr } = await cli(['environment', ...args])
      expect(code).toBe(5)
      expect(stderr).toContain(`the environment "prood" does not exist: there are `)
    }
  })

  test('has no form for env files', async () => {
    expect(await cli(['environment', 'list', '--output-format', 'env'])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('txt and json only'),
    })
  })
})
