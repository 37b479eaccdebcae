'use strict'

/** The types of the installed package under every `moduleResolution`, by three compilers and two checkers of packages. */

const { cpSync } = require('node:fs')
const { pathToFileURL } = require('node:url')

const { newApplication } = require('./support/application')
const { packages, tarball } = require('./support/packages')
const smoke = require('./support/smoke')
const { tool } = require('./support/tools')

/** What TypeScript 7 no longer has. */
const NODE10 = ['commonjs', 'node10', ['a.ts']]
const settings = [
  ['node16', 'node16', ['a.mts', 'a.cts']],
  ['nodenext', 'nodenext', ['a.mts', 'a.cts']],
  ['esnext', 'bundler', ['a.ts', 'a.mts', 'a.cts']],
]
const compilers = {
  5: [...settings, NODE10],
  // Version 6 warns of it, as an error.
  6: [...settings, [...NODE10, { ignoreDeprecations: '6.0' }]],
  7: settings,
}

const USAGE = `
import 'lockerpm/preload'
import { Locker, LockerError, LogLevel, Secret, type LockerOptions } from 'lockerpm'
import { startLockerServer, type LockerServer } from 'lockerpm/testing'

export async function use(options: LockerOptions): Promise<string | undefined> {
  const server: LockerServer = await startLockerServer({ args: [] })
  const locker: Locker = new Locker({ ...options, ...server, logLevel: LogLevel.NONE })
  const secrets: Secret[] = locker.listSync()
  // @ts-expect-error there is no such option
  new Locker({ noSuchOption: true })
  // @ts-expect-error a key is a text
  await locker.get(1)
  const failure: unknown = secrets
  return failure instanceof LockerError ? failure.code : await locker.get('A_KEY')
}
`

let application

beforeAll(() => {
  application = newApplication()
  application.install(['lockerpm'])
  for (const name of ['@types/node', 'undici-types'])
    cpSync(tool(name), application.path('node_modules', name), { recursive: true })
})

// Jest would take a parameter that a row does not fill for a callback.
const rows = Object.entries(compilers).flatMap(([major, list]) =>
  list.map(([module, resolution, files, more = {}]) => [major, module, resolution, files, more]),
)

test.each(rows)(
  'TypeScript %s, module %s, moduleResolution %s',
  async (major, module, resolution, files, more) => {
    const folder = `typescript-${major}-${resolution}`
    application.write(`${folder}/tsconfig.json`, {
      compilerOptions: {
        module,
        moduleResolution: resolution,
        target: 'es2022',
        strict: true,
        skipLibCheck: false,
        types: ['node'],
        rootDir: '.',
        outDir: 'out',
        ...more,
      },
      include: ['*'],
    })
    for (const file of files) {
      application.write(`${folder}/usage-${file}`, USAGE)
      application.write(`${folder}/${file}`, smoke.esm)
    }
    const compiled = await application.run('node', [tool(`typescript-${major}/bin/tsc`), '--project', folder])
    expect(compiled).toEqual({ code: 0, stdout: '', stderr: '' })
    // What is made for bundlers is not for Node.js.
    if (resolution === 'bundler') return
    for (const file of files.map((name) => name.replace(/ts$/, 'js'))) {
      const outcome = await application.run('node', [`${folder}/out/${file}`])
      expect(outcome).toEqual({ code: 0, stdout: smoke.output, stderr: '' })
    }
  },
)

const ours = packages.map(({ name }) => name).filter((name) => name !== 'commander')

test('publint finds nothing in any package', async () => {
  const files = Object.fromEntries(ours.map((name) => [name, tarball(name)]))
  const program = `
    import { readFileSync } from 'node:fs'
    import { publint } from '${pathToFileURL(tool('publint/src/index-node.js'))}'
    const found = {}
    for (const [name, file] of Object.entries(${JSON.stringify(files)})) {
      const { buffer, byteOffset, length } = readFileSync(file)
      const tarball = buffer.slice(byteOffset, byteOffset + length)
      const { messages } = await publint({ pack: { tarball }, strict: true })
      if (messages.length > 0) found[name] = messages
    }
    console.log(JSON.stringify(found))`
  const outcome = await application.run('node', ['--input-type=module', '--eval', program])
  expect(outcome).toEqual({ code: 0, stdout: '{}\n', stderr: '' })
})

test('arethetypeswrong finds nothing', async () => {
  const program = tool('@arethetypeswrong/cli/dist/index.js')
  const args = [program, tarball('lockerpm'), '--format', 'json', '--no-definitely-typed']
  const { code, stdout } = await application.run('node', args)
  const { problems, entrypoints } = JSON.parse(stdout).analysis
  expect({ code, problems }).toEqual({ code: 0, problems: [] })
  expect(Object.keys(entrypoints)).toEqual(['.', './preload', './testing', './package.json'])
})
