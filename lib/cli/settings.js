'use strict'

/** Which access key, and where the API is: flags first, then the profile file, then environment variables. */

const { CommandError, ExitCode, UsageError } = require('./failure')
const { STDIN, readText } = require('./input')
const { DEFAULT_PROFILE, profileFile, readProfile } = require('./profiles')

/**
 * What was found, each with the place where it was found.
 *
 * @typedef {{ value: string, source: string }} Found
 * @returns {{ accessKeyId?: Found, accessKeySecret?: Found, apiBase?: Found }}
 */
function findSettings(options) {
  const sources = [fromFlags(options), fromProfile(options.profile), fromEnvironment()]
  const first = (name, among = sources) => among.find((source) => source[name] !== undefined)?.[name]
  const accessKeyId = first('accessKeyId')
  // A secret belongs to its id: that of another access key would only give a riddle of an error.
  const fitting = sources.filter(
    (source) => (source.accessKeyId?.value ?? accessKeyId?.value) === accessKeyId?.value,
  )
  return { accessKeyId, accessKeySecret: first('accessKeySecret', fitting), apiBase: first('apiBase') }
}

/** The same, as options of a `Locker`. Both halves of the access key are there. */
function requireSettings(options, found = findSettings(options)) {
  const { accessKeyId, accessKeySecret, apiBase } = found
  if (!accessKeyId) throw missing('there is no access key id')
  if (!accessKeySecret) {
    throw missing(`there is no secret for the access key ${accessKeyId.value} of ${accessKeyId.source}`)
  }
  return {
    accessKeyId: accessKeyId.value,
    accessKeySecret: accessKeySecret.value,
    ...(apiBase && { apiBase: apiBase.value }),
  }
}

function missing(problem) {
  return new CommandError(problem, {
    exitCode: ExitCode.CREDENTIALS,
    hint: 'Run lockerpm configure, or set LOCKER_ACCESS_KEY_ID and LOCKER_ACCESS_KEY_SECRET.',
  })
}

function fromFlags(options) {
  return present({
    accessKeyId: [options.accessKeyId, '--access-key-id'],
    accessKeySecret: secretOfFlags(options),
    apiBase: [options.apiBase, '--api-base'],
  })
}

/** The secret that the flags give or point to, if they do, and how they do it. */
function secretOfFlags({ accessKeySecret: secret, accessKeySecretFile: file }) {
  if (secret !== undefined && file !== undefined) {
    throw new UsageError(
      '--access-key-secret and --access-key-secret-file are two ways to say one thing. Give one',
    )
  }
  if (file !== undefined)
    return [readSecret('--access-key-secret-file', file), `--access-key-secret-file ${file}`]
  if (secret === STDIN)
    return [readSecret('--access-key-secret', STDIN), '--access-key-secret, standard input']
  return [secret, '--access-key-secret']
}

function readSecret(option, file) {
  const secret = readText(option, file).trim()
  if (secret === '') throw new UsageError(`${option}: ${file === STDIN ? 'standard input' : file} is empty`)
  return secret
}

function fromProfile(name) {
  const profile = readProfile(name) ?? {}
  const source = `profile ${name ?? DEFAULT_PROFILE} of ${profileFile()}`
  return present(
    Object.fromEntries(Object.entries(profile).map(([field, value]) => [field, [value, source]])),
  )
}

function fromEnvironment() {
  const { LOCKER_ACCESS_KEY_ID, LOCKER_ACCESS_KEY_SECRET, LOCKER_SECRET_ACCESS_KEY, LOCKER_API_BASE } =
    process.env
  return present({
    accessKeyId: [LOCKER_ACCESS_KEY_ID, 'LOCKER_ACCESS_KEY_ID'],
    accessKeySecret: LOCKER_ACCESS_KEY_SECRET
      ? [LOCKER_ACCESS_KEY_SECRET, 'LOCKER_ACCESS_KEY_SECRET']
      : [LOCKER_SECRET_ACCESS_KEY, 'LOCKER_SECRET_ACCESS_KEY'],
    apiBase: [LOCKER_API_BASE, 'LOCKER_API_BASE'],
  })
}

/** Leaves out what is not set; an empty variable is not set either. */
function present(candidates) {
  const entries = Object.entries(candidates).filter(([, [value]]) => value !== undefined && value !== '')
  return Object.fromEntries(entries.map(([name, [value, source]]) => [name, { value, source }]))
}

module.exports = { findSettings, requireSettings, secretOfFlags }
