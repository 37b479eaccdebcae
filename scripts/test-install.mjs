/**
 * `npm run test:install`: packs the packages of this host, and tests them installed in empty folders: with every package
 * manager, runtime and bundler of `__test__/install`.
 *
 *     node scripts/test-install.mjs [--artifacts DIR] [--debug] [arguments of jest]
 *
 * `--artifacts` takes binaries in place of building them. `--debug` builds quickly, or says that what DIR holds was built
 * so, and then neither size nor start is looked at.
 */

import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { createRequire } from 'node:module'
import { homedir, tmpdir } from 'node:os'
import path from 'node:path'
import { parseArgs } from 'node:util'

import { pack } from './pack.mjs'
import { platforms, servers } from './platforms.mjs'
import { fail, installPackages, requireRust, root, run, step } from './setup.mjs'

const require = createRequire(import.meta.url)
const TESTS = path.join(root, '__test__/install')
const QUIET = ['--no-audit', '--no-fund', '--ignore-scripts', '--loglevel=error']

const { values: options, positionals } = parseArgs({
  options: { artifacts: { type: 'string' }, debug: { type: 'boolean', default: false } },
  allowPositionals: true,
})

installPackages()
const work = mkdtempSync(path.join(tmpdir(), 'lockerpm-install-'))
// `fail` leaves at once, and a `finally` would not run then.
process.once('exit', () => rmSync(work, { recursive: true, force: true }))
const artifacts = path.join(work, 'artifacts')
if (options.artifacts) cpSync(path.resolve(options.artifacts), artifacts, { recursive: true })
else build(artifacts)
packAll()
const env = { LOCKERPM_INSTALL: work, LOCKERPM_INSTALL_TOOLS: installTools() }

step('Tests of the installed packages')
run('npx', ['jest', '--config', path.join(TESTS, 'jest.config.js'), '--maxWorkers=2', ...positionals], {
  env,
})
if (!options.debug && positionals.length === 0) {
  step('What importing costs')
  run('node', ['scripts/measure-import.mjs'], { env })
}

/** Builds the addon and the server of this host, as they are published. */
function build(folder) {
  requireRust()
  const [tuple] = require(path.join(root, 'lib/platform.js')).tuples()
  const debug = options.debug ? ['--debug'] : []
  run('node', ['scripts/build-platform.mjs', tuple, '--server', ...debug, '--out', folder])
}

/**
 * Packs what there is, and a stand-in for each binary of another platform. So package managers choose among all the
 * platforms, by what the real manifests say of them; no test runs a stand-in.
 */
function packAll() {
  step('Packing')
  const built = new Set(readdirSync(artifacts))
  if (![...built].some((name) => name.endsWith('.node'))) fail(`${artifacts} has no addon`)
  for (const { file, packageName } of [...platforms, ...servers])
    if (!built.has(file)) writeFileSync(path.join(artifacts, file), `a stand-in for ${packageName}\n`)
  const out = path.join(work, 'packages')
  const packages = [...pack({ artifacts, out }), packDependency('commander', out)]
  writeFileSync(
    path.join(work, 'packages.json'),
    JSON.stringify({ packages, release: !options.debug }, null, 2),
  )
}

/** Packs what `lockerpm` depends on, as it is installed here. */
function packDependency(name, out) {
  const source = path.join(root, 'node_modules', name)
  const { version } = JSON.parse(readFileSync(path.join(source, 'package.json'), 'utf8'))
  const packed = spawnSync('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', out], {
    cwd: source,
    encoding: 'utf8',
    shell: process.platform === 'win32',
  })
  if (packed.status !== 0) fail(packed.stderr)
  const [{ filename }] = Object.values(JSON.parse(packed.stdout))
  return { name, version, file: path.join(out, filename) }
}

/** Installs runtimes, package managers and checkers, once for each list of their versions, and gives the folder. */
function installTools() {
  const manifest = JSON.parse(readFileSync(path.join(TESTS, 'package.json'), 'utf8'))
  Object.assign(manifest.dependencies, require(path.join(TESTS, 'support/tools.js')).runtimes)
  const text = JSON.stringify(manifest, null, 2)
  const kept =
    process.env.LOCKER_TOOLS_DIR ??
    path.join(process.env.XDG_CACHE_HOME ?? path.join(homedir(), '.cache'), 'lockerpm')
  const folder = path.join(kept, `install-${createHash('sha256').update(text).digest('hex').slice(0, 12)}`)
  if (existsSync(folder)) return folder
  step('Installing runtimes and package managers')
  // A name of its own until it is complete: the next run must not take half of it.
  const incomplete = `${folder}.${process.pid}`
  mkdirSync(incomplete, { recursive: true })
  writeFileSync(path.join(incomplete, 'package.json'), text)
  const installed = spawnSync('npm', ['install', ...QUIET], {
    cwd: incomplete,
    stdio: ['ignore', 'ignore', 'inherit'],
    shell: process.platform === 'win32',
  })
  if (installed.status !== 0) fail('npm install of the tools failed')
  renameSync(incomplete, folder)
  return folder
}
