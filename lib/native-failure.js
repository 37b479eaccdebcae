'use strict'

/** What to say when no native code can be loaded. Only a process that failed to load it reads this file. */

const { readFileSync, readdirSync } = require('node:fs')
const path = require('node:path')

const { version } = require('../package.json')
const { add, reinstall } = require('./package-manager')
const { libc, tuples } = require('./platform')

const SCOPE = '@lockerpm'
const PREFIX = 'binding-'
const GLIBC_WANTED = /version `GLIBC_([\d.]+)' not found/
const SUPPORTED = 'Linux (x64, arm64, armv7), macOS (x64, arm64) and Windows (x64, arm64)'

/** Most often nobody can import a class, because the import fails with it. So this one has a name and a code only. */
class BindingError extends Error {
  name = 'BindingError'
  code = 'binding_error'
}

/**
 * The error for a process in which nothing could be loaded.
 *
 * @param {{ name: string, built?: boolean, error: Error }[]} failures what was tried, and what came of each
 */
function nativeFailure(failures) {
  const attempts = failures.map(({ name, error }) => `${name}: ${causeOf(error)}`)
  const mend = remedy(failures)
  const lines = [
    'lockerpm cannot load its native code.',
    `  Platform: ${describePlatform()}, Node.js ${process.version}`,
    ...attempts.map((attempt) => `  Tried ${attempt}`),
    mend,
  ]
  const error = new BindingError(lines.join('\n'))
  // For `lockerpm doctor`. The message has them already, so an error that nobody catches shows them once.
  return Object.defineProperties(error, { attempts: { value: attempts }, remedy: { value: mend } })
}

/** Why something could not be loaded, on one line. */
function causeOf(error) {
  if (error.code === 'MODULE_NOT_FOUND') return 'it is not installed'
  return error.message.split('\n', 1)[0]
}

/** The platform as users know it: `linux-x64, glibc 2.36`. */
function describePlatform() {
  const name = `${process.platform}-${process.arch}`
  if (process.platform !== 'linux') return name
  const kind = libc()
  if (kind === undefined) return `${name}, C library unknown`
  return `${name}, ${kind === 'musl' ? 'musl' : `glibc ${glibcVersion() ?? 'of an unknown version'}`}`
}

/** The version in the text that glibc carries. */
function glibcVersion() {
  try {
    const file = /\S+\/libc[.-]\S+$/m.exec(readFileSync('/proc/self/maps', 'latin1'))[0]
    return /GNU C Library .*release version (\d+\.\d+)/.exec(readFileSync(file, 'latin1'))[1]
  } catch {
    return undefined
  }
}

/** What to do about it. */
function remedy(failures) {
  if (failures.some(({ built }) => built)) return 'The binary was built here. To mend it, run: npm run build'
  const causes = failures.map(({ error }) => causeOf(error))
  const wanted = causes.map((cause) => GLIBC_WANTED.exec(cause)?.[1]).find(Boolean)
  if (wanted)
    return `The binary needs glibc ${wanted} or later. Use a newer system or image, such as node:${major()}-slim.`
  if (causes.some((cause) => cause.includes('no binary for this platform'))) {
    return `There are binaries for ${SUPPORTED}. For another, run \`npm run build\` in a clone of lockerpm, and set LOCKER_BINDING to the path of the .node file.`
  }
  const missing = failures.some(({ error }) => error.code === 'MODULE_NOT_FOUND')
  if (!missing)
    return `The installed files are damaged or of another version. To mend it, run: ${reinstall()}`
  const others = installedForOthers()
  const reason =
    others.length > 0
      ? `node_modules was installed for another platform (${others.join(', ')}).`
      : 'Optional dependencies were left out when lockerpm was installed.'
  return `${reason} To mend it, run: ${add(`${SCOPE}/${PREFIX}${tuples()[0]}@${version}`)}`
}

function major() {
  return process.versions.node.split('.')[0]
}

/** The platforms whose packages lie beside this one. */
function installedForOthers() {
  try {
    const folder = path.join(__dirname, '..', '..', SCOPE)
    return readdirSync(folder).flatMap((name) => (name.startsWith(PREFIX) ? [name.slice(PREFIX.length)] : []))
  } catch {
    return []
  }
}

module.exports = { causeOf, describePlatform, nativeFailure }
