'use strict'

const { onAbort } = require('./abort')
const check = require('./arguments')
const { follow } = require('./calls')
const { classes } = require('./errors')
const { requireEnvironment } = require('./load')
const { readSource } = require('./source')

const { APIConnectionError, APIServerError, AuthenticationError, PermissionDeniedError, RateLimitError } =
  classes

const DEFAULT_CONCURRENCY = 16
const FIRST_PAUSE_MS = 1_000
const LONGEST_PAUSE_MS = 60_000

/**
 * Brings the secrets of a source into an environment. What is there already is compared first, so that only what differs
 * is sent, and an import that was interrupted goes on when it is run again.
 *
 * @param {import('../index').Locker} locker
 */
async function importSecrets(locker, source, given) {
  const options = importOptions(given)
  const { environmentName, signal } = options
  signal?.throwIfAborted()
  const wanted = await readSource(source, options)
  const pause = new Pause(signal)
  const ask = (verb, ...args) => pause.retry(() => locker[verb](...args))
  const call = { fetch: true, signal, timeoutMs: options.timeoutMs }
  const secrets = await ask('list', null, call)
  await follow(requireEnvironment(environmentName, secrets), (verb) => ask(verb, call))
  const stored = new Map(
    secrets
      .filter((secret) => secret.environmentName === environmentName)
      .map(({ key, value }) => [key, value]),
  )
  return new Import({ ask, wanted, stored, call, ...options }).run()
}

/** @param {import('../index').ImportOptions} given */
function importOptions(given) {
  const options = check.nullable(check.object)('options', given) ?? {}
  const take = (type, name) => check.optional(type)(name, options[name])
  return {
    environmentName: check.nullable(check.text)('environmentName', options.environmentName) || null,
    format: take(check.text, 'format'),
    dryRun: take(check.boolean, 'dryRun') ?? false,
    overwrite: take(check.boolean, 'overwrite') ?? true,
    concurrency: take(check.count, 'concurrency') ?? DEFAULT_CONCURRENCY,
    onProgress: take(check.callback, 'onProgress'),
    timeoutMs: take(check.number, 'timeoutMs'),
    signal: check.nullable(check.signal)('signal', options.signal),
  }
}

/** One run of an import, once both sides are known. */
class Import {
  #options
  #result = { created: [], changed: [], kept: [], refused: [] }
  #done = 0
  /** How many in a row got no proper answer from the server. */
  #unanswered = 0
  /** What makes every further request useless. */
  #failure
  #isOver = false

  constructor(options) {
    this.#options = options
  }

  async run() {
    const { wanted, concurrency } = this.#options
    // The workers share one iterator, so each entry is taken once.
    const entries = wanted.entries()
    try {
      await Promise.all(Array.from({ length: Math.min(concurrency, wanted.size) }, () => this.#work(entries)))
    } finally {
      this.#isOver = true
    }
    return this.#inOrder()
  }

  async #work(entries) {
    for (const [key, value] of entries) {
      if (this.#isOver) return
      try {
        this.#result[await this.#settle(key, value)].push(key)
      } catch (error) {
        this.#options.signal?.throwIfAborted()
        this.#refuse(key, error)
      }
      this.#done += 1
      this.#options.onProgress?.(this.#done, this.#options.wanted.size)
    }
  }

  /** Makes one secret what it shall be, and tells what that was. */
  async #settle(key, value) {
    const { ask, stored, environmentName, call, overwrite, dryRun } = this.#options
    const outcome = !stored.has(key) ? 'created' : overwrite && stored.get(key) !== value ? 'changed' : 'kept'
    if (outcome === 'kept' || dryRun) return outcome
    if (this.#failure) throw this.#failure
    // A change that names no environment would move the secret to ALL.
    if (outcome === 'created') await ask('create', { key, value, environmentName }, call)
    else await ask('modify', key, environmentName, { value, environmentName }, call)
    this.#unanswered = 0
    return outcome
  }

  #refuse(key, error) {
    this.#result.refused.push({ key, error })
    const unanswered = error instanceof APIConnectionError || error instanceof APIServerError
    this.#unanswered = unanswered ? this.#unanswered + 1 : 0
    const forbidden = error instanceof AuthenticationError || error instanceof PermissionDeniedError
    // One cut ends every request that is under way at once. What comes after it tells whether the server is back.
    if (forbidden || this.#unanswered > this.#options.concurrency) this.#failure ??= error
  }

  /** The result in the order of the source, whatever was answered first. */
  #inOrder() {
    const place = new Map([...this.#options.wanted.keys()].map((key, index) => [key, index]))
    const { created, changed, kept, refused } = this.#result
    for (const keys of [created, changed, kept]) keys.sort((one, two) => place.get(one) - place.get(two))
    refused.sort((one, two) => place.get(one.key) - place.get(two.key))
    return this.#result
  }
}

/** The pause that a server asks for: all requests of an import keep it together. */
class Pause {
  #signal
  #over = Promise.resolve()
  #nextMs = FIRST_PAUSE_MS

  constructor(signal) {
    this.#signal = signal
  }

  /** Sends a request, as often as the server only asks to send it later: such a request has changed nothing. */
  async retry(send) {
    for (;;) {
      const over = this.#over
      await over
      try {
        const answer = await send()
        this.#nextMs = FIRST_PAUSE_MS
        return answer
      } catch (error) {
        if (!(error instanceof RateLimitError)) throw error
        // Requests that were refused together begin one pause, not one each.
        if (this.#over === over) this.#begin(error.retryAfter)
      }
    }
  }

  #begin(seconds) {
    const ms = seconds === undefined ? this.#nextMs : seconds * 1000
    if (seconds === undefined) this.#nextMs = Math.min(this.#nextMs * 2, LONGEST_PAUSE_MS)
    this.#over = wait(ms, this.#signal)
    // Nobody may be waiting any more when the signal aborts.
    this.#over.catch(() => {})
  }
}

function wait(ms, signal) {
  return new Promise((resolve, reject) => {
    signal?.throwIfAborted()
    const timer = setTimeout(() => (stopWatching?.(), resolve()), ms)
    const stopWatching = signal && onAbort(signal, () => (clearTimeout(timer), reject(signal.reason)))
  })
}

module.exports = { importSecrets }
