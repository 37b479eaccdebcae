'use strict'

/**
 * What is made of several verbs is a generator: it yields `[verb, ...arguments]` and gets what the verb gives. So it is
 * written once for both forms.
 *
 * @template Result
 * @param {Generator<unknown[], Result>} calls
 * @param {(verb: string, given: unknown[]) => unknown} call
 * @returns {Promise<Result>}
 */
async function follow(calls, call) {
  let step = calls.next()
  while (!step.done) {
    const [verb, ...given] = step.value
    step = calls.next(await call(verb, given))
  }
  return step.value
}

function followSync(calls, call) {
  let step = calls.next()
  while (!step.done) {
    const [verb, ...given] = step.value
    step = calls.next(call(verb, given))
  }
  return step.value
}

module.exports = { follow, followSync }
