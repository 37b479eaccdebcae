// For Node.js. An import of a CommonJS file would load a parser that looks for its names, for a millisecond.
import module from 'node:module'

// Written so that those who trace the files of a deployment see it.
const require = module.createRequire(import.meta.url)

export const {
  Locker,
  LogLevel,
  Secret,
  Environment,
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
} = require('./index.js')
