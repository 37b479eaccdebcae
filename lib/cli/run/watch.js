'use strict'

/** `run --watch`: the command is started again when its variables change. */

const { setTimeout: delay } = require('node:timers/promises')

const { warn } = require('../failure')
const { startChild } = require('./child')

/** Looks at the server: two small calls while nothing changes. */
const NOW = { restTime: 0 }

/**
 * Runs a command, again and again while its variables change, until it ends by itself or we are told to end.
 *
 * The values themselves are compared and not the news of `Locker.watch`, whose first look comes after the values were read:
 * a change between the two would be lost.
 *
 * @param {string[]} words
 * @param {(options?: import('../../../index').CallOptions) => Promise<Record<string, string>>} variables
 * @returns how it ended
 */
async function runAndWatch(words, variables, { grace, watchInterval }) {
  let current = await variables()
  const orders = listenForOrders()
  for (;;) {
    const child = startChild(words, current)
    const next = await changedWhile(child, current, variables, watchInterval)
    if (next === undefined || orders.areToEnd) return child.exit
    warn(`changed: ${differences(current, next).join(', ')}. The command is started again`)
    current = next
    const end = await orders.during(stop(child, grace))
    if (orders.areToEnd) return end
  }
}

/** The variables when they are others; undefined if the command ends before. */
async function changedWhile(child, current, variables, interval) {
  const looking = new AbortController()
  try {
    const end = child.exit.then(() => undefined)
    return await Promise.race([end, changed(current, variables, interval, looking.signal)])
  } finally {
    looking.abort()
  }
}

async function changed(current, variables, interval, signal) {
  let isFailing = false
  for (;;) {
    await delay(interval * 1000, undefined, { signal }).catch(() => undefined)
    if (signal.aborted) return undefined
    try {
      const next = await variables(NOW)
      if (differences(current, next).length > 0) return next
      isFailing = false
    } catch (error) {
      // An outage is told once, not at each look. The command goes on with what it has.
      if (!isFailing) warn(`cannot look for changes: ${error.message}`)
      isFailing = true
    }
  }
}

/** The names of the variables that are not the same. */
function differences(before, after) {
  const names = new Set([...Object.keys(before), ...Object.keys(after)])
  return [...names].filter((name) => before[name] !== after[name])
}

/** Ends a command as a supervisor does: it may clean up, but not for ever. */
async function stop(child, grace) {
  const timer = setTimeout(() => child.kill('SIGKILL'), grace * 1000)
  child.kill('SIGTERM')
  try {
    return await child.exit
  } finally {
    clearTimeout(timer)
  }
}

/**
 * Notices whether we are told to end, so that the command is not started once more: by SIGTERM at any time, and by Ctrl-C or
 * a hang-up while no command is there to decide what they mean.
 */
function listenForOrders() {
  const orders = {
    areToEnd: false,
    isStopping: false,
    async during(stopping) {
      orders.isStopping = true
      const end = await stopping
      orders.isStopping = false
      return end
    },
  }
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGQUIT']) {
    process.on(signal, () => (orders.areToEnd ||= signal === 'SIGTERM' || orders.isStopping))
  }
  return orders
}

module.exports = { runAndWatch }
