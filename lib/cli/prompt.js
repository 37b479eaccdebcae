'use strict'

/** Questions to whoever sits at the terminal. They go to stderr, so that stdout stays the result. */

const readline = require('node:readline/promises')
const { Writable } = require('node:stream')

const { CommandError, ExitCode } = require('./failure')

const canAsk = () => process.stdin.isTTY === true && process.stderr.isTTY === true

/** Asks for a line. An empty answer gives the default. */
async function ask(question, defaultAnswer) {
  const shown = defaultAnswer === undefined ? `${question}: ` : `${question} [${defaultAnswer}]: `
  return (await readLine(shown, process.stderr)) || defaultAnswer || ''
}

/** Asks for a line that is not shown. */
async function askHidden(question) {
  process.stderr.write(`${question} (not shown): `)
  const nothing = new Writable({ write: (_chunk, _encoding, done) => done() })
  try {
    return await readLine('', nothing)
  } finally {
    process.stderr.write('\n')
  }
}

async function readLine(question, output) {
  const lines = readline.createInterface({ input: process.stdin, output, terminal: true, historySize: 0 })
  const interrupted = new Promise((_resolve, reject) => {
    const stop = () => reject(new CommandError('interrupted', { exitCode: ExitCode.SIGNAL + 2 }))
    lines.once('SIGINT', stop).once('close', stop)
  })
  try {
    return await Promise.race([lines.question(question), interrupted])
  } finally {
    lines.close()
  }
}

module.exports = { ask, askHidden, canAsk }
