'use strict'

const { Command } = require('commander')

const { addGlobalOptions } = require('./global-options')
const { paint } = require('./style')
const { version } = require('../../package.json')

/** Every command with what the list of commands says about it. Each has a file of its own in `commands/`. */
const summaries = {
  secret: 'read and change secrets',
  environment: 'read and change environments',
  run: 'run a command that finds the secrets in its environment variables',
  import: 'create and update secrets from a file',
  export: 'write secrets in the format of another tool',
  configure: 'keep an access key in the profile file',
  doctor: 'say what is wrong with credentials, connection and installation',
  types: 'write a .d.ts that knows the names of the secrets',
  completion: 'print a completion script for a shell',
}

const EXAMPLES = `
Examples:
  $ lockerpm configure
  $ lockerpm run --env prod -- node server.js
  $ lockerpm secret get DB_PASSWORD --env prod --reveal
  $ lockerpm import .env --env dev
  $ lockerpm help run`

/**
 * The parser. Only the commands among `words` are loaded, because a command line should start at once.
 *
 * @param {string[]} words the command line without the program
 */
function buildProgram(words) {
  const program = new Command('lockerpm')
    .description('Secrets where you need them: the command line of Locker Secrets Manager.')
    .version(version, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'say how to use it')
    .helpCommand('help [command]', 'say how to use a command')
    .enablePositionalOptions()
    .addHelpText('after', EXAMPLES)
    .configureHelp({
      subcommandTerm: (command) => command.name(),
      styleTitle: (title) => paint(process.stdout, 'bold', title),
    })
    .configureOutput({
      outputError: (text, write) => write(text.replace(/^error:/, 'lockerpm:')),
    })
    .exitOverride()
  for (const [name, summary] of Object.entries(summaries)) {
    const command = program.command(name).summary(summary)
    if (words.includes(name)) require(`./commands/${name}`).define(command)
  }
  addGlobalOptions(program)
  return program
}

/** The parser with every command loaded. */
function buildWholeProgram() {
  return buildProgram(Object.keys(summaries))
}

module.exports = { buildProgram, buildWholeProgram }
