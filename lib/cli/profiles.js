'use strict'

/** The profile file: access keys that `lockerpm configure` keeps, readable by their owner only. */

const fs = require('node:fs')
const os = require('node:os')
const path = require('node:path')

const { CommandError, ExitCode, UsageError } = require('./failure')
const { writePrivately } = require('../files')

const DEFAULT_PROFILE = 'default'
const FIELDS = ['accessKeyId', 'accessKeySecret', 'apiBase']
const OTHERS = 0o077

/** Where the profile file is, whether it exists or not. */
function profileFile() {
  const { XDG_CONFIG_HOME } = process.env
  // A relative path is to be ignored, says the XDG Base Directory Specification.
  const base =
    XDG_CONFIG_HOME && path.isAbsolute(XDG_CONFIG_HOME) ? XDG_CONFIG_HOME : path.join(os.homedir(), '.config')
  return path.join(base, 'lockerpm', 'config.json')
}

/**
 * The profile of this name, or undefined. A profile that was named has to exist.
 *
 * @returns {{ accessKeyId: string, accessKeySecret: string, apiBase?: string } | undefined}
 */
function readProfile(name) {
  const profiles = readProfiles()
  const wanted = name ?? DEFAULT_PROFILE
  if (Object.hasOwn(profiles, wanted)) return profiles[wanted]
  if (name === undefined) return undefined
  const names = Object.keys(profiles)
  throw new UsageError(
    `--profile: ${profileFile()} has no profile ${name}`,
    names.length > 0 ? `It has ${names.join(', ')}.` : 'lockerpm configure makes one.',
  )
}

/** Adds a profile or replaces it, and leaves the others alone. */
function writeProfile(name, profile) {
  const file = profileFile()
  const text = JSON.stringify({ profiles: { ...readProfiles(), [name]: profile } }, null, 2)
  try {
    fs.mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 })
  } catch (error) {
    throw unusable(
      path.dirname(file),
      `cannot be made: ${error.code}`,
      'XDG_CONFIG_HOME names another folder.',
    )
  }
  writePrivately(file, `${text}\n`, true)
}

function readProfiles() {
  const file = profileFile()
  const text = readPrivately(file)
  if (text === undefined) return {}
  let content
  try {
    content = JSON.parse(text)
  } catch {
    // What the parser says would quote the file.
    throw unusable(file, 'is not JSON')
  }
  const profiles = content?.profiles
  if (!isObject(profiles)) throw unusable(file, 'has no object "profiles"')
  for (const [name, profile] of Object.entries(profiles)) checkProfile(file, name, profile)
  return profiles
}

/** The text of a file that only its owner may read; undefined if there is none. */
function readPrivately(file) {
  let descriptor
  try {
    descriptor = fs.openSync(file, 'r')
  } catch (error) {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return undefined
    throw unusable(file, `cannot be read: ${error.code}`)
  }
  try {
    const { mode } = fs.fstatSync(descriptor)
    if (process.platform !== 'win32' && mode & OTHERS) {
      const shown = (mode & 0o777).toString(8).padStart(4, '0')
      throw unusable(file, `can be used by others: its mode is ${shown}`, `Run: chmod 600 ${file}`)
    }
    return fs.readFileSync(descriptor, 'utf8')
  } finally {
    fs.closeSync(descriptor)
  }
}

function checkProfile(file, name, profile) {
  if (!isObject(profile)) throw unusable(file, `profiles.${name} is not an object`)
  for (const [field, value] of Object.entries(profile)) {
    if (!FIELDS.includes(field)) throw unusable(file, `profiles.${name}.${field} is not known`)
    if (typeof value !== 'string') throw unusable(file, `profiles.${name}.${field} is not a string`)
  }
}

function isObject(value) {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function unusable(file, problem, hint) {
  return new CommandError(`${file} ${problem}`, { exitCode: ExitCode.CREDENTIALS, hint })
}

module.exports = { DEFAULT_PROFILE, profileFile, readProfile, writeProfile }
