'use strict'

const { openLocker } = require('../connect')
const { requireEnvironment, withEnvironments } = require('../environments')
const { UsageError } = require('../failure')
const { environmentOption, examples } = require('../global-options')
const { STDIN, readText, withoutFinalNewline } = require('../input')
const { areValuesMasked, masked, requireFormat, write, writeAs, writeJson, writeTable } = require('../output')
const { askHidden, canAsk } = require('../prompt')

const REVEAL = ['--reveal', 'show values on a terminal, where they are hidden otherwise']
const VALUE = [
  '--value <value>',
  'the value; - reads it from standard input. Other processes can see a value given here',
]
const VALUE_FILE = ['--value-file <file>', 'a file that holds the value, which is taken as it is']
const DESCRIPTION = ['--description <text>', 'what it is for']

function define(command) {
  command.description('Read and change secrets.')
  defineList(command)
  defineGet(command)
  defineCreate(command)
  defineUpdate(command)
}

function defineList(secret) {
  secret
    .command('list')
    .description('List every secret of the project, or those of one environment.')
    .addOption(environmentOption('only those of this environment'))
    .option(...REVEAL)
    .addHelpText(
      'after',
      examples(
        'lockerpm secret list',
        'lockerpm secret list --env prod --output-format json > prod.json',
        'lockerpm secret list | cut -f1',
      ),
    )
    .action((_options, command) => list(command.optsWithGlobals()))
}

async function list(options) {
  const locker = openLocker(options)
  const found = await locker.list(options.env)
  if (found.length === 0) await requireEnvironment(locker, options.env)
  const secrets = masked(found, options)
  writeAs(options, {
    txt: () => writeTable(['KEY', 'ENVIRONMENT', 'VALUE', 'DESCRIPTION'], secrets.map(toRow)),
    json: () => writeJson(secrets),
    env: () => writeEnvFile(secrets),
  })
}

function toRow({ key, value, environmentName, description }) {
  const everywhere = process.stdout.isTTY ? 'ALL' : ''
  return [key, environmentName ?? everywhere, value, description]
}

function writeEnvFile(secrets) {
  const { formatEnvFile } = require('../../dotenv')
  const keys = secrets.map(({ key }) => key)
  const repeated = keys.find((key, index) => keys.indexOf(key) !== index)
  if (repeated !== undefined) {
    throw new UsageError(
      `--output-format env: ${repeated} is in several environments`,
      'Name one with --env, or use lockerpm export --env NAME, which lays one over ALL.',
    )
  }
  write(formatEnvFile(secrets))
}

function defineGet(secret) {
  secret
    .command('get')
    .description('Print the value of a secret: that of the environment, else that of ALL.')
    .argument('<key>', 'its name')
    .addOption(environmentOption('look in this environment first'))
    .option(...REVEAL)
    .addHelpText(
      'after',
      examples(
        'lockerpm secret get DB_PASSWORD --env prod --reveal',
        'export PGPASSWORD="$(lockerpm secret get DB_PASSWORD --env prod)"',
        'lockerpm secret get DB_PASSWORD --output-format json',
      ),
    )
    .action((key, _options, command) => get(key, command.optsWithGlobals()))
}

async function get(key, options) {
  const locker = openLocker(options)
  const found = await withEnvironments(locker, [options.env], () => locker.retrieve(key, options.env))
  if (found.environmentName === null) await requireEnvironment(locker, options.env)
  const [secret] = masked([found], options)
  writeAs(options, {
    // A pipe gets the value and nothing else: a newline would become a part of it.
    txt: () => write(process.stdout.isTTY ? `${secret.value}\n` : secret.value),
    json: () => writeJson(secret),
    env: () => writeEnvFile([secret]),
  })
  if (areValuesMasked(options)) process.stderr.write('The value is hidden. --reveal shows it.\n')
}

function defineCreate(secret) {
  secret
    .command('create')
    .description('Create a secret. Its value comes from a hidden question, or from standard input.')
    .argument('<key>', 'its name')
    .addOption(environmentOption('the environment that it shall be in; ALL if it is left out'))
    .option(...VALUE)
    .option(...VALUE_FILE)
    .option(...DESCRIPTION)
    .addHelpText(
      'after',
      examples(
        'lockerpm secret create DB_PASSWORD --env prod',
        'openssl rand -base64 32 | lockerpm secret create SESSION_KEY',
        'lockerpm secret create TLS_KEY --value-file key.pem --description "of the web server"',
      ),
    )
    .action((key, _options, command) => create(key, command.optsWithGlobals()))
}

async function create(key, options) {
  requireFormat(options)
  const value = givenValue(options) ?? (await otherValue(key))
  const { env, description } = options
  const locker = openLocker(options)
  const data = { key, value, environmentName: env, description }
  writeOutcome('Created', await withEnvironments(locker, [env], () => locker.create(data)), options)
}

function defineUpdate(secret) {
  secret
    .command('update')
    .description(
      'Change a secret of exactly one environment. What is not named stays; if nothing is, the value is asked for, or read from standard input.',
    )
    .argument('<key>', 'its name')
    .addOption(environmentOption('the environment that it is in; ALL if it is left out'))
    .option(...VALUE)
    .option(...VALUE_FILE)
    .option(...DESCRIPTION)
    .option('--move-to <name>', "the environment that it shall be in afterwards; '' for ALL")
    .addHelpText(
      'after',
      examples(
        'lockerpm secret update DB_PASSWORD --env prod',
        'lockerpm secret update TLS_KEY --value-file key.pem',
        "lockerpm secret update API_URL --env staging --move-to ''",
      ),
    )
    .action((key, _options, command) => update(key, command.optsWithGlobals()))
}

async function update(key, options) {
  requireFormat(options)
  const { env, description, moveTo = env } = options
  let value = givenValue(options)
  if (value === undefined && description === undefined && options.moveTo === undefined)
    value = await otherValue(key)
  const locker = openLocker(options)
  const change = { value, description, environmentName: moveTo }
  const secret = await withEnvironments(locker, [env, moveTo], () => locker.modify(key, env, change))
  writeOutcome('Updated', secret, options)
}

function givenValue({ value, valueFile }) {
  if (value !== undefined && valueFile !== undefined) {
    throw new UsageError('--value and --value-file are two ways to say one thing. Give one')
  }
  if (valueFile !== undefined) return readText('--value-file', valueFile)
  return value === STDIN ? withoutFinalNewline(readText('--value', STDIN)) : value
}

async function otherValue(key) {
  const value = canAsk()
    ? await askHidden(`Value of ${key}`)
    : withoutFinalNewline(readText('the value', STDIN))
  if (value !== '') return value
  throw new UsageError(
    'there is no value',
    "Write it to standard input, or give --value-file. An empty one is --value ''.",
  )
}

/** Says what was done. Whoever wrote the value has it, so it is not repeated. */
function writeOutcome(done, { value: _value, ...secret }, options) {
  writeAs(options, {
    txt: () => write(`${done} ${secret.key} in ${secret.environmentName ?? 'ALL'}\n`),
    json: () => writeJson(secret),
  })
}

module.exports = { define }
