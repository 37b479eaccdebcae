'use strict'

const { execFile } = require('node:child_process')
const { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } = require('node:fs')
const { tmpdir } = require('node:os')
const path = require('node:path')

const lockerpm = require('..')
const { useDevServer } = require('./support/dev-server')
const { useOwnEnvironment } = require('./support/process-env')

const dev = useDevServer()
useOwnEnvironment()

const ROOT = path.join(__dirname, '..')
const NO_RESPONSE_MS = 30_000

let folder

// A folder of another project, which has installed the package.
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'lockerpm-modules-'))
  mkdirSync(path.join(folder, 'node_modules'))
  symlinkSync(ROOT, path.join(folder, 'node_modules', 'lockerpm'), 'junction')
})

afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** Runs a program in that folder to its end. */
function run(name, text, variables, nodeOptions = []) {
  const file = path.join(folder, name)
  writeFileSync(file, text)
  const env = { ...process.env, ...variables }
  delete env.NODE_OPTIONS
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      [...nodeOptions, file],
      { env, timeout: NO_RESPONSE_MS },
      (error, stdout, stderr) => resolve({ code: error ? (error.signal ?? error.code) : 0, stdout, stderr }),
    )
  })
}

/** What a program prints as JSON when it succeeds. */
async function output(name, text, variables, nodeOptions) {
  const { code, stdout, stderr } = await run(name, text, variables, nodeOptions)
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  return JSON.parse(stdout)
}

/** The names of the values that a declaration file exports. */
function declared(file) {
  const text = readFileSync(path.join(ROOT, file), 'utf8')
  return [...text.matchAll(/^export declare (?:abstract )?(?:class|const|function|let|var) (\w+)/gm)]
    .map(([, name]) => name)
    .sort()
}

const EXPORTS = [
  'APIConnectionError',
  'APIServerError',
  'AlreadyExistsError',
  'AuthenticationError',
  'CacheError',
  'CliRunError',
  'Environment',
  'IntegrityError',
  'Locker',
  'LockerError',
  'LogLevel',
  'PermissionDeniedError',
  'RateLimitError',
  'ResourceNotFoundError',
  'Secret',
  'TimeoutError',
  'ValidationError',
]

describe('the exports', () => {
  it('of CommonJS are the documented ones', () => {
    expect(Object.keys(lockerpm).sort()).toEqual(EXPORTS)
  })

  it('of the types are the same', () => {
    expect(declared('index.d.ts')).toEqual(EXPORTS)
  })

  it.each([
    ['in Node.js', []],
    ['for bundlers', ['--conditions=module']],
  ])('of ES modules %s are the same classes under the same names', async (_, nodeOptions) => {
    const text = `
      import { createRequire } from 'node:module'
      import * as imported from 'lockerpm'
      import { Locker } from 'lockerpm'
      const required = createRequire(import.meta.url)('lockerpm')
      const different = Object.keys(imported).filter((name) => imported[name] !== required[name])
      console.log(JSON.stringify({ names: Object.keys(imported), different, same: Locker === required.Locker }))
    `
    expect(await output('exports.mjs', text, {}, nodeOptions)).toEqual({
      names: EXPORTS,
      different: [],
      same: true,
    })
  })

  it('of CommonJS are the same, however they are loaded', async () => {
    const text = `
      const required = require('lockerpm')
      import('lockerpm').then((imported) => {
        const different = Object.keys(required).filter((name) => imported[name] !== required[name])
        const { version } = require('lockerpm/package.json')
        console.log(JSON.stringify({ names: Object.keys(required).sort(), different, version }))
      })
    `
    const { version } = require('../package.json')
    expect(await output('exports.cjs', text)).toEqual({ names: EXPORTS, different: [], version })
  })

  it('are the only way in', async () => {
    const text = `
      const codes = ['lockerpm/lib/locker', 'lockerpm/lib/locker.js', 'lockerpm/lib/native'].map((name) => {
        try {
          require(name)
        } catch (error) {
          return error.code
        }
      })
      console.log(JSON.stringify(codes))
    `
    expect(await output('inside.cjs', text)).toEqual(Array(3).fill('ERR_PACKAGE_PATH_NOT_EXPORTED'))
  })

  it('of the server for tests are the same in both kinds of modules', async () => {
    const text = `
      import { createRequire } from 'node:module'
      import { startLockerServer } from 'lockerpm/testing'
      console.log(startLockerServer === createRequire(import.meta.url)('lockerpm/testing').startLockerServer)
    `
    expect(await output('testing.mjs', text)).toBe(true)
  })

  it('load without credentials, network or output', async () => {
    const none = { LOCKER_ACCESS_KEY_ID: '', LOCKER_ACCESS_KEY_SECRET: '', LOCKER_SECRET_ACCESS_KEY: '' }
    expect(await run('load.cjs', "require('lockerpm')", none)).toEqual({ code: 0, stdout: '', stderr: '' })
    expect(await run('load.mjs', "import 'lockerpm'", none)).toEqual({ code: 0, stdout: '', stderr: '' })
  })
})

