'use strict'

/** Applications in clean folders, and programs that run there with nothing but their runtime on the PATH. */

const { spawn, spawnSync } = require('node:child_process')
const {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} = require('node:fs')
const { tmpdir } = require('node:os')
const path = require('node:path')

const { packages, tarball } = require('./packages')
const { node, tool } = require('./tools')

const QUIET = ['--no-audit', '--no-fund', '--ignore-scripts', '--loglevel=error']
/** What the shell scripts in `node_modules/.bin` call, and the commands of errors. */
const SHELL = ['sh', 'sed', 'dirname', 'uname', 'rm', 'cp']

/** A folder of its own outside of this one, where nothing is installed. */
function makeApplication() {
  const folder = mkdtempSync(path.join(tmpdir(), 'lockerpm-application-'))
  const bin = path.join(folder, '.programs')
  mkdirSync(bin)
  for (const name of SHELL) if (existsSync(`/bin/${name}`)) symlinkSync(`/bin/${name}`, path.join(bin, name))
  const application = {
    folder,
    path: (...names) => path.join(folder, ...names),
    read: (name) => readFileSync(path.join(folder, name), 'utf8'),
    write(name, content) {
      const file = path.join(folder, name)
      mkdirSync(path.dirname(file), { recursive: true })
      writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content, null, 2))
      if (String(content).startsWith('#!')) chmodSync(file, 0o755)
      return file
    },
    /** Installs packages of ours with npm, from their files, and others from the registry. */
    install: (names, others = {}) => install(application, names, others),
    run: (command, args, options) => run(application, command, args, options),
    start: (command, args, options) => start(application, command, args, options),
    /** The variables of a program there. `runtime` is the Node.js that its `node` is. */
    env: ({ runtime = node(24), ...variables } = {}) => environment(folder, bin, runtime, variables),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  }
  return application
}

/** Each optional dependency is replaced with its file, so npm decides by what is in that which of them fits. */
function install(application, names, others) {
  const { commander, ...files } = Object.fromEntries(packages.map(({ name, file }) => [name, `file:${file}`]))
  const own = Object.fromEntries(names.map((name) => [name, files[name]]))
  const optional = Object.fromEntries(Object.entries(files).filter(([name]) => !(name in own)))
  application.write('package.json', {
    name: 'application',
    private: true,
    dependencies: { ...own, ...others },
    overrides: { ...optional, lockerpm: { commander } },
  })
  // Nothing but these files is needed.
  const network = Object.keys(others).length > 0 ? '--prefer-offline' : '--offline'
  const installed = spawnSync(process.execPath, [tool('npm/bin/npm-cli.js'), 'install', ...QUIET, network], {
    cwd: application.folder,
    encoding: 'utf8',
  })
  if (installed.status !== 0) throw new Error(`npm install failed: ${installed.stderr}`)
}

function environment(folder, bin, runtime, variables) {
  const link = path.join(bin, 'node')
  rmSync(link, { force: true })
  symlinkSync(runtime, link)
  const { LOCKER_ACCESS_KEY_ID, LOCKER_ACCESS_KEY_SECRET, LOCKER_API_BASE } = process.env
  return {
    PATH: bin,
    HOME: folder,
    LOCKER_ACCESS_KEY_ID,
    LOCKER_ACCESS_KEY_SECRET,
    LOCKER_API_BASE,
    LOCKER_CACHE_DIR: 'none',
    NEXT_TELEMETRY_DISABLED: '1',
    ...variables,
  }
}

/** Starts a program of the application. */
function start(application, command, args = [], { env, cwd = '.', ...options } = {}) {
  return spawn(command, args, {
    cwd: application.path(cwd),
    env: application.env(env),
    stdio: ['ignore', 'pipe', 'pipe'],
    ...options,
  })
}

/** Runs a program to its end. Gives its exit code (or signal) and what it wrote. */
function run(application, command, args, options) {
  const child = start(application, command, args, options)
  const output = { stdout: '', stderr: '' }
  for (const name of Object.keys(output))
    child[name].setEncoding('utf8').on('data', (text) => (output[name] += text))
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code, signal) => resolve({ code: code ?? signal, ...output }))
  })
}

const applications = []

/** A new application, which is gone after the tests of this file. */
function newApplication() {
  const application = makeApplication()
  applications.push(application)
  return application
}

if (globalThis.afterAll) afterAll(() => applications.forEach(({ remove }) => remove()))

module.exports = { makeApplication, newApplication, tarball }
