'use strict'

const { classes } = require('./lib/errors')
const { Locker } = require('./lib/locker')
const { LogLevel } = require('./lib/logging')
const { findNative } = require('./lib/native')
const { Environment, Secret } = require('./lib/objects')

findNative()

module.exports = {
  Locker,
  LogLevel,
  Secret,
  Environment,
  LockerError: classes.LockerError,
  AuthenticationError: classes.AuthenticationError,
  PermissionDeniedError: classes.PermissionDeniedError,
  RateLimitError: classes.RateLimitError,
  ResourceNotFoundError: classes.ResourceNotFoundError,
  APIServerError: classes.APIServerError,
  APIConnectionError: classes.APIConnectionError,
  TimeoutError: classes.TimeoutError,
  CliRunError: classes.CliRunError,
  IntegrityError: classes.IntegrityError,
  AlreadyExistsError: classes.AlreadyExistsError,
  ValidationError: classes.ValidationError,
  CacheError: classes.CacheError,
}
