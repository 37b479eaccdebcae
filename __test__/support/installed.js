'use strict'

/** The package as npm would leave it in an application's folder, with native code or without. */

const { execFile } = require('node:child_process')
const { chmodSync, cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } = require('node:fs')
const { tmpdir } = require('node:os')
const path = require('node:path')

const { environment } = require('./run-fixture')
const { tuples } = require('../../lib/platform')

const ROOT = path.join(__dirname, '../..')
const NO_RESPONSE_MS = 30_000
const [tuple] = tuples()

/** Call it at the top of a test file: a new application for each test. */
function useInstalled() {
  let folder

  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'lockerpm-installed-'))
    // Also for a process of another user, which some tests start.
    chmodSync(folder, 0o755)
    installPackage(folder)
  })

  afterEach(() => rmSync(folder, { recursive: true, force: true }))

  return {
    get folder() {
      return folder
    },
    /** The addon that the tests use. */
    builtFile: path.join(ROOT, `lockerpm.${tuple}.node`),
    tuple,
    installPackage: (name) => installPackage(path.join(folder, name)),
    installBinding: (binding = {}) => installBinding(folder, binding),
    /** Writes a file of the application, and gives its path. */
    write(name, content) {
      writeFileSync(path.join(folder, name), content)
      return path.join(folder, name)
    },
    run: (text, options) => run(folder, text, options),
  }
}

/** Installs the package for the application of a folder, without optional dependencies. */
function installPackage(folder) {
  const modules = path.join(folder, 'node_modules')
  const target = path.join(modules, 'lockerpm')
  mkdirSync(target, { recursive: true })
  for (const name of [...require('../../package.json').files, 'package.json'])
    cpSync(path.join(ROOT, name), path.join(target, name), { recursive: true })
  symlinkSync(path.join(ROOT, 'node_modules/commander'), path.join(modules, 'commander'), 'junction')
  return target
}

/** Installs the package of a platform. Its binary is the one of the tests, or has the content that is given. */
function installBinding(folder, { name = tuple, content }) {
  const target = path.join(folder, 'node_modules/@lockerpm', `binding-${name}`)
  const file = `lockerpm.${name}.node`
  mkdirSync(target, { recursive: true })
  writeFileSync(
    path.join(target, 'package.json'),
    JSON.stringify({ name: `@lockerpm/binding-${name}`, main: file }),
  )
  if (content === undefined) cpSync(path.join(ROOT, `lockerpm.${tuple}.node`), path.join(target, file))
  else writeFileSync(path.join(target, file), content)
}

/** Runs a program there to its end. */
function run(folder, text, { env = {}, nodeOptions = [], uid } = {}) {
  const args = [...nodeOptions, '--eval', text]
  const options = { cwd: folder, env: environment(env), timeout: NO_RESPONSE_MS, uid, gid: uid }
  return new Promise((resolve) => {
    execFile(process.execPath, args, options, (error, stdout, stderr) =>
      resolve({ code: error ? (error.signal ?? error.code) : 0, stdout, stderr }),
    )
  })
}

module.exports = { useInstalled }
