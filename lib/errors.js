'use strict'

/**
 * The public error classes. They are made here and not in native code, so that `instanceof` and the stack are right in
 * the realm of whoever loaded this file: a jest test, a worker, a vm context.
 */

class LockerError extends Error {
  static code = 'locker_error'
  static statusCode = undefined

  /**
   * @param {string} message
   * @param {import('../index').LockerErrorDetails} [details]
   */
  constructor(message, details = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause })
    const { code, statusCode } = new.target
    const known = {
      code,
      statusCode: details.statusCode ?? statusCode,
      userMessage: details.userMessage ?? message,
      retryable: details.retryable ?? false,
      field: details.field,
      retryAfter: details.retryAfter,
      requestId: details.requestId,
      httpBody: details.httpBody,
    }
    for (const [name, value] of Object.entries(known)) {
      if (value !== undefined && value !== null) this[name] = value
    }
  }
}

class AuthenticationError extends LockerError {
  static code = 'unauthorized'
  static statusCode = 401
}

class PermissionDeniedError extends LockerError {
  static code = 'permission_denied'
  static statusCode = 403
}

class RateLimitError extends LockerError {
  static code = 'rate_limit'
  static statusCode = 429
}

class ResourceNotFoundError extends LockerError {
  static code = 'not_found'
  static statusCode = 404
}

class APIServerError extends LockerError {
  static code = 'server_error'
  static statusCode = 500
}

class APIConnectionError extends LockerError {
  static code = 'http_error'
  static statusCode = 503
}

class TimeoutError extends APIConnectionError {}

class CliRunError extends LockerError {
  static code = 'cli_error'
}

class IntegrityError extends CliRunError {}

class AlreadyExistsError extends LockerError {
  static code = 'already_exists'
  static statusCode = 409
}

class ValidationError extends LockerError {
  static code = 'validation_error'
}

class CacheError extends LockerError {
  static code = 'cache_error'
}

const classes = {
  LockerError,
  AuthenticationError,
  PermissionDeniedError,
  RateLimitError,
  ResourceNotFoundError,
  APIServerError,
  APIConnectionError,
  TimeoutError,
  CliRunError,
  IntegrityError,
  AlreadyExistsError,
  ValidationError,
  CacheError,
}

for (const [name, Class] of Object.entries(classes)) {
  Object.defineProperty(Class.prototype, 'name', { value: name, configurable: true, writable: true })
}

/** The public error that an error from native code means. */
function fromNative(error) {
  const Class = Object.hasOwn(classes, error?.lockerError) ? classes[error.lockerError] : undefined
  if (!Class) {
    return new LockerError(`lockerpm failed inside its native code: ${error?.message ?? error}`, {
      cause: error,
    })
  }
  return new Class(error.message, { ...error, cause: chain(error.causes) })
}

/** The errors behind an error. They come from native code, so only their texts mean something, not their stacks. */
function chain(causes) {
  if (causes.length === 0) return undefined
  const cause = new Error(causes.join(': '))
  cause.stack = `${cause.name}: ${cause.message}`
  return cause
}

module.exports = { classes, fromNative }
