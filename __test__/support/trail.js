'use strict'

/** Everything secret that the tests of a file hand to the SDK, so that it can be looked for where it must not be. */

const { Locker } = require('../..')

// A shorter text may be anywhere by chance.
const MIN_LENGTH = 8
const WRITES = ['create', 'modify', 'createEnvironment', 'modifyEnvironment']

const trail = new Set()

/** From now on, keeps what is written. */
function follow() {
  for (const verb of WRITES.flatMap((verb) => [verb, `${verb}Sync`])) {
    const write = Locker.prototype[verb]
    Locker.prototype[verb] = function (...args) {
      args.forEach(add)
      return write.apply(this, args)
    }
  }
}

/** Adds a text, or all texts of an object. */
function add(what) {
  if (typeof what === 'string' && what.length >= MIN_LENGTH) trail.add(what)
  else if (what && typeof what === 'object' && !(what instanceof AbortSignal))
    Object.values(what).forEach(add)
}

/** The texts of the trail that a content holds, as they are or encoded. */
function foundIn(content) {
  const buffer = Buffer.from(content)
  const forms = (text) => {
    const bytes = Buffer.from(text)
    // Base64 without its end, which depends on what follows.
    const base64 = bytes.toString('base64').slice(0, Math.floor(bytes.length / 3) * 4)
    return [bytes, bytes.toString('hex'), base64]
  }
  return [...trail].filter((text) => forms(text).some((form) => buffer.includes(form)))
}

module.exports = { add, follow, foundIn, size: () => trail.size }
