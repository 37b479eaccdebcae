'use strict'

/** Those who wait for an answer. Nothing else may know them, and they must not be collected before they have it. */
const waiting = new Set()

/** The calls of a `Locker` that are under way. Native code gives each a number, under which it tells what has come of it. */
class UnderWay {
  #owner
  /** @type {Map<number, { resolve: (value: unknown) => void, reject: (error: Error) => void }>} */
  #calls = new Map()

  constructor(owner) {
    this.#owner = owner
  }

  /** Promises what comes of a call. `begin` begins it, and gives its number. */
  add(begin) {
    return new Promise((resolve, reject) => {
      this.#calls.set(begin(), { resolve, reject })
      waiting.add(this.#owner)
    })
  }

  /** Ends calls: for each there is its number, whether it failed, and its value or its error. */
  end(ended) {
    for (let at = 0; at < ended.length; at += 3) {
      const { resolve, reject } = this.#calls.get(ended[at])
      this.#calls.delete(ended[at])
      if (ended[at + 1]) reject(ended[at + 2])
      else resolve(ended[at + 2])
    }
    if (this.#calls.size === 0) waiting.delete(this.#owner)
  }
}

module.exports = { UnderWay }
