'use strict'

/** INI files, in the grammar of the `ini` package. A key of a section has the section's name and a dot before it. */

const { ValidationError } = require('./errors').classes
const { quote } = require('./quote')

const KEY = /^[\w.-]+$/

/**
 * The assignments of an INI file, in their order. The last one of a key is the one that counts.
 *
 * @param {string} content
 * @param {string} fileName what errors call the file
 * @returns {{ key: string, value: string, line: number }[]}
 */
function parseIni(content, fileName) {
  const entries = []
  let section = ''
  for (const [index, text] of content
    .replace(/^\uFEFF/, '')
    .split(/\r\n?|\n/)
    .entries()) {
    const line = index + 1
    const refuse = (problem) => new ValidationError(`${fileName}, line ${line}: ${problem}`)
    if (/^\s*([;#]|$)/.test(text)) continue
    const [, header] = /^\s*\[([^\]]+)\]\s*([;#].*)?$/.exec(text) ?? []
    if (header !== undefined) {
      section = `${header.trim()}.`
      continue
    }
    const [, name, assigned] = /^([^=]+)=(.*)$/s.exec(text) ?? []
    const key = name && unquote(name.trim())
    if (!key) throw refuse('this is no key = value, no [section], no comment and not empty')
    if (key.endsWith('[]')) throw refuse(`${key} is a list, and a secret is one text`)
    const value = unquote(assigned.trim())
    if (value === undefined)
      throw refuse(`the value of ${key} begins with a quote and is no text as JSON has them`)
    entries.push({ key: section + key, value, line })
  }
  return entries
}

/** The value that a text means; `undefined` if its quotes are wrong. */
function unquote(text) {
  const [, single, double] = /^(?:'(.*)'|("(?:[^"\\]|\\.)*"))\s*(?:[;#].*)?$/s.exec(text) ?? []
  if (single !== undefined) return single
  if (double === undefined) return /^['"]/.test(text) ? undefined : withoutComment(text)
  try {
    return JSON.parse(double)
  } catch {
    return undefined
  }
}

/** A value without quotes ends at a `;` or `#` that has no backslash before it. */
function withoutComment(text) {
  const [value] = /^(?:\\[^]|[^;#\\]|\\$)*/.exec(text)
  return value.replace(/\\([\\;#])/g, '$1').trim()
}

/**
 * The text of an INI file without sections.
 *
 * @param {{ key: string, value: string }[]} entries
 * @throws {ValidationError} for a key that no INI file can hold
 */
function formatIni(entries) {
  return entries.map(({ key, value }) => `${checked(key)}=${quote(value)}\n`).join('')
}

function checked(key) {
  if (KEY.test(key)) return key
  throw new ValidationError(
    `an INI file cannot hold the key "${key}": it may have letters, digits, _, . and -`,
  )
}

module.exports = { formatIni, parseIni }
