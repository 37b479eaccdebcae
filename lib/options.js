'use strict'

/** The options of a `Locker` and of a call, as native code takes them. */

const check = require('./arguments')
const { VERSION } = require('./native')

const DEFAULT_INTERVAL_MS = 30_000

const userAgent = `lockerpm/${VERSION} (node ${process.versions.node}; ${process.platform} ${process.arch})`

const objectOrNull = check.nullable(check.object)
const flag = check.optional(check.boolean)
const amount = check.optional(check.number)
const signalOrNull = check.nullable(check.signal)

/** @param {import('../index').LockerOptions} given */
function lockerOptions(given) {
  const options = objectOrNull('options', given) ?? {}
  const cache = objectOrNull('cacheOptions', options.cacheOptions) ?? {}
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
  const options = objectOrNull('options', given)
  return (
    options && {
      fetch: flag('fetch', options.fetch),
      restTime: amount('restTime', options.restTime),
      timeoutMs: amount('timeoutMs', options.timeoutMs),
    }
  )
}

/** @param {import('../index').WatchOptions} given */
function watchOptions(given) {
  const options = objectOrNull('options', given) ?? {}
  return {
    intervalMs: check.optional(check.interval)('intervalMs', options.intervalMs) ?? DEFAULT_INTERVAL_MS,
    onError: check.optional(check.callback)('onError', options.onError),
    signal: abortSignal(options),
  }
}

function abortSignal(options) {
  return signalOrNull('signal', options?.signal)
}

module.exports = { abortSignal, callOptions, lockerOptions, watchOptions }
