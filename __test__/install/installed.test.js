'use strict'

/** What lies in the folder of an application after an installation by npm from files, and installations that went wrong. */

const { execFileSync } = require('node:child_process')
const { chmodSync, cpSync, readdirSync, rmSync, statSync } = require('node:fs')
const path = require('node:path')

const { newApplication } = require('./support/application')
const { binding, packages, release, tarball, tuple, version } = require('./support/packages')
const smoke = require('./support/smoke')
const { node, tool } = require('./support/tools')

const MAX_BYTES = 4 * 1024 * 1024
const NOBODY = 65534

let application

beforeEach(() => {
  application = newApplication()
  application.write('smoke.cjs', smoke.cjs)
})

const works = { code: 0, stdout: smoke.output, stderr: '' }
const runsSmoke = (options) => application.run('node', ['smoke.cjs'], options)
const npm = (args, options) => application.run('node', [tool('npm/bin/npm-cli.js'), ...args], options)

/** The bytes of all files below a folder. */
function size(folder) {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true })
  return entries
    .filter((entry) => entry.isFile())
    .reduce((sum, entry) => sum + statSync(path.join(entry.parentPath, entry.name)).size, 0)
}

test('there are two packages of ours, and one that they use', () => {
  application.install(['lockerpm'])
  expect(readdirSync(application.path('node_modules')).filter((name) => !name.startsWith('.'))).toEqual([
    '@lockerpm',
    'commander',
    'lockerpm',
  ])
  expect(readdirSync(application.path('node_modules/@lockerpm'))).toEqual([path.basename(binding)])
  // A debug build has any size.
  if (release) expect(size(application.path('node_modules', binding))).toBeLessThanOrEqual(MAX_BYTES)
})

test('the packages have their README, their licence and nothing of the repository', () => {
  for (const { name, file } of packages.filter(({ name }) => name !== 'commander')) {
    const files = execFileSync('tar', ['-tzf', file], { encoding: 'utf8' }).trim().split('\n')
    expect(files).toEqual(expect.arrayContaining(['package/README.md', 'package/LICENSE']))
    expect(files.filter((one) => /__test__|scripts\/|\.rs$|Cargo/.test(one))).toEqual([])
    expect({ name, addons: files.filter((one) => one.endsWith('.node')).length }).toEqual({
      name,
      addons: name.includes('/binding-') ? 1 : 0,
    })
  }
})

test('an import loads one file of JavaScript besides its entry, and a Locker the addon', async () => {
  application.install(['lockerpm'])
  const text = `
    import module from 'node:module'
    import { Locker } from 'lockerpm'
    const loaded = () => Object.keys(module._cache).map((file) => file.slice(process.cwd().length + 1))
    console.log(loaded().join())
    Locker.fromEnv()
    console.log(loaded().sort().join())`
  const addon = `node_modules/${binding}/lockerpm.${tuple}.node`
  const bundle = 'node_modules/lockerpm/lib/bundle.js'
  expect(await application.run('node', ['--input-type=module', '--eval', text])).toEqual({
    code: 0,
    stdout: `${bundle}\n${addon},${bundle}\n`,
    stderr: '',
  })
})

/** Puts a package into `node_modules`, whatever it says of its platform. */
function unpack(name) {
  application.write(`node_modules/${name}/.keep`, '')
  const target = application.path('node_modules', name)
  execFileSync('tar', ['-xzf', tarball(name), '-C', target, '--strip-components=1'])
}

test('a file of another platform under the right name is named with its cause', async () => {
  const other = packages.find(({ name }) => /binding-win32-x64/.test(name))
  application.install(['lockerpm'])
  unpack(other.name)
  const [foreign] = readdirSync(application.path('node_modules', other.name)).filter((name) =>
    name.endsWith('.node'),
  )
  cpSync(
    application.path('node_modules', other.name, foreign),
    application.path('node_modules', binding, `lockerpm.${tuple}.node`),
  )
  const { code, stderr } = await runsSmoke()
  expect(code).toBe(1)
  expect(stderr).toContain(`Tried ${binding}: `)
  expect(stderr).toContain('The installed files are damaged or of another version. To mend it, run: npm ci')
})

test('a package of another version is refused, and npm brings the right one', async () => {
  application.install(['lockerpm'])
  const file = 'node_modules/lockerpm/lib/bundle.js'
  application.write(file, application.read(file).replace(`'${version}'`, "'0.0.9'"))
  const { code, stderr } = await runsSmoke()
  expect(code).toBe(1)
  expect(stderr).toContain(`Tried ${binding}: it is of version ${version}, and this is lockerpm 0.0.9`)
  expect(stderr).toContain('To mend it, run: npm ci')
  expect(await npm(['ci', '--offline'])).toMatchObject({ code: 0 })
  expect(await runsSmoke()).toEqual(works)
})

test('it runs from a folder that nobody may write to, and says that it keeps nothing', async () => {
  application.install(['lockerpm'])
  // Another user may not reach those of the tools.
  const own = application.path('own-node')
  cpSync(node(24), own)
  const modules = application.path('node_modules')
  const entries = readdirSync(modules, { recursive: true }).map((name) => path.join(modules, name))
  const folders = [application.folder, modules, ...entries.filter((file) => statSync(file).isDirectory())]
  for (const folder of folders) chmodSync(folder, 0o555)
  // Root may write everywhere.
  const user = process.getuid?.() === 0 ? { uid: NOBODY, gid: NOBODY } : {}
  try {
    const env = { LOCKER_CACHE_DIR: application.path('cache') }
    const outcome = await application.run(own, ['smoke.cjs'], { env, ...user })
    expect(outcome).toMatchObject({ code: 0, stdout: smoke.output })
    expect(outcome.stderr).toMatch(/^\[lockerpm\] the cache folder cannot be used, .*Permission denied.*\n$/)
  } finally {
    for (const folder of folders) chmodSync(folder, 0o755)
  }
})

test('a global installation is mended globally', async () => {
  const files = [tarball('lockerpm'), tarball('commander'), tarball(binding)]
  const global = [
    'install',
    '--global',
    '--prefix',
    application.path('global'),
    '--offline',
    '--omit=optional',
  ]
  const installed = await npm([...global, ...files])
  expect(installed).toMatchObject({ code: 0 })
  rmSync(application.path('global/lib/node_modules/@lockerpm'), { recursive: true })
  const program = application.path('global/lib/node_modules/lockerpm/bin/lockerpm.js')
  const { stderr } = await application.run(node(24), [program, 'secret', 'list'])
  expect(stderr).toContain(`npm install --global lockerpm@${version}`)
})
