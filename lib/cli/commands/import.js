'use strict'

const { InvalidArgumentError, Option } = require('commander')

const { openLocker } = require('../connect')
const { exitCodeOf, warn } = require('../failure')
const { environmentOption, examples } = require('../global-options')
const { STDIN, readText } = require('../input')
const { requireFormat, write, writeAs, writeJson } = require('../output')
const { ProgressBar } = require('../progress')

function define(command) {
  command
    .description(
      'Create the secrets of a file, and update those with another value. Nothing is sent if the file cannot be read as a whole. An import that was interrupted goes on when it is run again.',
    )
    .argument('<file>', 'what to read; - is standard input')
    .addOption(environmentOption('the environment that the secrets shall be in; ALL if it is left out'))
    .addOption(
      new Option('--format <format>', 'default: by the extension of the file').choices([
        'env',
        'ini',
        'json',
      ]),
    )
    .option('--dry-run', 'send nothing, and tell what would be done')
    .option('--no-overwrite', 'keep the value of a secret that exists')
    .option('--concurrency <number>', 'how many requests are under way at once', count, 16)
    .addHelpText(
      'after',
      examples(
        'lockerpm import .env --dry-run',
        'lockerpm import prod.json --env prod',
        'vault-dump | lockerpm import - --format json',
      ),
    )
    .action((file, _options, self) => importFile(file, self.optsWithGlobals()))
}

function count(text) {
  if (/^[1-9]\d{0,3}$/.test(text)) return Number(text)
  throw new InvalidArgumentError('It needs a whole number from 1 to 9999.')
}

async function importFile(file, options) {
  requireFormat(options)
  const { env, format, dryRun = false, overwrite, concurrency } = options
  const source = file === STDIN ? { content: readText('the file', STDIN), format } : file
  const locker = openLocker(options)
  const bar = new ProgressBar('importing')
  const onProgress = (done, total) => bar.update(done, total)
  const result = await locker
    .import(source, { environmentName: env, format, dryRun, overwrite, concurrency, onProgress })
    .finally(() => bar.clear())
  report(result, dryRun, options)
  const [first] = result.refused
  if (first) process.exitCode = exitCodeOf(first.error)
}

function report({ created, changed, kept, refused }, dryRun, options) {
  for (const { key, error } of refused) warn(`${key} was refused: ${error.message}`)
  const summary = `${created.length} created, ${changed.length} changed, ${kept.length} kept, ${refused.length} refused\n`
  writeAs(options, {
    txt: () =>
      write(dryRun ? `${plan({ created, changed })}Nothing was sent. It would be: ${summary}` : summary),
    json: () =>
      writeJson({
        created,
        changed,
        kept,
        refused: refused.map(({ key, error: { code, message } }) => ({ key, code, message })),
      }),
  })
}

function plan({ created, changed }) {
  return [...created.map((key) => `create ${key}\n`), ...changed.map((key) => `change ${key}\n`)].join('')
}

module.exports = { define }
