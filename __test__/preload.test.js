'use strict'

/** `lockerpm/preload`: `process.env` is filled before the application starts, or the application does not start. */

const { spawn } = require('node:child_process')
const { once } = require('node:events')
const { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } = require('node:fs')
const { tmpdir } = require('node:os')
const path = require('node:path')
const { text } = require('node:stream/consumers')

const { closedPort } = require('./support/closed-port')
const { useDevServer } = require('./support/dev-server')
const { environment } = require('./support/run-fixture')

const dev = useDevServer()

const APPLICATIONS = {
  'app.cjs': `const { A, B, C } = process.env
    console.log(JSON.stringify({ A, B, C }))`,
  // An import is evaluated before what follows it, so it shows whether the preload was before all of them.
  'app.mjs': `import './read.mjs'
    console.log(JSON.stringify(globalThis.read))`,
  'read.mjs': `const { A, B, C } = process.env
    globalThis.read = { A, B, C }`,
  'worker.mjs': `import { once } from 'node:events'
    import { Worker, isMainThread, parentPort, threadId } from 'node:worker_threads'
    if (isMainThread) {
      process.env.B = 'changed by the application'
      const worker = new Worker(new URL(import.meta.url))
      console.log(JSON.stringify((await once(worker, 'message'))[0]))
    } else parentPort.postMessage({ A: process.env.A, B: process.env.B })`,
  'exit.cjs': `setTimeout(() => { process.exitCode = 7 }, 1)`,
}

let folder

// A folder of an application, which has installed the package.
beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'lockerpm-preload-'))
  mkdirSync(path.join(folder, 'node_modules'))
  symlinkSync(path.join(__dirname, '..'), path.join(folder, 'node_modules/lockerpm'), 'junction')
  for (const [name, program] of Object.entries(APPLICATIONS)) writeFileSync(path.join(folder, name), program)
  const locker = dev.locker()
  await locker.createEnvironment({ name: 'prod', externalUrl: '' })
  await locker.create({ key: 'A', value: 'A of ALL' })
  await locker.create({ key: 'B', value: 'B of ALL' })
  await locker.create({ key: 'B', value: 'B of\nprod', environmentName: 'prod' })
})

afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** Runs an application to its end, through the listener that counts requests. */
async function run(args, variables = {}) {
  const { accessKeyId, accessKeySecret } = dev.server
  const child = spawn(process.execPath, args, {
    cwd: folder,
    env: environment({
      LOCKER_ACCESS_KEY_ID: accessKeyId,
      LOCKER_ACCESS_KEY_SECRET: accessKeySecret,
      LOCKER_API_BASE: dev.proxy.apiBase,
      ...variables,
    }),
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const [[code], stdout, stderr] = await Promise.all([
    once(child, 'exit'),
    text(child.stdout),
    text(child.stderr),
  ])
  return { code, stdout, stderr }
}

/** What an application prints as JSON, when nothing else happens. */
async function output(args, variables) {
  const { code, stdout, stderr } = await run(args, variables)
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  return JSON.parse(stdout)
}

const preloaded = (application) => ['--import', 'lockerpm/preload', application]

function envFile(content) {
  const file = path.join(folder, 'app.env')
  writeFileSync(file, content)
  return { LOCKER_ENV_FILE: file }
}

describe.each(['--import', '-r'])('%s', (flag) => {
  it.each(['app.mjs', 'app.cjs'])('fills process.env before %s', async (application) => {
    expect(await output([flag, 'lockerpm/preload', application])).toEqual({ A: 'A of ALL', B: 'B of ALL' })
    const prod = { LOCKER_ENVIRONMENT: 'prod' }
    expect(await output([flag, 'lockerpm/preload', application], prod)).toEqual({
      A: 'A of ALL',
      B: 'B of\nprod',
    })
  })

  it('asks once, also for an application with worker threads', async () => {
    const args = [flag, 'lockerpm/preload']
    await output([...args, 'app.cjs'])
    const asked = await dev.seen()
    await dev.proxy.reset()
    expect(await output([...args, 'worker.mjs'])).toEqual({ A: 'A of ALL', B: 'changed by the application' })
    expect(await dev.seen()).toEqual(asked)
  })

  it('works by way of NODE_OPTIONS', async () => {
    expect(await output(['app.cjs'], { NODE_OPTIONS: `${flag} lockerpm/preload` })).toMatchObject({
      A: 'A of ALL',
    })
  })

  it('does not start the application if anything is missing', async () => {
    const result = await run([flag, 'lockerpm/preload', 'app.cjs'], { LOCKER_ENVIRONMENT: 'prdo' })
    expect(result).toEqual({
      code: 1,
      stdout: '',
      stderr: 'lockerpm/preload: the environment "prdo" does not exist: there are prod\n',
    })
  })
})

it('leaves the end of the application to it', async () => {
  expect(await run(preloaded('exit.cjs'))).toEqual({ code: 7, stdout: '', stderr: '' })
})

describe('what is set already', () => {
  it('stays', async () => {
    const set = { A: 'set', B: '' }
    expect(await output(preloaded('app.cjs'), set)).toEqual(set)
    expect(await output(preloaded('app.cjs'), { ...set, LOCKER_OVERRIDE: '0' })).toEqual(set)
  })

  it('is replaced with LOCKER_OVERRIDE=1', async () => {
    const set = { A: 'set', B: '', C: 'set', LOCKER_OVERRIDE: '1' }
    expect(await output(preloaded('app.cjs'), set)).toEqual({ A: 'A of ALL', B: 'B of ALL', C: 'set' })
  })
})

describe('an env file', () => {
  it('is above the secrets and below what is set', async () => {
    const file = envFile('A="of the file"\nB=of the file\nC=of the file')
    const expected = { A: 'of the file', B: 'set', C: 'of the file' }
    expect(await output(preloaded('app.cjs'), { ...file, B: 'set' })).toEqual(expected)
  })

  it('refers to secrets', async () => {
    const file = envFile('A=locker://B\nC=locker://B?env=prod')
    expect(await output(preloaded('app.cjs'), file)).toEqual({
      A: 'B of ALL',
      B: 'B of ALL',
      C: 'B of\nprod',
    })
    const prod = { ...file, LOCKER_ENVIRONMENT: 'prod' }
    expect(await output(preloaded('app.cjs'), prod)).toMatchObject({ A: 'B of\nprod' })
  })

  it('is asked about in the same call', async () => {
    await output(preloaded('app.cjs'))
    const asked = await dev.seen()
    await dev.proxy.reset()
    await output(preloaded('app.cjs'), envFile('A=locker://B\nC=locker://B?env=prod'))
    expect(await dev.seen()).toEqual(asked)
  })

  it.each([
    [
      'refers to what is missing',
      'A=1\nB=locker://GONE?env=prod',
      ', line 2: there is no secret "GONE" in "prod" or in ALL',
    ],
    ['has a line that cannot be read', 'A=1\n\nsecret-value', ', line 3: '],
  ])('stops the start when it %s', async (_, content, part) => {
    const file = envFile(content)
    const { code, stdout, stderr } = await run(preloaded('app.cjs'), file)
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    expect(stderr).toContain(`lockerpm/preload: ${file.LOCKER_ENV_FILE}${part}`)
    expect(stderr).toMatch(/^[^\n]+\n$/)
    expect(stderr).not.toContain('secret-value')
  })

  it('stops the start when it does not exist', async () => {
    const { code, stderr } = await run(preloaded('app.cjs'), { LOCKER_ENV_FILE: 'none.env' })
    expect(code).toBe(1)
    expect(stderr).toMatch(/^lockerpm\/preload: LOCKER_ENV_FILE: none\.env cannot be read: [^\n]+\n$/)
  })
})

describe('the start is stopped with one line', () => {
  it.each([
    ['no credentials', { LOCKER_ACCESS_KEY_ID: '' }, 'LOCKER_ACCESS_KEY_ID'],
    ['an unusable address', { LOCKER_API_BASE: 'ftp://a' }, 'apiBase'],
    ['a wrong secret', { LOCKER_ACCESS_KEY_SECRET: Buffer.alloc(32).toString('base64') }, 'accessKeySecret'],
  ])('for %s', async (_, variables, part) => {
    const { code, stdout, stderr } = await run(preloaded('app.mjs'), variables)
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    expect(stderr).toMatch(/^lockerpm\/preload: [^\n]+\n$/)
    expect(stderr).toContain(part)
  })

  it('for a server that cannot be reached', async () => {
    const LOCKER_API_BASE = `http://127.0.0.1:${await closedPort()}/locker_secrets`
    const { code, stdout, stderr } = await run(preloaded('app.mjs'), { LOCKER_API_BASE })
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    expect(stderr).toMatch(/^lockerpm\/preload: [^\n]+\n$/)
  })
})

it('leaves out what can be no variable, and says so', async () => {
  await dev.locker().createEnvironment({ name: 'odd', externalUrl: '' })
  await dev.locker().create({ key: 'my key', value: 'secret-value', environmentName: 'odd' })
  await dev.locker().create({ key: 'C', value: 'secret-value\0', environmentName: 'odd' })
  const { code, stdout, stderr } = await run(preloaded('app.cjs'), { LOCKER_ENVIRONMENT: 'odd' })
  expect({ code, output: JSON.parse(stdout) }).toEqual({ code: 0, output: { A: 'A of ALL', B: 'B of ALL' } })
  expect(stderr.trim().split('\n').sort()).toEqual([
    'lockerpm/preload: C is left out, because its value has a NUL character in it',
    'lockerpm/preload: my key is left out, because it is no valid variable name',
  ])
})
