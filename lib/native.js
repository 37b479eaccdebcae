'use strict'

/**
 * The native code: finds the binary of this platform, loads it at its first use, and makes sure that it is of this version.
 */

const { existsSync } = require('node:fs')
const { createRequire } = require('node:module')
const path = require('node:path')

const { isTruncated } = require('./elf')
const { tuples } = require('./platform')

const VARIABLE = 'LOCKER_BINDING'
/** That of package.json, which every program would have to read for it. */
const VERSION = '0.1.0'

const builtFile = (tuple) => path.join(__dirname, '..', `lockerpm.${tuple}.node`)
/** Where package managers put the package of a platform: beside this one. */
const installedFile = (tuple) =>
  path.join(__dirname, '..', '..', '@lockerpm', `binding-${tuple}`, `lockerpm.${tuple}.node`)

let loaded

/** What the binary exports. The first call loads it. */
function native() {
  return (loaded ??= load())
}

/**
 * Fails if no binary can be loaded, as far as that can be told without doing so: that would take a third of an import.
 * Where there is none at the usual places, as in a bundle, only loading tells.
 */
function findNative() {
  // Who names a file may remove it after the import, as a single executable application does.
  const isNamed = Boolean(process.env[VARIABLE])
  const files = () => tuples().flatMap((tuple) => [builtFile(tuple), installedFile(tuple)])
  if (isNamed || !files().some(isBinary)) native()
}

function isBinary(file) {
  return existsSync(file) && (process.platform !== 'linux' || isTruncated(file) === false)
}

function load() {
  const failures = []
  for (const candidate of candidates()) {
    try {
      const exported = candidate.load()
      checkVersion(exported)
      if (process.env[VARIABLE] && failures.length > 0) warn(failures[0], candidate.name)
      return exported
    } catch (error) {
      failures.push({ ...candidate, error })
    }
  }
  throw require('./native-failure').nativeFailure(failures)
}

/** The file that the variable names, the one that was built in this folder, and the package of this platform. */
function candidates() {
  const named = process.env[VARIABLE]
  const fitting = tuples()
  const built = fitting.map(builtFile).filter((file) => existsSync(file))
  return [
    ...(named ? [{ name: `${VARIABLE}=${named}`, load: () => loadFile(path.resolve(named)) }] : []),
    ...built.map((file) => ({ name: file, built: true, load: () => loadFile(file) })),
    ...fitting.map((tuple) => ({ name: `@lockerpm/binding-${tuple}`, load: () => loadPackage(tuple) })),
  ]
}

// Bundlers do not follow it: these files are not theirs.
const requireUnseen = createRequire(__filename)

function loadFile(file) {
  if (!existsSync(file)) throw new Error('there is no such file')
  if (!file.endsWith('.node')) throw new Error('this is not a .node file')
  checkWhole(file)
  return requireUnseen(file)
}

/** The file of a package, unless a bundler has moved it. */
function packageFile(tuple) {
  try {
    return requireUnseen.resolve(`@lockerpm/binding-${tuple}`)
  } catch {
    return undefined
  }
}

/** Each name is written out, and within `try`, so that bundlers and tracers of files find what is installed. */
function loadPackage(tuple) {
  const file = packageFile(tuple)
  if (file !== undefined) checkWhole(file)
  try {
    switch (tuple) {
      case 'linux-x64-gnu':
        return require('@lockerpm/binding-linux-x64-gnu')
      case 'linux-x64-musl':
        return require('@lockerpm/binding-linux-x64-musl')
      case 'linux-arm64-gnu':
        return require('@lockerpm/binding-linux-arm64-gnu')
      case 'linux-arm64-musl':
        return require('@lockerpm/binding-linux-arm64-musl')
      case 'linux-arm-gnueabihf':
        return require('@lockerpm/binding-linux-arm-gnueabihf')
      case 'darwin-x64':
        return require('@lockerpm/binding-darwin-x64')
      case 'darwin-arm64':
        return require('@lockerpm/binding-darwin-arm64')
      case 'win32-x64-msvc':
        return require('@lockerpm/binding-win32-x64-msvc')
      case 'win32-arm64-msvc':
        return require('@lockerpm/binding-win32-arm64-msvc')
    }
  } catch (error) {
    throw error
  }
  throw new Error('there is no binary for this platform')
}

function checkWhole(file) {
  if (process.platform === 'linux' && isTruncated(file)) throw new Error(`the end of ${file} is missing`)
}

function checkVersion({ VERSION: found }) {
  if (found !== VERSION)
    throw new Error(`it is of version ${found ?? 'unknown'}, and this is lockerpm ${VERSION}`)
}

/** The variable was set for a reason, so it is not passed over in silence. */
function warn({ name, error }, used) {
  const { causeOf } = require('./native-failure')
  process.emitWarning(`lockerpm cannot load ${name} (${causeOf(error)}), and uses ${used}`, {
    code: 'LOCKER_BINDING',
  })
}

module.exports = { VERSION, findNative, native }
