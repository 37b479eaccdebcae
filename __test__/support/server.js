'use strict'

/** Starts the real locker-server, in a process of its own, on a free port. */

const { spawn } = require('node:child_process')
const { once } = require('node:events')
const { existsSync, readFileSync } = require('node:fs')
const path = require('node:path')
const { createInterface } = require('node:readline')

const name = process.platform === 'win32' ? 'locker-server.exe' : 'locker-server'
const binary = process.env.LOCKER_SERVER_BIN ?? path.join(__dirname, '../../target/debug', name)

// `npm test` runs the chapters of the API twice: over http, and with this variable over https.
const overTls = Boolean(process.env.LOCKER_TEST_TLS)
const devArgs = overTls ? ['dev', '--tls-self-signed'] : ['dev']

/**
 * @param {string[]} [args] the command line; `dev` if it is left out
 * @returns what the server says when it is ready, and `stop`, `kill` and `log`
 */
async function startServer(args = devArgs) {
  if (!existsSync(binary))
    throw new Error(`${binary} is missing: run "npm test", or "cargo build -p locker-server"`)
  const child = spawn(binary, args, { stdio: ['ignore', 'pipe', 'pipe'] })
  let log = ''
  child.stderr.setEncoding('utf8').on('data', (text) => (log += text))
  const exit = once(child, 'exit').then(([code, signal]) => ({ code, signal }))
  const ready = await Promise.race([
    once(createInterface(child.stdout), 'line').then(([line]) => JSON.parse(line)),
    exit.then(({ code }) => Promise.reject(new Error(`locker-server ended with ${code}: ${log}`))),
  ])
  return {
    ...ready,
    pid: child.pid,
    /** What the server has written to stderr so far. */
    log: () => log,
    /** Ends the server as an operator does, and waits for it. */
    stop: () => (child.kill('SIGTERM'), exit),
    /** Ends the server as a power cut does, and waits for it. */
    kill: () => (child.kill('SIGKILL'), exit),
  }
}

/** The options of a `Locker` for a started server. */
function credentials({ accessKeyId, accessKeySecret, apiBase, caCertFile }) {
  return { accessKeyId, accessKeySecret, apiBase, ...(overTls && { caCert: readFileSync(caCertFile) }) }
}

/** The options of a `Locker` that may only read. */
function readOnlyCredentials(server) {
  return credentials({ ...server, ...server.readOnly })
}

module.exports = { binary, credentials, readOnlyCredentials, startServer }
