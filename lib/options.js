'use strict'

/** The options of a `Locker` and of a call, as native code takes them. */

const check = require('./arguments')
const { VERSION } = require('./native')

const DEFAULT_INTERVAL_MS = 30_000

const userAgent = `lockerpm/${VERSION} (node ${process.versions.node}; ${process.platform} ${process.arch})`

/** @param {import('../index').LockerOptions} given */
function lockerOptions(given) {
  const options = check.nullable(check.object)('options', given) ?? {}
  const cache = check.nullable(check.object)('cacheOptions', options.cacheOptions) ?? {}
  const take = (type, name) => check.optional(type)(name, options[name])
  const takeCache = (type, name) => check.optional(type)(`cacheOptions.${name}`, cache[name])
  return {
    accessKeyId: take(check.text, 'accessKeyId'),
    accessKeySecret: take(check.text, 'accessKeySecret'),
    secretAccessKey: take(check.text, 'secretAccessKey'),
    apiBase: take(check.text, 'apiBase'),
    headers: take(check.headers, 'headers'),
    acceptAnyCertificate: take(check.boolean, 'unsafe'),
    logLevel: take(check.number, 'logLevel'),
    fetch: takeCache(check.boolean, 'fetch'),
    restTime: takeCache(check.number, 'restTime'),
    staleIfError: takeCache(check.number, 'staleIfError'),
    cacheDir: takeCache(check.nullable(check.text), 'dir'),
    cacheInMemory: cache.dir === null,
    timeoutMs: take(check.number, 'timeoutMs'),
    maxRetries: take(check.number, 'maxRetries'),
    caCert: take(check.pem, 'caCert'),
    proxy: take(check.text, 'proxy'),
    userAgent,
  }
}

/** @param {import('../index').CallOptions} given */
function callOptions(given) {
  const options = check.nullable(check.object)('options', given)
  return (
    options && {
      fetch: check.optional(check.boolean)('fetch', options.fetch),
      restTime: check.optional(check.number)('restTime', options.restTime),
      timeoutMs: check.optional(check.number)('timeoutMs', options.timeoutMs),
    }
  )
}

/** @param {import('../index').WatchOptions} given */
function watchOptions(given) {
  const options = check.nullable(check.object)('options', given) ?? {}
  return {
    intervalMs: check.optional(check.interval)('intervalMs', options.intervalMs) ?? DEFAULT_INTERVAL_MS,
    onError: check.optional(check.callback)('onError', options.onError),
    signal: abortSignal(options),
  }
}

function abortSignal(options) {
  return check.nullable(check.signal)('signal', options?.signal)
}

module.exports = { abortSignal, callOptions, lockerOptions, watchOptions }
