'use strict'

/** The command that `run` starts: its signals and its end. */

const { spawn } = require('node:child_process')
const os = require('node:os')

const { CommandError, ExitCode } = require('../failure')
const { forwardSignals } = require('./signals')

/** Their default is to leave an image of the memory on disk, and values are in ours. */
const CORE_DUMPING = new Set([
  'SIGQUIT',
  'SIGILL',
  'SIGTRAP',
  'SIGABRT',
  'SIGBUS',
  'SIGFPE',
  'SIGSEGV',
  'SIGSYS',
  'SIGXCPU',
  'SIGXFSZ',
])

/**
 * Starts a command on our own stdin, stdout and stderr, and passes it the signals that we get.
 *
 * @param {string[]} words
 * @param {Record<string, string>} variables
 * @returns `exit` gives `{ code, signal }`, or rejects if the command cannot be run
 */
function startChild([command, ...args], variables) {
  const child = start(command, args, variables)
  const stopForwarding = forwardSignals((signal) => child.kill(signal))
  const exit = new Promise((resolve, reject) => {
    child.once('error', (error) => reject(cannotRun(command, error)))
    child.once('exit', (code, signal) => resolve({ code, signal }))
  }).finally(stopForwarding)
  return { exit, kill: (signal) => child.kill(signal) }
}

function start(command, args, env) {
  try {
    return spawn(command, args, { env, stdio: 'inherit' })
  } catch (error) {
    // The text of such an error may quote a variable.
    throw cannotRun(command, error)
  }
}

function cannotRun(command, { code }) {
  if (code === 'ENOENT') {
    return new CommandError(`${command}: there is no such command`, { exitCode: ExitCode.COMMAND_NOT_FOUND })
  }
  const reasons = { EACCES: 'it may not be executed', E2BIG: 'its arguments and variables are too long' }
  return new CommandError(`${command} cannot be run: ${reasons[code] ?? code}`, {
    exitCode: ExitCode.CANNOT_RUN,
  })
}

/** Ends this process as the command has ended, so that whoever waits for us sees what it would see of the command. */
function endAs({ code, signal }) {
  // At once: a look for changes may be under way.
  if (signal === null) process.exit(code)
  if (!CORE_DUMPING.has(signal)) process.kill(process.pid, signal)
  // Still here: Node.js ignores it, or we must not follow.
  process.exit(ExitCode.SIGNAL + os.constants.signals[signal])
}

module.exports = { endAs, startChild }
