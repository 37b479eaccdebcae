'use strict'

const { warn } = require('./failure')
const { requireSettings } = require('./settings')

/**
 * A `Locker` for these options of the command line. It is the one place that loads native code, and no command does before
 * it has read its own arguments.
 */
function openLocker(options) {
  return makeLocker({ ...requireSettings(options) }, options)
}

/** @param {import('../../index').LockerOptions} settings */
function makeLocker(settings, { fetch = false, verbose = false } = {}) {
  const { Locker, LogLevel } = require('../../index')
  return new Locker({
    ...settings,
    cacheOptions: { fetch },
    logLevel: verbose ? LogLevel.DEBUG : LogLevel.ERROR,
    logger: ({ level, message }) => {
      // A failure is told when the command ends.
      if (verbose || level === 'warn') warn(message)
    },
  })
}

module.exports = { makeLocker, openLocker }
