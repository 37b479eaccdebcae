'use strict'

const { fail, ok, warn } = require('./finding')
const { probe } = require('./probe')
const { proxyVariables } = require('./proxy')
const { makeLocker } = require('../connect')

const HOSTED = 'https://api.locker.io/locker_secrets'
const TIMEOUT_MS = 10_000
/** More than a slow answer explains. */
const SKEW_TO_TELL_S = 30
/** Certificates and caches begin to look as if they came from the future or the past. */
const SKEW_TO_FAIL_S = 300

/** What the server says: whether it is reached and trusted, whether it knows the access key, and what time it has. */
async function examineConnection(settings, options) {
  if (settings === undefined) {
    return [warn('connection', 'not tried: what is wrong above comes first')]
  }
  const { apiBaseSource, ...credentials } = settings
  const apiBase = (credentials.apiBase ?? HOSTED).replace(/\/+$/, '')
  const where = `${apiBase} (${apiBaseSource ?? 'the default'})`
  const error = await callServer(credentials, options)
  const judged = judge(error, apiBase, where)
  // Only a server that was reached has a clock to compare with, and only a key that it knows has a permission.
  const isReached = !judged.some(({ name, level }) => name === 'connection' && level === 'fail')
  const isKnown = error === undefined
  return [...judged, ...(await probes(apiBase, credentials, isReached, isKnown))]
}

async function callServer(credentials, options) {
  try {
    const locker = makeLocker(
      { timeoutMs: TIMEOUT_MS, maxRetries: 0, ...credentials },
      { ...options, fetch: true },
    )
    await locker.listEnvironments()
    return undefined
  } catch (error) {
    return error
  }
}

function judge(error, apiBase, where) {
  const isTls = apiBase.startsWith('https:')
  const reached = ok('connection', `${where} answers`)
  const trusted = isTls
    ? [ok('TLS', 'the certificate is trusted')]
    : [
        warn(
          'TLS',
          'not used: whoever is between can read which keys are asked for',
          'Give an https address, unless it is this machine.',
        ),
      ]
  const accepted = ok('access key', 'the server knows it, and it opens the project')
  switch (error?.name) {
    case undefined:
      return [reached, ...trusted, accepted]
    case 'AuthenticationError':
      return [
        reached,
        ...trusted,
        fail('access key', error.message, 'Look whether it is active, and copy its id and secret again.'),
      ]
    case 'PermissionDeniedError':
      return [
        reached,
        ...trusted,
        fail('access key', error.message, 'Look at the IP addresses that the access key is restricted to.'),
      ]
    case 'APIConnectionError':
    case 'TimeoutError':
      return unreachable(error, isTls, where)
    default:
      return [
        fail(
          'connection',
          `${where}: ${error.message}`,
          'Look whether --api-base names a Locker Secrets API.',
        ),
      ]
  }
}

function unreachable(error, isTls, where) {
  const text = [error.message, error.cause?.message].filter(Boolean).join(': ')
  if (isTls && /certificate|tls|issuer/i.test(text)) {
    return [
      ok('connection', `${where} accepts connections`),
      fail(
        'TLS',
        text,
        'If the server has a certificate authority of its own, name its file in NODE_EXTRA_CA_CERTS.',
      ),
    ]
  }
  return [
    fail(
      'connection',
      `${where}: ${text}`,
      'Look at the address, the name server, the firewall and the proxy.',
    ),
  ]
}

/** What the SDK does not tell: a plain request shows the clock of the server and the permission of the key. */
async function probes(apiBase, { accessKeyId }, isReached, isKnown) {
  if (!isReached) return []
  if (proxyVariables().some(([name]) => !/^no_proxy$/i.test(name))) {
    return [
      warn(
        'clock',
        'not compared, because a proxy is between',
        'Compare date -u with a clock that you trust.',
      ),
    ]
  }
  const [clock, permission] = await Promise.all([
    examineClock(apiBase),
    isKnown ? examinePermission(apiBase, accessKeyId) : undefined,
  ])
  return permission ? [clock, permission] : [clock]
}

async function examineClock(apiBase) {
  // Nothing secret is sent and the date only is read, so the certificate does not matter: a wrong clock may be what spoils it.
  const { date } = await probe(`${apiBase}/v1/profile`, { rejectUnauthorized: false }).catch(() => ({}))
  if (Number.isNaN(Date.parse(date))) return warn('clock', 'not compared: the server does not tell its time')
  const skew = Math.round((Date.now() - Date.parse(date)) / 1000)
  const text = `this machine is ${Math.abs(skew)} s ${skew < 0 ? 'behind' : 'ahead of'} the server`
  if (Math.abs(skew) <= SKEW_TO_TELL_S) return ok('clock', text)
  const advice = 'Set the clock, for example with NTP.'
  return Math.abs(skew) > SKEW_TO_FAIL_S ? fail('clock', text, advice) : warn('clock', text, advice)
}

async function examinePermission(apiBase, accessKeyId) {
  const headers = { authorization: `Bearer ${accessKeyId}` }
  const { body } = await probe(`${apiBase}/v1/profile`, { headers }).catch(() => ({}))
  const editable = body?.profile?.editable
  if (typeof editable !== 'boolean') return warn('permission', 'not known: the server does not tell it')
  return ok('permission', editable ? 'read and write' : 'read only')
}

module.exports = { examineConnection }
