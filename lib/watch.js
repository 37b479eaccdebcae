'use strict'

const { onAbort } = require('./abort')
const { fromNative } = require('./errors')

/** A watch that goes on until it is stopped: by `stop`, by its signal, by an error, or by leaving the iteration. */
class Watch {
  #native
  #listener
  #onError
  #afterLook
  #stopWatchingSignal
  #isOver = false
  #failure
  /** Changes that nobody has asked for yet, and those who ask for changes that have not come yet. */
  #changes = []
  #waiting = []

  constructor(start, { listener, onError, signal, afterLook }) {
    this.#listener = listener
    this.#onError = onError
    this.#afterLook = afterLook
    this.#native = start(() => this.#drain())
    this.#stopWatchingSignal =
      signal && onAbort(signal, () => this.#end(listener ? undefined : signal.reason))
  }

  /** Ends the watch. Iterations over it end. */
  stop() {
    this.#end()
  }

  [Symbol.asyncIterator]() {
    return this
  }

  async next() {
    if (this.#changes.length > 0) return { done: false, value: this.#changes.shift() }
    if (this.#failure) {
      const error = this.#failure
      this.#failure = undefined
      throw error
    }
    if (this.#isOver) return { done: true, value: undefined }
    return new Promise((resolve, reject) => this.#waiting.push({ resolve, reject }))
  }

  async return(value) {
    this.#end()
    return { done: true, value }
  }

  #drain() {
    try {
      for (let changes = this.#native.take(); changes !== null; changes = this.#native.take())
        this.#tell(changes)
    } catch (error) {
      this.#end(fromNative(error))
    }
    this.#afterLook()
  }

  #tell({ added, changed, removed }) {
    if (this.#isOver) return
    const changes = { added: places(added), changed: places(changed), removed: places(removed) }
    if (this.#listener) callSafely(this.#listener, changes)
    else if (this.#waiting.length > 0) this.#waiting.shift().resolve({ done: false, value: changes })
    else this.#changes.push(changes)
  }

  #end(failure) {
    if (this.#isOver) return
    this.#isOver = true
    this.#native.stop()
    this.#stopWatchingSignal?.()
    if (failure && this.#listener) {
      if (this.#onError) callSafely(this.#onError, failure)
      return
    }
    const waiting = this.#waiting.splice(0)
    if (failure && waiting.length > 0) waiting.shift().reject(failure)
    else this.#failure = failure
    for (const { resolve } of waiting) resolve({ done: true, value: undefined })
  }
}

function places(records) {
  return Array.from(records, ({ key, environmentName }) => ({
    key,
    environmentName: environmentName ?? null,
  }))
}

/** What a user's function throws is the user's uncaught exception, as it is with an event emitter. */
function callSafely(callback, argument) {
  try {
    callback(argument)
  } catch (error) {
    queueMicrotask(() => {
      throw error
    })
  }
}

module.exports = { Watch }
