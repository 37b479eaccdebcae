'use strict'

const { InvalidArgumentError } = require('commander')

const { openLocker } = require('../connect')
const { environmentOption, examples } = require('../global-options')
const { endAs, startChild } = require('../run/child')
const { childVariables } = require('../run/variables')
const { runAndWatch } = require('../run/watch')

function define(command) {
  command
    .description(
      'Run a command with the secrets of ALL, overlaid by those of an environment, as its environment variables. Signals and the exit code pass through.',
    )
    .argument('<command...>', 'the command and its arguments')
    .passThroughOptions()
    .addOption(environmentOption('lay the secrets of this environment over those of ALL'))
    .option(
      '--env-file <file>',
      'set the variables of this file too, with every locker://KEY replaced by the secret',
    )
    .option('--only <keys>', 'give these secrets only: KEY,KEY', keys)
    .option('--prefix <prefix>', 'put this before the name of every secret')
    .option('--preserve-env', 'where a variable is set already, keep it; otherwise the secret wins')
    .option('--strict', 'fail where a secret cannot be a variable; otherwise it is left out with a warning')
    .option('--watch', 'start the command again when its secrets change')
    .option('--watch-interval <seconds>', 'how often to look for changes', seconds, 30)
    .option(
      '--grace <seconds>',
      'how long the command has to end before it is killed, with --watch',
      seconds,
      10,
    )
    .addHelpText(
      'after',
      examples(
        'lockerpm run --env prod -- node server.js',
        'lockerpm run --env-file .env -- npm start',
        'lockerpm run --only DB_USER,DB_PASSWORD -- psql',
        'lockerpm run --env dev --watch -- node server.js',
      ),
    )
    .action((words, _options, self) => run(words, self.optsWithGlobals()))
}

function keys(text) {
  return text
    .split(',')
    .map((key) => key.trim())
    .filter(Boolean)
}

function seconds(text) {
  const value = Number(text)
  if (text.trim() !== '' && value > 0 && value <= 86_400) return value
  throw new InvalidArgumentError('It needs a number of seconds, at most 86400.')
}

async function run(words, options) {
  const locker = openLocker(options)
  const variables = (callOptions) => childVariables(locker, options, callOptions)
  endAs(
    options.watch
      ? await runAndWatch(words, variables, options)
      : await startChild(words, await variables()).exit,
  )
}

module.exports = { define }
