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
