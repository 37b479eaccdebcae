'use strict'

/** Runs a call that has to fail, and gives its error. A call that does not fail fails the test. */
async function failure(call) {
  let value
  try {
    value = await call()
  } catch (error) {
    return error
  }
  throw new Error(`the call must fail, but it gave ${JSON.stringify(value)}`)
}

/** The two forms of a verb, for tests that run over both: `[form, call]`. */
const forms = [
  ['async', (locker, verb, ...args) => locker[verb](...args)],
  ['sync', async (locker, verb, ...args) => locker[`${verb}Sync`](...args)],
]

module.exports = { failure, forms }