/** The examples of the documentation, which all work in both kinds of modules. `print` is ours. */
const examples = {
  construct: (name) => `
    const locker = new Locker({
      accessKeyId: process.env.LOCKER_ACCESS_KEY_ID,
      secretAccessKey: process.env.LOCKER_ACCESS_KEY_SECRET,
      apiBase: process.env.LOCKER_API_BASE,
    })
    const same = Locker.fromEnv()
    print(await locker.get('${name}'), same.getSync('${name}', 'prod', 'a default'))
  `,
  'options of the constructor': (name) => `
    const locker = new Locker({
      accessKeyId: process.env.LOCKER_ACCESS_KEY_ID,
      accessKeySecret: process.env.LOCKER_ACCESS_KEY_SECRET,
      apiBase: process.env.LOCKER_API_BASE,
      headers: { 'X-Example': 'a value' },
      logLevel: LogLevel.ERROR,
      unsafe: false,
    })
    print(await locker.get('${name}', undefined, 'a default'))
  `,
  environments: (name) => `
    const locker = Locker.fromEnv()
    const created = await locker.createEnvironment({
      name: '${name}',
      externalUrl: 'https://prod.example',
      description: 'an environment',
    })
    const changed = await locker.modifyEnvironment('${name}', { externalUrl: 'https://other.example' })
    const environment = await locker.getEnvironment('${name}')
    const environments = await locker.listEnvironments()
    const environmentsSync = locker.listEnvironmentsSync()
    print(
      created instanceof Environment,
      created.externalUrl,
      changed.externalUrl,
      environment.description,
      environments.some((one) => one.name === '${name}'),
      environmentsSync.length === environments.length,
      locker.getEnvironmentSync('${name}').externalUrl,
      await locker.getEnvironment('no-such-environment'),
    )
  `,
  secrets: (name) => `
    const locker = Locker.fromEnv()
    await locker.createEnvironment({ name: '${name}', externalUrl: 'https://prod.example' })
    const created = await locker.create({ key: '${name}', value: 'a value', environmentName: '${name}' })
    const secrets = await locker.list()
    const ofEnvironment = locker.listSync('${name}')
    const value = await locker.get('${name}', '${name}', 'a default')
    const kept = await locker.modify('${name}', '${name}', { value: 'another', environmentName: '${name}' })
    const moved = await locker.modify('${name}', '${name}', { value: 'moved' })
    print(
      created instanceof Secret,
      secrets.some((secret) => secret.key === '${name}'),
      ofEnvironment.map((secret) => secret.key),
      value,
      kept.environmentName,
      moved.environmentName,
      locker.getSync('${name}'),
      (await locker.retrieve('${name}', '${name}')).value,
      locker.retrieveSync('${name}').description,
    )
  `,
  errors: (name) => `
    const locker = Locker.fromEnv()
    await locker.create({ key: '${name}', value: 'a value' })
    try {
      await locker.create({ key: '${name}', value: 'a value' })
    } catch (error) {
      if (!(error instanceof AlreadyExistsError)) throw error
      print(error.name, error.code, error.statusCode, error instanceof LockerError, error instanceof Error)
    }
  `,
  'many calls at once': (name) => `
    const locker = Locker.fromEnv()
    print(await Promise.all(Array.from({ length: 20 }, (_, index) => locker.get('${name}', null, String(index)))))
  `,
}

const printed = {
  construct: () => [null, 'a default'],
  'options of the constructor': () => ['a default'],
  environments: () => [
    true,
    'https://prod.example',
    'https://other.example',
    'an environment',
    true,
    true,
    'https://other.example',
    null,
  ],
  secrets: (name) => [true, true, [name], 'a value', name, null, 'moved', 'moved', ''],
  errors: () => ['AlreadyExistsError', 'already_exists', 409, true, true],
  'many calls at once': () => [Array.from({ length: 20 }, (_, index) => String(index))],
}

const NAMES = '{ AlreadyExistsError, Environment, Locker, LockerError, LogLevel, Secret }'
const PRINT = 'const print = (...values) => console.log(JSON.stringify(values))\n'

/** How a program of each kind is written. */
const kinds = [
  ['cjs', (body) => `const ${NAMES} = require('lockerpm')\n${PRINT};(async () => {${body}})()`],
  ['mjs', (body) => `import ${NAMES} from 'lockerpm'\n${PRINT}${body}`],
]

describe.each(kinds)('the example of the documentation, as .%s', (extension, program) => {
  it.each(Object.keys(examples))('%s', async (example) => {
    const name = `${example.toUpperCase().replaceAll(' ', '_')}_${extension}`
    const { accessKeyId, accessKeySecret, apiBase } = dev.server
    const variables = {
      LOCKER_ACCESS_KEY_ID: accessKeyId,
      LOCKER_ACCESS_KEY_SECRET: accessKeySecret,
      LOCKER_API_BASE: apiBase,
    }
    const text = program(examples[example](name))
    expect(await output(`${name}.${extension}`, text, variables)).toEqual(printed[example](name))
  })

  it('ends with a failure that nobody catches, and shows neither secret nor access key', async () => {
    const variables = {
      LOCKER_ACCESS_KEY_ID: dev.server.accessKeyId,
      LOCKER_ACCESS_KEY_SECRET: dev.server.readOnly.accessKeySecret,
      LOCKER_API_BASE: dev.server.apiBase,
    }
    const text = program("\nawait Locker.fromEnv().get('A_KEY', null, 'a default')\n")
    const { code, stdout, stderr } = await run(`uncaught.${extension}`, text, variables)
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    expect(stderr).toContain('AuthenticationError: accessKeySecret: ')
    expect(stderr).toContain(`uncaught.${extension}:`)
    expect(stderr).not.toContain(dev.server.readOnly.accessKeySecret)
  })

  it('leaves a process that may end while a call is under way', async () => {
    await dev.proxy.reset([{ action: 'stall' }])
    const variables = {
      LOCKER_ACCESS_KEY_ID: dev.server.accessKeyId,
      LOCKER_ACCESS_KEY_SECRET: dev.server.accessKeySecret,
      LOCKER_API_BASE: dev.proxy.apiBase,
    }
    const text = program("\nLocker.fromEnv().list()\nprint('bye')\nprocess.exit()\n")
    expect(await output(`exit.${extension}`, text, variables)).toEqual(['bye'])
  })
})
