'use strict'

const { openLocker } = require('../connect')
const { requireEnvironment, withEnvironments } = require('../environments')
const { UsageError } = require('../failure')
const { examples } = require('../global-options')
const { oneLine, requireFormat, write, writeAs, writeJson, writeTable } = require('../output')

const DESCRIPTION = ['--description <text>', 'what it is for']

function define(command) {
  command.description('Read and change environments.')
  defineList(command)
  defineGet(command)
  defineCreate(command)
  defineUpdate(command)
}

function defineList(environment) {
  environment
    .command('list')
    .description('List the environments of the project.')
    .addHelpText('after', examples('lockerpm environment list', 'lockerpm environment list | cut -f1'))
    .action((_options, command) => list(command.optsWithGlobals()))
}

async function list(options) {
  const environments = await openLocker(options).listEnvironments()
  const rows = environments.map(({ name, externalUrl, description }) => [name, externalUrl, description])
  writeAs(options, {
    txt: () => writeTable(['NAME', 'EXTERNAL URL', 'DESCRIPTION'], rows),
    json: () => writeJson(environments),
  })
}

function defineGet(environment) {
  environment
    .command('get')
    .description('Show one environment.')
    .argument('<name>', 'its name')
    .addHelpText('after', examples('lockerpm environment get prod --output-format json'))
    .action((name, _options, command) => get(name, command.optsWithGlobals()))
}

async function get(name, options) {
  const locker = openLocker(options)
  await requireEnvironment(locker, name)
  const environment = await locker.getEnvironment(name)
  const { externalUrl, description } = environment
  writeAs(options, {
    txt: () => write([name, externalUrl, description].map((text) => `${oneLine(text)}\n`).join('')),
    json: () => writeJson(environment),
  })
}

function defineCreate(environment) {
  environment
    .command('create')
    .description('Create an environment.')
    .argument('<name>', 'its name')
    .requiredOption('--external-url <url>', 'where what runs in it is')
    .option(...DESCRIPTION)
    .addHelpText(
      'after',
      examples('lockerpm environment create staging --external-url https://staging.example.com'),
    )
    .action((name, _options, command) => create(name, command.optsWithGlobals()))
}

async function create(name, options) {
  requireFormat(options)
  const { externalUrl, description } = options
  writeOutcome(
    'Created',
    await openLocker(options).createEnvironment({ name, externalUrl, description }),
    options,
  )
}

function defineUpdate(environment) {
  environment
    .command('update')
    .description('Change an environment. What is not named stays. The name cannot be changed.')
    .argument('<name>', 'its name')
    .option('--external-url <url>', 'where what runs in it is')
    .option(...DESCRIPTION)
    .addHelpText('after', examples('lockerpm environment update staging --description "for the testers"'))
    .action((name, _options, command) => update(name, command.optsWithGlobals()))
}

async function update(name, options) {
  requireFormat(options)
  const { externalUrl, description } = options
  if (externalUrl === undefined && description === undefined) {
    throw new UsageError('there is nothing to change. Give --external-url or --description')
  }
  const locker = openLocker(options)
  const change = () => locker.modifyEnvironment(name, { externalUrl, description })
  writeOutcome('Updated', await withEnvironments(locker, [name], change), options)
}

function writeOutcome(done, environment, options) {
  writeAs(options, {
    txt: () => write(`${done} environment ${environment.name}\n`),
    json: () => writeJson(environment),
  })
}

module.exports = { define }
