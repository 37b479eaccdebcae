'use strict'

/** Waits for a condition, for as long as the test may take. */
async function until(condition) {
  while (!(await condition())) await new Promise(setImmediate)
}

module.exports = { until }
