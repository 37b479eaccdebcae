'use strict'

/** Questions to whoever sits at the terminal. They go to stderr, so that stdout stays the result. */

const readline = require('node:readline/promises')
const { Writable } = require('node:stream')
const { isatty } = require('node:tty')

const { CommandError, ExitCode } = require('./failure')

/** Whether somebody types. What they type must not be shown, even if they do not see the question. */
const canAsk = () => isatty(0)

/** Asks for a line. An empty answer gives the default. */
async function ask(question, defaultAnswer) {
  const shown = defaultAnswer === undefined ? `${question}: ` : `${question} [${defaultAnswer}]: `
  return (await readLine(shown, process.stderr)) || defaultAnswer || ''
}

/** Asks for a line that is not shown. */
async function askHidden(question) {
  const nothing = new Writable({ write: (_chunk, _encoding, done) => done() })
  try {
    return await readLine(`${question} (not shown): `, nothing)
  } finally {
    process.stderr.write('\n')
  }
}

/** @param {import('node:stream').Writable} echo where what is typed is shown */
async function readLine(question, echo) {
  // The terminal stops to echo by itself here. The question comes after, so that nobody answers before.
  const lines = readline.createInterface({
    input: process.stdin,
    output: echo,
    terminal: true,
    historySize: 0,
  })
  const interrupted = new Promise((_resolve, reject) => {
    const stop = () => reject(new CommandError('interrupted', { exitCode: ExitCode.SIGNAL + 2 }))
    lines.once('SIGINT', stop).once('close', stop)
  })
  try {
    if (echo !== process.stderr) process.stderr.write(question)
    return await Promise.race([lines.question(question), interrupted])
  } finally {
    lines.close()
  }
}

module.exports = { ask, askHidden, canAsk }
