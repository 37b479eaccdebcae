'use strict'

const { Option } = require('commander')

const { openLocker } = require('../connect')
const { environmentOption, examples } = require('../global-options')
const { areValuesMasked, masked, write } = require('../output')

const FORMATS = ['env', 'json', 'yaml', 'shell', 'docker', 'k8s', 'ini']

function define(command) {
  command
    .description(
      'Write the secrets of ALL, overlaid by those of an environment, in the format of another tool.',
    )
    .addOption(environmentOption('lay the secrets of this environment over those of ALL'))
    .addOption(new Option('--format <format>', 'the format; default env').choices(FORMATS))
    .option('--output <file>', 'write a file that only you can read; otherwise to stdout')
    .option('--force', 'replace a file that exists')
    .option('--name <name>', 'the name of the Secret, for k8s')
    .option('--reveal', 'show values on a terminal, where they are hidden otherwise')
    .addHelpText(
      'after',
      examples(
        'lockerpm export --env prod --format json --output prod.json',
        'eval "$(lockerpm export --format shell)"',
        'lockerpm export --env prod --format k8s --name shop | kubectl apply -f -',
      ),
    )
    .action((_options, self) => exportSecrets(self.optsWithGlobals()))
}

async function exportSecrets(options) {
  const { env, format = formatOf(options), output: file, force, name } = options
  const locker = openLocker(options)
  if (file === undefined && areValuesMasked(options))
    return writeMasked(await locker.load(env), format, options)
  const text = await locker.export({ environmentName: env, format, file, force, name })
  if (text !== undefined) write(text)
}

/** The global flag names a format too, if it is not that of a table. */
function formatOf({ outputFormat }) {
  return outputFormat === 'json' ? 'json' : 'env'
}

function writeMasked(values, format, options) {
  const { writer } = require('../../formats')
  const entries = Object.entries(values).map(([key, value]) => ({ key, value }))
  write(writer(format)(masked(entries, options), options))
  process.stderr.write('The values are hidden. --reveal shows them.\n')
}

module.exports = { define }
