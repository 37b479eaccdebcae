'use strict'

/** Programs of `fixtures/` that a test talks to while they run. */

const { fork } = require('node:child_process')
const { once } = require('node:events')
const path = require('node:path')

const { environment } = require('./run-fixture')

const folder = path.join(__dirname, '../fixtures')

/**
 * Starts a program that says `ready` when it has loaded everything, and that waits for messages.
 *
 * @param {string} name the file in `fixtures/`
 * @param {unknown} input what the program finds as JSON in `FIXTURE_INPUT`
 */
async function startFixture(name, input) {
  const child = fork(path.join(folder, name), {
    env: environment({ FIXTURE_INPUT: JSON.stringify(input) }),
    stdio: ['ignore', 'inherit', 'pipe', 'ipc'],
  })
  let stderr = ''
  child.stderr.setEncoding('utf8').on('data', (text) => (stderr += text))
  const messages = []
  const exit = once(child, 'exit').then(([code, signal]) => ({ code, signal, stderr, messages }))
  await Promise.race([
    once(child, 'message'),
    exit.then(({ code }) => Promise.reject(new Error(`${name} ended with ${code}: ${stderr}`))),
  ])
  child.on('message', (message) => messages.push(message))
  return {
    /** What it has said since it was ready. */
    messages,
    /** How it ends, with what it has said and written to stderr. */
    exit,
    send: (message) => child.send(message),
    kill: () => (child.kill('SIGKILL'), exit),
  }
}

module.exports = { startFixture }
