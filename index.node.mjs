/**
 * What Node.js itself imports. It gets the same as `index.mjs`, which bundlers follow, and does without the analysis of
 * CommonJS that an `import` of such a file begins with: that would take longer than all the rest.
 */

import { createRequire } from 'node:module'

const lockerpm = createRequire(import.meta.url)('./index.js')

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
