'use strict'

const fs = require('node:fs')

const { openLocker } = require('../connect')
const { CommandError, UsageError } = require('../failure')
const { examples } = require('../global-options')
const { write } = require('../output')

const FIRST_LINE = '// Made by `lockerpm types`. It holds names, never values.'
const STDOUT = '-'

function define(command) {
  command
    .description(
      'Write a .d.ts that knows the names of the secrets and environments, so that the compiler finds a name that does not exist.',
    )
    .option('--out <file>', 'where to write; - is stdout', 'lockerpm.generated.d.ts')
    .option('--force', 'replace a file that something else has made')
    .addHelpText('after', examples('lockerpm types', 'lockerpm types --out types/secrets.d.ts'))
    .action((_options, self) => types(self.optsWithGlobals()))
}

async function types(options) {
  const locker = openLocker(options)
  const [secrets, environments] = await Promise.all([locker.list(), locker.listEnvironments()])
  const keys = distinct(secrets.map(({ key }) => key))
  const names = distinct(environments.map(({ name }) => name))
  const text = declare(keys, names)
  if (options.out === STDOUT) return write(text)
  if (!options.force) refuseForeign(options.out)
  writeTo(options.out, text)
  write(`${options.out}: ${keys.length} keys, ${names.length} environments\n`)
}

function writeTo(file, text) {
  try {
    fs.writeFileSync(file, text)
  } catch (error) {
    throw new CommandError(`--out: ${file} cannot be written: ${error.code}`)
  }
}

function declare(keys, environments) {
  return `${FIRST_LINE}
import 'lockerpm'

declare module 'lockerpm' {
  interface KnownSecrets {${properties(keys)}}
  interface KnownEnvironments {${properties(environments)}}
}
`
}

/** In an order that does not depend on when a secret was made, so that a diff shows what is new. */
function distinct(names) {
  return [...new Set(names)].sort()
}

function properties(names) {
  const lines = names.map((name) => `    ${JSON.stringify(name)}: true\n`)
  return lines.length === 0 ? '' : `\n${lines.join('')}  `
}

function refuseForeign(file) {
  let text
  try {
    text = fs.readFileSync(file, 'utf8')
  } catch (error) {
    if (error.code === 'ENOENT') return
    throw new CommandError(`--out: ${file} cannot be read: ${error.code}`)
  }
  if (text.startsWith(FIRST_LINE)) return
  throw new UsageError(
    `${file} was not made by lockerpm types`,
    '--force replaces it, --out names another file.',
  )
}

module.exports = { define }
