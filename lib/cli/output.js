'use strict'

/** Results on stdout: for eyes on a terminal, and bare for whoever reads a pipe. */

const { UsageError } = require('./failure')
const { paint } = require('./style')

const MASK = '********'

/** Whether values are hidden: whoever stands behind a terminal must not read them by accident. */
function areValuesMasked({ reveal = false }) {
  return process.stdout.isTTY === true && !reveal
}

/** Hides the value of a secret, or of `{ key, value }`, where values are hidden. */
function masked(secrets, options) {
  return areValuesMasked(options) ? secrets.map((secret) => ({ ...secret, value: MASK })) : secrets
}

function write(text) {
  process.stdout.write(text)
}

function writeJson(data) {
  write(`${JSON.stringify(data, null, 2)}\n`)
}

/** One format out of a table `{ txt, json, env }` of functions. */
function writeAs(options, formats) {
  requireFormat(options, Object.keys(formats))
  formats[options.outputFormat ?? 'txt']()
}

/** Refuses a format that the result will not have. Whoever changes something asks before. */
function requireFormat({ outputFormat = 'txt' }, known = ['txt', 'json']) {
  if (known.includes(outputFormat)) return
  throw new UsageError(`--output-format ${outputFormat}: this command knows ${known.join(' and ')} only`)
}

/**
 * A table with headings on a terminal. In a pipe a line of its own for each row, with tabs between the fields.
 *
 * @param {string[]} headings
 * @param {string[][]} rows
 */
function writeTable(headings, rows) {
  const lines = rows.map((row) => row.map(oneLine))
  if (!process.stdout.isTTY) return write(lines.map((line) => `${line.join('\t')}\n`).join(''))
  const widths = headings.map((heading, column) =>
    Math.max(...[headings, ...lines].map((line) => line[column].length)),
  )
  const align = (line) =>
    line
      .map((field, column) => field.padEnd(widths[column]))
      .join('  ')
      .trimEnd()
  write(`${paint(process.stdout, 'bold', align(headings))}\n`)
  write(lines.map((line) => `${align(line)}\n`).join(''))
}

const named = { '\\': '\\\\', '\t': '\\t', '\n': '\\n', '\r': '\\r' }

/** A field without line breaks and tabs, and without what would steer a terminal. */
function oneLine(text) {
  return text.replace(
    /[\\\x00-\x1f\x7f-\x9f]/g,
    (character) => named[character] ?? `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`,
  )
}

module.exports = { areValuesMasked, masked, oneLine, requireFormat, write, writeAs, writeJson, writeTable }
