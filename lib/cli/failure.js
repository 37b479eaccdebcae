'use strict'

/** What went wrong: as an exit code for scripts, and as a sentence for people. */

const { paint } = require('./style')

/** Documented in docs/cli.md; scripts depend on them. `run` has those of a shell besides. */
const ExitCode = Object.freeze({
  OK: 0,
  FAILURE: 1,
  USAGE: 2,
  CREDENTIALS: 3,
  PERMISSION: 4,
  NOT_FOUND: 5,
  EXISTS: 6,
  UNAVAILABLE: 7,
  CANNOT_RUN: 126,
  COMMAND_NOT_FOUND: 127,
  SIGNAL: 128,
})

/** By the name of the error's class. Commands that make no call do not load the classes. */
const exitCodes = {
  ValidationError: ExitCode.USAGE,
  AuthenticationError: ExitCode.CREDENTIALS,
  PermissionDeniedError: ExitCode.PERMISSION,
  ResourceNotFoundError: ExitCode.NOT_FOUND,
  AlreadyExistsError: ExitCode.EXISTS,
  APIConnectionError: ExitCode.UNAVAILABLE,
  TimeoutError: ExitCode.UNAVAILABLE,
  RateLimitError: ExitCode.UNAVAILABLE,
  APIServerError: ExitCode.UNAVAILABLE,
}

/** A failure of the command line itself. `hint` says what to do about it. */
class CommandError extends Error {
  constructor(message, { exitCode = ExitCode.FAILURE, hint, cause } = {}) {
    super(message, cause === undefined ? undefined : { cause })
    this.exitCode = exitCode
    this.hint = hint
  }
}

class UsageError extends CommandError {
  constructor(message, hint) {
    super(message, { exitCode: ExitCode.USAGE, hint })
  }
}

function exitCodeOf(error) {
  if (error instanceof CommandError) return error.exitCode
  return Object.hasOwn(exitCodes, error?.name) ? exitCodes[error.name] : ExitCode.FAILURE
}

/** Says on stderr what went wrong. A stack is for those who ask for it. */
function tell(error, { verbose = false } = {}) {
  const { hint = hints[error?.name] } = error ?? {}
  warn(paint(process.stderr, 'red', error?.message ?? String(error)))
  if (hint) process.stderr.write(`  ${hint}\n`)
  const isExpected = error instanceof CommandError || error?.userMessage !== undefined
  if (!verbose && isExpected) return
  for (let cause = error?.cause; cause; cause = cause.cause)
    process.stderr.write(`  because: ${cause.message}\n`)
  if (error?.stack) process.stderr.write(`${error.stack}\n`)
}

const hints = {
  AuthenticationError: 'lockerpm doctor tells where the access key comes from.',
  APIConnectionError: 'lockerpm doctor tells more about the connection.',
}

function warn(text) {
  process.stderr.write(`lockerpm: ${text}\n`)
}

module.exports = { CommandError, ExitCode, UsageError, exitCodeOf, tell, warn }
