'use strict'

/** Runs programs of `fixtures/` in processes of their own. */

const { spawn } = require('node:child_process')
const { once } = require('node:events')
const path = require('node:path')
const { text } = require('node:stream/consumers')

const folder = path.join(__dirname, '../fixtures')
/** They would decide whom a test trusts and where it calls, on a machine that has them. */
const FOREIGN =
  /^(LOCKER_(?!SERVER_BIN$|CACHE_DIR$).*|NODE_EXTRA_CA_CERTS|SSL_CERT_.*|(https?|all|no)_proxy)$/i

/** The environment of a program, with `own` variables in it. */
function environment(own) {
  const inherited = Object.entries(process.env).filter(([name]) => !FOREIGN.test(name))
  return { ...Object.fromEntries(inherited), ...own }
}

/**
 * @param {string} name the file in `fixtures/`
 * @param {object} [options]
 * @param {unknown} [options.input] what the program finds as JSON in `FIXTURE_INPUT`
 * @param {Record<string, string>} [options.env] further environment variables
 * @param {string[]} [options.nodeOptions] the command line of node itself
 * @returns how it ended and what it wrote; `output` is what it wrote to stdout, read as JSON
 */
async function runFixture(name, { input = {}, env = {}, nodeOptions = [] } = {}) {
  const child = spawn(process.execPath, [...nodeOptions, path.join(folder, name)], {
    env: environment({ FIXTURE_INPUT: JSON.stringify(input), ...env }),
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const [[code, signal], stdout, stderr] = await Promise.all([
    once(child, 'exit'),
    text(child.stdout),
    text(child.stderr),
  ])
  return {
    code,
    signal,
    stdout,
    stderr,
    get output() {
      if (stdout === '') throw new Error(`${name} ended with ${code ?? signal}: ${stderr}`)
      return JSON.parse(stdout)
    },
  }
}

module.exports = { environment, runFixture }
