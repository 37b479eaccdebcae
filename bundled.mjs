// For bundlers, which follow this import. Node.js would first look for names in that file, and takes index.mjs.
import lockerpm from './index.js'

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
} = lockerpm
