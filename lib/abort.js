'use strict'

/**
 * One listener for each signal, however many calls share it: Node.js warns of a leak when a signal has more than ten.
 *
 * @type {WeakMap<AbortSignal, { callbacks: Set<() => void>, listener: () => void }>}
 */
const watched = new WeakMap()

/** Calls `callback` when `signal` aborts, unless the function that this gives is called before. */
function onAbort(signal, callback) {
  const { callbacks, listener } = watched.get(signal) ?? watch(signal)
  callbacks.add(callback)
  return () => {
    callbacks.delete(callback)
    if (callbacks.size > 0) return
    signal.removeEventListener('abort', listener)
    watched.delete(signal)
  }
}

function watch(signal) {
  const callbacks = new Set()
  const listener = () => callbacks.forEach((callback) => callback())
  signal.addEventListener('abort', listener, { once: true })
  watched.set(signal, { callbacks, listener })
  return { callbacks, listener }
}

module.exports = { onAbort }
