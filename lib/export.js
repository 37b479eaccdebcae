'use strict'

const check = require('./arguments')
const { refuseTaken, writePrivately } = require('./files')
const { writer } = require('./formats')
const { load } = require('./load')

/** The secrets of ALL overlaid by an environment, as a text, or in a file; the calls for it. */
function* exportSecrets(given) {
  const { environmentName, write, file, force, name } = exportOptions(given)
  if (file !== undefined) refuseTaken(file, force)
  const secrets = yield* load(environmentName)
  const entries = Object.entries(secrets).map(([key, value]) => ({ key, value }))
  const text = write(entries, { name })
  if (file === undefined) return text
  // Written in one go, in both forms: the file is small, and a program that ends in between must not leave it behind.
  writePrivately(file, text, force)
}

/** @param {import('../index').ExportOptions} given */
function exportOptions(given) {
  const options = check.object('options', given)
  const take = (type, name) => check.optional(type)(name, options[name])
  return {
    environmentName: take(check.nullable(check.text), 'environmentName'),
    write: writer(check.text('format', options.format)),
    file: take(check.text, 'file'),
    force: take(check.boolean, 'force') ?? false,
    name: take(check.text, 'name'),
  }
}

module.exports = { exportSecrets }
