'use strict'

/** Starts the real locker-server, in a process of its own, on a free port. */

const { spawn } = require('node:child_process')
const { once } = require('node:events')
const { existsSync, readFileSync } = require('node:fs')
const path = require('node:path')
const { createInterface } = require('node:readline')

const { kept } = require('./served')

const name = process.platform === 'win32' ? 'locker-server.exe' : 'locker-server'
const binary = process.env.LOCKER_SERVER_BIN ?? path.join(__dirname, '../../target/debug', name)

// `npm test` runs the chapters of the API twice: over http, and with this variable over https.
const overTls = Boolean(process.env.LOCKER_TEST_TLS)
const devArgs = overTls ? ['dev', '--tls-self-signed'] : ['dev']

// And with this variable on a database that is kept: `sqlite` for a file, or the URL of a PostgreSQL database.
const database = process.env.LOCKER_TEST_DATABASE

/**
 * @param {string[]} [args] the command line; `dev`, or what the environment asks for, if it is left out
 * @returns what the server says when it is ready, and `stop`, `kill` and `log`
 */
async function startServer(args) {
  if (!existsSync(binary))
    throw new Error(`${binary} is missing: run "npm test", or "cargo build -p locker-server"`)
  return !args && database ? startServed() : startDev(args ?? devArgs)
}

async function startDev(args) {
  const process = start(args)
  const line = once(createInterface(process.child.stdout), 'line').then(([line]) => JSON.parse(line))
  return { ...(await Promise.race([line, process.failed])), ...process.handle }
}

async function startServed() {
  const { args, ready, content, remove } = kept(binary, database)
  // Nothing secret may be in any line, however much is logged.
  const process = start(args, { LOCKER_SERVER_LOG: 'trace' })
  const address = async () => {
    for await (const line of createInterface(process.child.stderr)) {
      const address = /serving address=(\S+)/.exec(line)
      if (address) return address[1]
    }
  }
  const url = `http://${await Promise.race([address(), process.failed])}`
  const stop = async () => {
    const ended = await process.handle.stop()
    remove()
    return ended
  }
  return { ...ready(url), ...process.handle, stop, content }
}

function start(args, env) {
  const child = spawn(binary, args, { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, ...env } })
  let log = ''
  child.stderr.setEncoding('utf8').on('data', (text) => (log += text))
  const exit = once(child, 'exit').then(([code, signal]) => ({ code, signal }))
  return {
    child,
    /** Rejects when the server ends. */
    failed: exit.then(({ code }) => Promise.reject(new Error(`locker-server ended with ${code}: ${log}`))),
    handle: {
      pid: child.pid,
      /** What the server has written to stderr so far. */
      log: () => log,
      /** Ends the server as an operator does, and waits for it. */
      stop: () => (child.kill('SIGTERM'), exit),
      /** Ends the server as a power cut does, and waits for it. */
      kill: () => (child.kill('SIGKILL'), exit),
    },
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
