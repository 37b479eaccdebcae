'use strict'

/** `lockerpm types`: a name that does not exist is an error of the compiler. */

const { spawnSync } = require('node:child_process')
const fs = require('node:fs')
const path = require('node:path')

const { runCli, serverVariables, useHome } = require('./support/cli')
const { useDevServer } = require('./support/dev-server')

const dev = useDevServer()
const home = useHome()

const root = path.join(__dirname, '..')
const tsc = path.join(root, 'node_modules/.bin/tsc')
const cli = (args) =>
  runCli(['types', ...args], { env: { ...home.env, ...serverVariables(dev.server) }, cwd: home.root })

beforeAll(async () => {
  const locker = dev.locker()
  await locker.createEnvironment({ name: 'prod', externalUrl: 'https://example.com' })
  await locker.create({ key: 'DB_PASSWORD', value: 'undeclared-value' })
  await locker.create({ key: 'DB_PASSWORD', value: 'undeclared-value', environmentName: 'prod' })
  await locker.create({ key: 'CREATED_LATER', value: 'undeclared-value' })
  await locker.create({ key: 'odd "key" \\ \n${x}', value: 'undeclared-value' })
})

/** Compiles programs that use the package, and gives the errors as `file(line)`. */
function compile(files) {
  fs.mkdirSync(home.path('node_modules'))
  fs.symlinkSync(root, home.path('node_modules/lockerpm'), 'junction')
  fs.symlinkSync(path.join(root, 'node_modules/@types'), home.path('node_modules/@types'), 'junction')
  for (const [name, text] of Object.entries(files)) home.write(name, text)
  home.write(
    'tsconfig.json',
    JSON.stringify({
      compilerOptions: { strict: true, noEmit: true, module: 'nodenext', target: 'es2022', types: ['node'] },
      include: ['*.ts', '*.mts', '*.cts'],
    }),
  )
  const { stdout } = spawnSync(tsc, ['--project', '.'], { cwd: home.root, encoding: 'utf8' })
  return [...stdout.matchAll(/^(\S+)\((\d+),\d+\): error TS2345|^(\S.*error.*)$/gm)].map(
    ([, file, line, other]) => other ?? `${file}(${line})`,
  )
}

const PROGRAM = `import { Locker } from 'lockerpm'
const locker = new Locker()
const given: Promise<string> = locker.get('DB_PASSWORD', 'prod', 'default')
locker.get('odd "key" \\\\ \\n\${x}', null)
locker.getSync('DB_PASSWORD', '')
locker.retrieve('DB_PASSWORD', undefined)
locker.create({ key: 'A_NEW_ONE', value: 'v' })
locker.get('DB_PASSWROD') // wrong
locker.retrieveSync('DB_PASSWROD') // wrong
locker.getSync('DB_PASSWORD', 'prood') // wrong
locker.list('prood') // wrong
locker.load('prood') // wrong
`
const wrongLines = PROGRAM.split('\n').flatMap((line, index) =>
  line.endsWith('// wrong') ? [index + 1] : [],
)

test('the compiler knows the names, in ES modules and in CommonJS', async () => {
  expect(await cli([])).toEqual({
    code: 0,
    signal: null,
    stdout: 'lockerpm.generated.d.ts: 3 keys, 1 environments\n',
    stderr: '',
  })
  const files = ['common.cts', 'module.mts']
  const errors = compile(Object.fromEntries(files.map((file) => [file, PROGRAM])))
  expect(errors).toEqual(files.flatMap((file) => wrongLines.map((line) => `${file}(${line})`)))
})

test('without the file every name compiles', () => {
  expect(compile({ 'module.mts': PROGRAM })).toEqual([])
})

test('names are in it by the alphabet, and values are not', async () => {
  const { stdout } = await cli(['--out', '-'])
  expect(stdout).toMatch(/CREATED_LATER[^]*DB_PASSWORD/)
  expect(stdout).not.toContain('undeclared-value')
})

test('a file that something else has made is replaced only with --force', async () => {
  const file = home.write('types.d.ts', 'export type Mine = 1\n')
  expect(await cli(['--out', file])).toMatchObject({ code: 2, stderr: expect.stringContaining(file) })
  expect(fs.readFileSync(file, 'utf8')).toBe('export type Mine = 1\n')
  expect(await cli(['--out', file, '--force'])).toMatchObject({ code: 0 })
  expect(await cli(['--out', file])).toMatchObject({ code: 0 })
  expect(await cli(['--out', home.path('no/such/folder.d.ts')])).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('ENOENT'),
  })
})
