'use strict'

/**
 * What can stand on the command line, as the completion scripts need it.
 *
 * @typedef {object} Choice what may stand in a place
 * @property {string[]} [words]
 * @property {boolean} [isFile]
 * @property {boolean} [isCommandLine] a command of the shell, and behind it whatever that takes
 *
 * @typedef {object} Option
 * @property {string[]} flags
 * @property {string} description
 * @property {Choice} [takes] absent for an option without an argument
 *
 * @typedef {object} Node
 * @property {string} path the words that lead to the command, such as `secret get`; empty for lockerpm itself
 * @property {{ name: string, description: string }[]} commands
 * @property {Option[]} options
 * @property {Choice} [takes] its first argument
 */

/**
 * Every command, each behind the one that it belongs to.
 *
 * @param {import('commander').Command} command
 * @returns {Node[]}
 */
function describe(command, path = '') {
  const commands = command.createHelp().visibleCommands(command)
  const node = {
    path,
    commands: commands.map((sub) => ({ name: sub.name(), description: sub.summary() || sub.description() })),
    options: command.createHelp().visibleOptions(command).map(describeOption),
    takes: command.registeredArguments.map(describeArgument)[0],
  }
  const below = command.commands.map((sub) => describe(sub, `${path} ${sub.name()}`.trim()))
  return [node, ...below.flat()]
}

function describeOption({ short, long, description, required, argChoices, flags }) {
  const takes = required && { words: argChoices, isFile: flags.includes('<file>') }
  return { flags: [short, long].filter(Boolean), description, takes: takes || undefined }
}

function describeArgument(argument) {
  const name = argument.name()
  return { words: argument.argChoices, isFile: name === 'file', isCommandLine: name === 'command' }
}

/** The options of all commands that take an argument: the word behind one of them is no command. */
function flagsWithArgument(nodes) {
  const flags = nodes.flatMap(({ options }) =>
    options.filter(({ takes }) => takes).flatMap((option) => option.flags),
  )
  return [...new Set(flags)]
}

/** The commands behind which a command line of its own begins. */
function runners(nodes) {
  return nodes.filter(({ takes }) => takes?.isCommandLine).map(({ path }) => path)
}

/** What leads to a command. A word that does not is an argument. */
function paths(nodes) {
  return nodes.map(({ path }) => path).filter(Boolean)
}

module.exports = { describe, flagsWithArgument, paths, runners }
