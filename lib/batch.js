'use strict'

/** The secrets of a list, which native code hands over in slices. */

const { Secret } = require('./objects')

const TEXTS = 4
const NUMBERS = 5

/** All secrets at once, for a caller who is waiting and can do nothing else. */
function takeAll(batch) {
  const secrets = []
  while (takeSlice(batch, secrets));
  return secrets
}

/** All secrets, while more of them are read and opened, a slice in each turn of the event loop. `next` promises a part. */
async function takeAsTheyCome(next, signal) {
  let secrets = []
  for (let coming = next(); ;) {
    const batch = await coming
    if (batch === null) return secrets
    coming = next()
    // It is awaited in the next round, unless this one fails.
    coming.catch(() => {})
    if (batch.isAnew) secrets = []
    while (takeSlice(batch, secrets)) {
      // A slice takes less than a millisecond. In between, whatever else waits has its turn.
      await new Promise(setImmediate)
      signal?.throwIfAborted()
    }
  }
}

const array = (...texts) => texts

/** Makes the secrets of the next slice; whether there was one. */
function takeSlice(batch, secrets) {
  const slice = batch.take(array)
  if (slice === null) return false
  const { texts, numbers, environments } = slice
  for (let text = 0, number = 0; text < texts.length; text += TEXTS, number += NUMBERS) {
    const environment = 2 * numbers[number + 4]
    const creation = date(numbers[number + 1])
    const revision = same(creation, numbers[number + 2])
    secrets.push(
      new Secret({
        id: texts[text],
        key: texts[text + 1],
        value: texts[text + 2],
        description: texts[text + 3],
        environmentName: environments[environment],
        environmentId: environments[environment + 1],
        projectId: numbers[number],
        creationDate: creation,
        revisionDate: revision,
        updatedDate: same(revision, numbers[number + 3]),
      }),
    )
  }
  return true
}

/** A typed array has no null. */
function date(number) {
  return Number.isNaN(number) ? null : number
}

/** A date, which is often that of the one before: then both share the number, which V8 has in a box. */
function same(known, number) {
  return number === known ? known : date(number)
}

module.exports = { takeAll, takeAsTheyCome }
