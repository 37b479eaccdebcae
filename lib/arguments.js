'use strict'

/**
 * Checks of what callers pass in, made before anything is sent. Only types are checked here, and what gets lost on the
 * way to native code; what a value means is checked by the core.
 */

const { ValidationError } = require('./errors').classes

const MAX_INTERVAL_MS = 2_147_483_647

function invalid(field, problem) {
  return new ValidationError(`${field}: ${problem}`, { field })
}

function typeName(value) {
  if (value === null) return 'null'
  return Array.isArray(value) ? 'an array' : `a value of type ${typeof value}`
}

function ofType(type, article = 'a') {
  return (field, value) => {
    if (typeof value !== type) throw invalid(field, `needs ${article} ${type}, not ${typeName(value)}`)
    return value
  }
}

/** Makes a check that takes `undefined` for "not given". */
const optional = (check) => (field, value) => (value === undefined ? undefined : check(field, value))

/** Makes a check that takes `null` for "not given" too. */
const nullable = (check) => (field, value) =>
  value === undefined || value === null ? undefined : check(field, value)

const boolean = ofType('boolean')
const number = ofType('number')
const callback = ofType('function')
const string = ofType('string')

/** Milliseconds between two times, as timers of JavaScript take them. */
function interval(field, value) {
  if (number(field, value) >= 1 && value <= MAX_INTERVAL_MS) return value
  throw invalid(field, `needs a number of milliseconds from 1 to ${MAX_INTERVAL_MS}`)
}

/** How many of something, at least one. */
function count(field, value) {
  if (Number.isSafeInteger(number(field, value)) && value >= 1) return value
  throw invalid(field, 'needs a whole number from 1')
}

function text(field, value) {
  string(field, value)
  // UTF-8 cannot say a lone surrogate, and native code would see U+FFFD in its place.
  if (!value.isWellFormed()) throw invalid(field, 'holds a lone surrogate, which is not valid Unicode')
  return value
}

function texts(field, value) {
  if (!Array.isArray(value)) throw invalid(field, `needs an array of texts, not ${typeName(value)}`)
  return value.map((item, index) => text(`${field}[${index}]`, item))
}

function object(field, value) {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw invalid(field, `needs an object, not ${typeName(value)}`)
  }
  return value
}

function headers(field, value) {
  const entries = Object.entries(object(field, value))
  return Object.fromEntries(
    entries.map(([name, content]) => [text(field, name), text(`${field}.${name}`, content)]),
  )
}

function pem(field, value) {
  if (typeof value === 'string') return Buffer.from(value)
  if (ArrayBuffer.isView(value)) return new Uint8Array(value.buffer, value.byteOffset, value.byteLength)
  throw invalid(field, `needs PEM in a string or a Buffer, not ${typeName(value)}`)
}

/** Any AbortSignal: that of another realm is an instance of another class. */
function signal(field, value) {
  if (typeof value?.aborted !== 'boolean' || typeof value.addEventListener !== 'function') {
    throw invalid(field, `needs an AbortSignal, not ${typeName(value)}`)
  }
  return value
}

module.exports = {
  boolean,
  callback,
  count,
  headers,
  interval,
  nullable,
  number,
  object,
  optional,
  pem,
  signal,
  text,
  texts,
}
