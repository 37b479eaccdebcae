'use strict'

/** Env files, in the grammar of the `dotenv` package. What that skips without a word is an error here. */

const { ValidationError } = require('./errors').classes

const BLANK = /(?:\s+|#.*)*/y
/** The expression that `dotenv` itself reads a line with, tied to a place. */
const ASSIGNMENT =
  /(?:export\s+)?([\w.-]+)(?:\s*=\s*?|:\s+?)(\s*'(?:\\'|[^'])*'|\s*"(?:\\"|[^"])*"|\s*`(?:\\`|[^`])*`|[^#\r\n]+)?\s*(?:#.*)?$/my
const KEY = /^[\w.-]+$/

/**
 * The assignments of an env file, in their order. The last one of a key is the one that counts.
 *
 * @param {string} content
 * @param {string} fileName what errors call the file
 * @returns {{ key: string, value: string, line: number }[]}
 */
function parseEnvFile(content, fileName) {
  const text = content.replace(/\r\n?/g, '\n')
  const lineAt = lineCounter(text)
  const entries = []
  for (let place = skip(BLANK, text, 0); place < text.length; place = skip(BLANK, text, place)) {
    const line = lineAt(place)
    const refuse = (problem) => new ValidationError(`${fileName}, line ${line}: ${problem}`)
    ASSIGNMENT.lastIndex = place
    const [, key, assigned = ''] = ASSIGNMENT.exec(text) ?? []
    if (key === undefined) throw refuse('this is no KEY=value, no comment and not empty')
    place = ASSIGNMENT.lastIndex
    const quoted = assigned.trim()
    if (isOpen(quoted)) throw refuse(`the value of ${key} begins with a quote that is not closed`)
    entries.push({ key, value: unquote(quoted), line })
  }
  return entries
}

function skip(expression, text, place) {
  expression.lastIndex = place
  return place + expression.exec(text)[0].length
}

/** Gives the numbers of lines for places that only grow. */
function lineCounter(text) {
  let [line, counted] = [1, 0]
  return (place) => {
    for (; counted < place; counted += 1) if (text[counted] === '\n') line += 1
    return line
  }
}

/** Whether a text begins with a quote that is never closed. */
function isOpen(text) {
  return /^['"`]/.test(text) && !text.includes(text[0], 1)
}

function unquote(text) {
  const value = text.replace(/^(['"`])([\s\S]*)\1$/gm, '$2')
  return text[0] === '"' ? value.replace(/\\n/g, '\n').replace(/\\r/g, '\r') : value
}

/**
 * The text of an env file. `dotenv` reads the same values from it, and so does a shell, unless a value has both `'` and
 * what a shell replaces between other quotes.
 *
 * @param {{ key: string, value: string }[]} entries
 * @throws {ValidationError} for a key or a value that no env file can hold
 */
function formatEnvFile(entries) {
  return entries.map(({ key, value }) => `${key}=${quote(key, value)}\n`).join('')
}

function quote(key, value) {
  if (!KEY.test(key)) {
    throw new ValidationError(
      `an env file cannot hold the key "${key}": it may have letters, digits, _, . and -`,
    )
  }
  const written = spellings(value).find((text) => reads(key, text, value))
  if (written !== undefined) return written
  throw new ValidationError(
    `an env file cannot hold the value of ${key}, which has every kind of quote in it`,
  )
}

/** The ways to write a value, those that more programs read in the same way first. */
function spellings(value) {
  const escaped = value.replaceAll('\r', '\\r')
  const spelt = [
    ...(/^[\w@%+=:,./-]+$/.test(value) ? [value] : []),
    ...(value.includes("'") ? [] : [`'${value}'`]),
    `"${escaped}"`,
    value,
    `\`${value}\``,
    `"${escaped.replaceAll('\n', '\\n')}"`,
  ]
  // After a backslash the closing quote may be read as a part of the value, which then ends at the next such quote if
  // that ends a line. This one does not.
  return value.endsWith('\\') ? spelt.map((text) => `${text} # ${text.at(-1)} is the end`) : spelt
}

function reads(key, written, value) {
  try {
    const entries = parseEnvFile(`${key}=${written}\n`, '')
    return entries.length === 1 && entries[0].value === value
  } catch {
    return false
  }
}

module.exports = { formatEnvFile, parseEnvFile }
