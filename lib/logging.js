'use strict'

/** How much is logged. */
const LogLevel = Object.freeze({ NONE: 0, ERROR: 1, DEBUG: 2 })

/** Where log records go if no `logger` is given. */
function consoleLogger({ level, message }) {
  console[level](`[lockerpm] ${message}`)
}

/** Gives records to a logger. A logger that throws must not change what a call gives. */
function deliver(records, logger) {
  for (const record of records) {
    try {
      logger(record)
    } catch (error) {
      process.emitWarning(
        `the logger of lockerpm threw an error: ${error?.message ?? error}`,
        'LockerWarning',
      )
    }
  }
}

module.exports = { LogLevel, consoleLogger, deliver }
