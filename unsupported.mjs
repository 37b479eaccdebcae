import nothing from './unsupported.js'

// Never reached. The names are here so that a bundler can link what imports them.
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
  startLockerServer,
} = nothing
