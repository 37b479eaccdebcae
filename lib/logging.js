'use strict'

/** How much is logged. */
const LogLevel = Object.freeze({ NONE: 0, ERROR: 1, DEBUG: 2 })

/** Where log records go if no `logger` is given. */
function consoleLogger({ level, message }) {
  console[level](`[lockerpm] ${message}`)
}

/** Gives records to a logger. A logger that fails, at once or later, must not change what a call gives. */
function deliver(records, logger) {
  for (const record of records) {
    try {
      const pending = logger(record)
      if (typeof pending?.then === 'function') pending.then(undefined, warn)
    } catch (error) {
      warn(error)
    }
  }
}

function warn(error) {
  process.emitWarning(`the logger of lockerpm failed: ${error?.message ?? error}`, 'LockerWarning')
}

module.exports = { LogLevel, consoleLogger, deliver }
