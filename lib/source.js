'use strict'

/** What an import reads: a file, or a text that the program has. */

const path = require('node:path')

const check = require('./arguments')
const { readText } = require('./files')
const { reader } = require('./formats')

const EXTENSIONS = { '.env': 'env', '.ini': 'ini', '.json': 'json' }

/**
 * Every assignment of a source, the last one of each key.
 *
 * @param {import('../index').ImportSource} source
 * @param {{ format?: string, signal?: AbortSignal }} options
 * @returns {Promise<Map<string, string>>}
 */
async function readSource(source, { format, signal }) {
  if (typeof source === 'string') {
    const read = reader(format ?? EXTENSIONS[path.extname(source).toLowerCase()] ?? 'env')
    return toMap(read(await readText('source', source, signal), source))
  }
  const { content, format: own } = check.object('source', source)
  const read = reader(format ?? check.optional(check.text)('source.format', own) ?? 'env')
  return toMap(read(check.text('source.content', content), 'source.content'))
}

const toMap = (entries) => new Map(entries.map(({ key, value }) => [key, value]))

module.exports = { readSource }
