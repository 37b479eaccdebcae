'use strict'

const { Option } = require('commander')

const make = (flags, description) => new Option(flags, description).helpGroup('Global options:')

const globalOptions = () => [
  make('--access-key-id <id>', 'the id of the access key'),
  make(
    '--access-key-secret <secret>',
    'its secret; - reads it from standard input. Other processes can see a secret given here',
  ),
  make('--access-key-secret-file <file>', 'a file that holds the secret'),
  make('--api-base <url>', 'where the API is'),
  make('--profile <name>', 'which access key of the profile file; default "default"'),
  make('--fetch', 'ask the server, whatever the cache has'),
  make('--output-format <format>', 'how results are printed; default txt').choices(['txt', 'json', 'env']),
  make('--verbose', 'tell every request and the cause of a failure'),
]

/** Adds the options that every command has, so that they may stand before and behind its name. */
function addGlobalOptions(command) {
  for (const option of globalOptions()) command.addOption(option)
  command.commands.forEach(addGlobalOptions)
}

/** A place for the environment that a command reads or changes. */
const environmentOption = (description) => new Option('-e, --env <name>', description)

/** For `addHelpText('after', …)`. */
function examples(...lines) {
  return ['\nExamples:', ...lines.map((line) => `  $ ${line}`)].join('\n')
}

module.exports = { addGlobalOptions, environmentOption, examples }
