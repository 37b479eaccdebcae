'use strict'

/** A `locker-server` for the tests of programs that use this package. */

const { spawn } = require('node:child_process')
const { once } = require('node:events')
const { readFileSync } = require('node:fs')
const path = require('node:path')
const { createInterface } = require('node:readline')
const { runInThisContext } = require('node:vm')

const check = require('./arguments')
const { LockerError } = require('./errors').classes

const PACKAGE = '@lockerpm/server'
const PROGRAM = 'locker-server'
/** What jest gives its tests as `process` is a copy, which is never told of its end. */
const thisProcess = runInThisContext('process')

/** @param {import('../testing').LockerServerOptions} [given] */
async function startLockerServer(given) {
  const options = check.nullable(check.object)('options', given) ?? {}
  const args = check.optional(check.texts)('args', options.args) ?? []
  const command = program(check.optional(check.text)('binary', options.binary))
  // The pipe on its stdin is gone with this thread, also when that is ended by force, as test runners do.
  const child = spawn(command, ['dev', '--end-with-stdin', ...args], { stdio: ['pipe', 'pipe', 'pipe'] })
  child.stdin.on('error', () => {})
  const kill = () => child.kill()
  thisProcess.once('exit', kill)
  const log = keepLog(child.stderr)
  const end = ended(child).finally(() => thisProcess.off('exit', kill))
  const failure = end.then((reason) => {
    throw new LockerError(`${command} ${reason}${log()}`)
  })
  const [line] = await Promise.race([once(createInterface(child.stdout), 'line'), failure])
  failure.catch(() => {})
  const handles = [child, child.stdin, child.stdout, child.stderr]
  handles.forEach((handle) => handle.unref())
  return describe(JSON.parse(line), async () => {
    handles.forEach((handle) => handle.ref())
    kill()
    await end
  })
}

/** The path of the program, or its name if the PATH has to tell. */
function program(binary) {
  return (binary ?? process.env.LOCKER_SERVER_BIN) || (installedProgram() ?? PROGRAM)
}

/** The program of the package that is installed for the application. */
function installedProgram() {
  let found
  try {
    found = require.resolve(PACKAGE, { paths: [process.cwd(), __dirname] })
  } catch {
    return undefined
  }
  return require(found).executablePath()
}

/** How a process has ended, once it has and everything that it wrote was read. */
function ended(child) {
  return new Promise((resolve) => {
    child.once('error', ({ code, message }) =>
      resolve(code === 'ENOENT' ? absent() : `cannot start: ${message}`),
    )
    child.once('close', (code, signal) => resolve(`ended with ${code ?? signal}`))
  })
}

function absent() {
  return `is missing: install ${PACKAGE}, put ${PROGRAM} on the PATH, or name it in LOCKER_SERVER_BIN or \`binary\``
}

/** Reads what a server logs, so that it never waits for a reader, and gives the end of it. */
function keepLog(stream) {
  let log = ''
  stream.setEncoding('utf8').on('data', (text) => (log = (log + text).slice(-2000)))
  return () => (log === '' ? '' : `: ${log.trim()}`)
}

function describe(ready, stop) {
  const { accessKeyId, accessKeySecret, apiBase, url, projectId, readOnly, account, caCertFile } = ready
  return {
    accessKeyId,
    accessKeySecret,
    apiBase,
    ...(caCertFile && { caCert: readFileSync(caCertFile, 'utf8') }),
    cacheOptions: { dir: null },
    url,
    projectId,
    readOnly,
    account,
    stop,
  }
}

module.exports = { startLockerServer }
