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

/** The texts of the trail that a content holds, as they are or encoded. Looks at each byte once, however long the trail. */
function foundIn(content) {
  const buffer = Buffer.from(content)
  const { starts, forms } = index()
  const found = new Set()
  for (let at = 0; at <= buffer.length - MIN_LENGTH; at += 1) {
    if (!starts[buffer[at] | (buffer[at + 1] << 8) | (buffer[at + 2] << 16)]) continue
    for (const [form, text] of forms.get(buffer.latin1Slice(at, at + MIN_LENGTH)) ?? [])
      if (form.equals(buffer.subarray(at, at + form.length))) found.add(text)
  }
  return [...found]
}

/** What to look for, by its first bytes: a table of the first three, which is quick, and a map of all that count. */
function index() {
  const starts = new Uint8Array(1 << 24)
  const forms = new Map()
  for (const text of trail)
    for (const form of formsOf(text)) {
      starts[form[0] | (form[1] << 8) | (form[2] << 16)] = 1
      const start = form.latin1Slice(0, MIN_LENGTH)
      if (!forms.has(start)) forms.set(start, [])
      forms.get(start).push([form, text])
    }
  return { starts, forms }
}

function formsOf(text) {
  const bytes = Buffer.from(text)
  // Base64 without its end, which depends on what follows.
  const base64 = bytes.toString('base64').slice(0, Math.floor(bytes.length / 3) * 4)
  return [bytes, Buffer.from(bytes.toString('hex')), Buffer.from(base64)]
}

module.exports = { add, follow, foundIn, size: () => trail.size }
