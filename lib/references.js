'use strict'

/** `locker://KEY` and `locker://KEY?env=prod`: values of an env file that stand for secrets. */

const { ResourceNotFoundError, ValidationError } = require('./errors').classes

const SCHEME = 'locker://'

/** Whether a value of an env file stands for a secret. */
function isReference(text) {
  return text.startsWith(SCHEME)
}

/**
 * The entries of an env file with the values of the secrets in place of the references. A reference without `env` is
 * looked up in `environmentName`, and in ALL.
 *
 * @template {{ key: string, value: string, line?: number }} Entry
 * @param {Entry[]} entries
 * @param {import('../index').Locker} locker
 * @param {{ fileName?: string, environmentName?: string | null }} [options]
 * @returns {Promise<Entry[]>}
 * @throws {ValidationError} for a reference that cannot be read
 * @throws {ResourceNotFoundError} if a secret is missing; it names them all
 */
async function resolveReferences(entries, locker, options) {
  const places = readReferences(entries, options)
  const values = await Promise.all(places.map(({ key, env }) => locker.get(key, env)))
  return replace(entries, places, values)
}

function resolveReferencesSync(entries, locker, options) {
  const places = readReferences(entries, options)
  const values = places.map(({ key, env }) => locker.getSync(key, env))
  return replace(entries, places, values)
}

/** What each reference names, and where it is. */
function readReferences(entries, { fileName, environmentName } = {}) {
  return entries
    .filter(({ value }) => isReference(value))
    .map((entry) => {
      const at = [fileName, entry.line && `line ${entry.line}`].filter(Boolean).join(', ') || entry.key
      return { entry, at, ...parse(entry.value, at, environmentName) }
    })
}

function parse(text, at, environmentName) {
  const [, path, query] = /^([^?#]+)(?:\?env=([^&#]*))?$/.exec(text.slice(SCHEME.length)) ?? []
  try {
    if (path === undefined) throw new URIError()
    const env = query === undefined ? environmentName : decodeURIComponent(query)
    return { key: decodeURIComponent(path), env: env || null }
  } catch {
    throw new ValidationError(`${at}: a reference needs the form locker://KEY or locker://KEY?env=NAME`)
  }
}

function replace(entries, places, values) {
  const missing = places.filter((_, index) => values[index] === undefined)
  if (missing.length > 0) throw new ResourceNotFoundError(missing.map(describe).join('; '))
  const found = new Map(places.map(({ entry }, index) => [entry, values[index]]))
  return entries.map((entry) => (found.has(entry) ? { ...entry, value: found.get(entry) } : entry))
}

function describe({ at, key, env }) {
  return `${at}: there is no secret "${key}" ${env === null ? 'in ALL' : `in "${env}" or in ALL`}`
}

module.exports = { isReference, resolveReferences, resolveReferencesSync }
