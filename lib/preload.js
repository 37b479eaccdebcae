'use strict'

const fs = require('node:fs')

const { parseEnvFile } = require('./dotenv')
const { LockerError } = require('./errors').classes
const { readTextSync } = require('./files')
const { Locker } = require('./locker')
const { resolveReferencesSync } = require('./references')
const { isVariableName } = require('./variables')

/**
 * Fills `process.env` with the secrets of `LOCKER_ENVIRONMENT` and the variables of `LOCKER_ENV_FILE`. What is set
 * already stays, unless `LOCKER_OVERRIDE` is 1. If anything is missing, the process ends with one message.
 */
function preload() {
  try {
    fill(process.env, wanted(process.env))
  } catch (error) {
    const isExpected = error instanceof LockerError || error.code === 'binding_error'
    tell(isExpected ? error.message : error.stack)
    process.exit(1)
  }
}

/** The secrets, and over them the env file. */
function wanted({ LOCKER_ENVIRONMENT: environmentName, LOCKER_ENV_FILE: file }) {
  // What fails is told once, by `preload`.
  const locker = new Locker({ logger: ({ level, message }) => level === 'warn' && tell(message) })
  const values = locker.loadSync(environmentName)
  if (!file) return values
  const entries = parseEnvFile(readTextSync('LOCKER_ENV_FILE', file), file)
  const resolved = resolveReferencesSync(entries, locker, { fileName: file, environmentName })
  for (const { key, value } of resolved) values[key] = value
  return values
}

function fill(variables, values) {
  const override = variables.LOCKER_OVERRIDE === '1'
  for (const [key, value] of Object.entries(values)) {
    if (!isVariableName(key)) tell(`${key} is left out, because it is no valid variable name`)
    else if (value.includes('\0')) tell(`${key} is left out, because its value has a NUL character in it`)
    else if (override || !Object.hasOwn(variables, key)) variables[key] = value
  }
}

function tell(message) {
  fs.writeSync(2, `lockerpm/preload: ${message}\n`)
}

module.exports = { preload }
