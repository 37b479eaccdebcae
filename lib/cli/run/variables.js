'use strict'

/** The environment variables of the command that `run` starts. */

const { CommandError, ExitCode, UsageError, warn } = require('../failure')
const { parseEnvFile } = require('../../dotenv')
const { readTextSync } = require('../../files')
const { resolveReferences } = require('../../references')
const { isVariableName } = require('../../variables')

/** A secret of such a name would take from the command what it needs to be found and to run. */
const KEPT = new Set(['PATH', 'HOME', 'PS1'])

/**
 * Ours, overlaid by the secrets, overlaid by the env file.
 *
 * @param {import('../../../index').Locker} locker
 * @returns {Promise<Record<string, string>>}
 */
async function childVariables(locker, options, callOptions) {
  const refused = []
  const secrets = usable(await secretsOf(locker, options, callOptions), refused, KEPT)
  // What the file refers to is in memory now.
  const file = usable(await fileVariables(locker, options), refused)
  tellRefused(refused, options)
  return { ...process.env, ...secrets, ...file, ...(options.preserveEnv && process.env) }
}

/** The secrets that are wanted, under the names that are wanted. */
async function secretsOf(locker, { env, only, prefix = '' }, callOptions) {
  const values = await locker.load(env, callOptions)
  const keys = only ?? Object.keys(values)
  const missing = keys.filter((key) => values[key] === undefined)
  if (missing.length > 0) {
    throw new CommandError(
      `--only: there is no secret ${missing.join(', ')} ${env ? `in ${env} or in ALL` : 'in ALL'}`,
      { exitCode: ExitCode.NOT_FOUND },
    )
  }
  return keys.map((key) => [prefix + key, values[key]])
}

async function fileVariables(locker, { env, envFile: fileName }) {
  if (fileName === undefined) return []
  const entries = parseEnvFile(readTextSync('--env-file', fileName), fileName)
  const resolved = await resolveReferences(entries, locker, { fileName, environmentName: env })
  return resolved.map(({ key, value }) => [key, value])
}

/** Those that can be variables. The others go to `refused`. */
function usable(entries, refused, kept) {
  const isUsable = ([name, value]) => {
    const problem = problemOf(name, value, kept)
    if (problem) refused.push(`${name} ${problem}`)
    return !problem
  }
  return Object.fromEntries(entries.filter(isUsable))
}

function problemOf(name, value, kept) {
  if (!isVariableName(name)) return 'is no valid name of a variable'
  if (kept?.has(name)) return 'would replace what the command needs to run'
  return value.includes('\0') ? 'has a NUL character in its value' : undefined
}

function tellRefused(refused, { strict = false }) {
  if (strict && refused.length > 0) throw new UsageError(`--strict: ${refused.join('; ')}`)
  for (const text of refused) warn(`left out: ${text}`)
}

module.exports = { childVariables }
