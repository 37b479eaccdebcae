'use strict'

/**
 * Refuses an environment that does not exist, and lists those that do. Reading falls back to ALL, so a name that was mistyped
 * would give the value of another place.
 *
 * @param {import('../../index').Locker} locker
 */
async function requireEnvironment(locker, name) {
  const { follow } = require('../calls')
  const load = require('../load')
  await follow(load.requireEnvironment(name, []), (verb, args) => locker[verb](...args))
}

/** Runs a call. If something that it names does not exist, the environments are looked at first. */
async function withEnvironments(locker, names, call) {
  try {
    return await call()
  } catch (error) {
    if (error.name === 'ResourceNotFoundError') {
      for (const name of names) await requireEnvironment(locker, name)
    }
    throw error
  }
}

module.exports = { requireEnvironment, withEnvironments }
