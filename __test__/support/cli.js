'use strict'

/** Runs the real command: in pipes, and in a terminal. */

const { spawn, spawnSync } = require('node:child_process')
const { EventEmitter, once } = require('node:events')
const { mkdtempSync, rmSync, writeFileSync } = require('node:fs')
const os = require('node:os')
const path = require('node:path')

const { environment } = require('./run-fixture')

/** By these Node.js decides whether a terminal has colours. On a CI it takes most for one without. */
const OF_COLOURS = new Set([
  'CI',
  'COLORTERM',
  'FORCE_COLOR',
  'NODE_DISABLE_COLORS',
  'NO_COLOR',
  'TEAMCITY_VERSION',
  'TERM',
  'TMUX',
])

const program = path.join(__dirname, '../../bin/lockerpm.js')

// Of util-linux; that of other systems takes other arguments.
const hasTerminal =
  spawnSync('script', ['--version'], { encoding: 'utf8' }).stdout?.includes('util-linux') ?? false

/** `test` where a terminal can be had. */
const testInTerminal = hasTerminal
  ? test
  : (name) => test.skip(`${name} (needs script of util-linux)`, () => {})

/** Those that run. A test that fails leaves them to `useHome`. */
const running = new Set()

/** Call it at the top of a test file: a home folder for each test, with no profile in it. */
function useHome() {
  let root

  beforeEach(() => {
    root = mkdtempSync(path.join(os.tmpdir(), 'lockerpm-cli-'))
  })

  afterEach(async () => {
    await Promise.all([...running].map((cli) => cli.endByForce()))
    rmSync(root, { recursive: true, force: true })
  })

  return {
    get root() {
      return root
    },
    /** The environment variables of a command that nobody has configured. */
    get env() {
      return { HOME: root, XDG_CONFIG_HOME: path.join(root, 'config'), LOCKER_CACHE_DIR: 'none' }
    },
    path: (...names) => path.join(root, ...names),
    write: (name, text, mode = 0o600) => {
      writeFileSync(path.join(root, name), text, { mode })
      return path.join(root, name)
    },
  }
}

/** The variables with which a command finds a started server. */
function serverVariables({ accessKeyId, accessKeySecret, apiBase, caCertFile }) {
  return {
    LOCKER_ACCESS_KEY_ID: accessKeyId,
    LOCKER_ACCESS_KEY_SECRET: accessKeySecret,
    LOCKER_API_BASE: apiBase,
    ...(caCertFile && { NODE_EXTRA_CA_CERTS: caCertFile }),
  }
}

/** Starts the command; see `startProgram`. */
function startCli(args, options) {
  return startProgram([process.execPath, program, ...args], options)
}

/** The variables of a program, with `own` ones in them. The terminal of the tests decides nothing about its colours. */
function variables(own) {
  const inherited = Object.entries(environment({})).filter(([name]) => !OF_COLOURS.has(name))
  return { ...Object.fromEntries(inherited), TERM: 'xterm-256color', ...own }
}

/**
 * Starts a program to talk to.
 *
 * @param {string[]} words
 * @param {object} [options]
 * @param {Record<string, string>} [options.env]
 * @param {string} [options.cwd]
 * @param {boolean} [options.terminal] with all three of stdin, stdout and stderr; otherwise they are pipes
 */
function startProgram(words, { env = {}, cwd, terminal = false } = {}) {
  const [command, ...rest] = terminal ? inTerminal(words) : words
  // A session of its own: a signal of the test must not be taken for a key of the terminal that the tests run in.
  const child = spawn(command, rest, { env: variables(env), cwd, detached: true })
  const output = { stdout: '', stderr: '' }
  const news = new EventEmitter()
  for (const name of Object.keys(output)) {
    child[name].setEncoding('utf8').on('data', (text) => {
      output[name] += text
      news.emit('news')
    })
  }
  child.stdin.on('error', () => {})
  const exit = once(child, 'close').then(([code, signal]) => {
    running.delete(cli)
    news.emit('news')
    return { code, signal, ...output }
  })
  const cli = {
    output,
    exit,
    /** Waits until stdout, which in a terminal is everything, has this text so many times. */
    async says(text, times = 1) {
      while (output.stdout.split(text).length <= times) {
        if (!running.has(cli))
          throw new Error(`it ended before it said ${text}: ${output.stdout}${output.stderr}`)
        await once(news, 'news')
      }
    },
    type: (text) => child.stdin.write(text),
    end: () => child.stdin.end(),
    kill: (signal) => child.kill(signal),
    closeStdout: () => child.stdout.destroy(),
    /** Ends it and what it has started. Of a terminal, `script` does that. */
    endByForce: () => (terminal ? child.kill('SIGTERM') : process.kill(-child.pid, 'SIGKILL'), exit),
  }
  running.add(cli)
  return cli
}

function inTerminal(words) {
  const line = words.map((word) => `'${word.replaceAll("'", "'\\''")}'`).join(' ')
  return ['script', '--quiet', '--return', '--flush', '--command', `exec ${line}`, '/dev/null']
}

/** Runs the command to its end, in pipes, with `input` on its stdin. */
function runCli(args, { input = '', ...options } = {}) {
  const cli = startCli(args, options)
  cli.type(input)
  cli.end()
  return cli.exit
}

/** Runs the command to its end, in a terminal. Its output has the line breaks of a terminal taken out. */
async function runInTerminal(args, options) {
  const { code, stdout } = await startCli(args, { ...options, terminal: true }).exit
  return { code, output: stdout.replaceAll('\r\n', '\n') }
}

module.exports = {
  hasTerminal,
  program,
  runCli,
  runInTerminal,
  serverVariables,
  startCli,
  startProgram,
  testInTerminal,
  useHome,
}
