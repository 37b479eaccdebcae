'use strict'

/** A root folder as that of a slim container: Node.js, the libraries that it needs, an application, and nothing else. */

const { execFileSync, spawnSync } = require('node:child_process')
const { once } = require('node:events')
const { cpSync, mkdirSync, readFileSync } = require('node:fs')
const path = require('node:path')
const { createInterface } = require('node:readline')

const { newApplication } = require('./support/application')
const { binding, tuple } = require('./support/packages')
const { node } = require('./support/tools')

const BUNDLED = 'the system has no CA certificates; the bundled ones of Mozilla are used'
const isRoot = process.getuid?.() === 0

let container, server

beforeAll(async () => {
  container = newApplication()
  container.install(['lockerpm', '@lockerpm/server'])
  const program = container.start('node_modules/.bin/locker-server', ['dev', '--tls-self-signed'])
  const [line] = await once(createInterface(program.stdout), 'line')
  server = { program, ...JSON.parse(line) }
  if (isRoot) copySystem(container)
})

afterAll(async () => {
  server.program.kill('SIGTERM')
  await once(server.program, 'exit')
})

/** Copies Node.js and the libraries of it and of the addon, at their places. */
function copySystem(application) {
  const addon = application.path('node_modules', binding, `lockerpm.${tuple}.node`)
  cpSync(node(24), application.path('node'))
  for (const program of [node(24), addon]) {
    const listed = execFileSync('ldd', [program], { encoding: 'utf8' })
    for (const [library] of listed.matchAll(/\/\S+(?= \(0x)/g)) {
      const copy = application.path(`.${library}`)
      mkdirSync(path.dirname(copy), { recursive: true })
      cpSync(library, copy, { dereference: true })
    }
  }
}

const PROGRAM = `
  const { existsSync } = require('node:fs')
  const { Locker, LogLevel } = require('lockerpm')
  const logger = ({ message }) => console.log(message)
  const options = { logLevel: LogLevel.DEBUG, logger, maxRetries: 0 }
  console.log('certificates of the system:', existsSync('/etc/ssl') || existsSync('/etc/pki'))
  const { CA } = process.env
  const trusting = new Locker({ ...options, caCert: CA })
  trusting.createSync({ key: 'OF_A_CONTAINER', value: 'a value' })
  console.log('read:', trusting.getSync('OF_A_CONTAINER'))
  try {
    new Locker(options).listSync()
  } catch (error) {
    console.log('without caCert:', error.name)
  }`

function variables() {
  return {
    LOCKER_ACCESS_KEY_ID: server.accessKeyId,
    LOCKER_ACCESS_KEY_SECRET: server.accessKeySecret,
    LOCKER_API_BASE: server.apiBase,
    LOCKER_CACHE_DIR: 'none',
    CA: readFileSync(server.caCertFile, 'utf8'),
  }
}

test('bundled roots are used and logged, a certificate of the caller is trusted besides, and no other', () => {
  // Only root may change the root folder. Others have the variables that say where certificates are.
  const nowhere = { SSL_CERT_FILE: '/no-such-file', SSL_CERT_DIR: '/no-such-folder' }
  const outcome = isRoot
    ? spawnSync('chroot', [container.folder, '/node', '--eval', PROGRAM], {
        encoding: 'utf8',
        env: { ...variables(), PATH: process.env.PATH },
      })
    : spawnSync(node(24), ['--eval', PROGRAM], {
        cwd: container.folder,
        encoding: 'utf8',
        env: { ...variables(), ...nowhere },
      })
  expect(outcome.stderr).toBe('')
  const lines = outcome.stdout.split('\n')
  if (isRoot) expect(lines).toContain('certificates of the system: false')
  expect(lines.filter((line) => line === BUNDLED).length).toBeGreaterThan(0)
  expect(lines).toContain('read: a value')
  expect(lines).toContain('without caCert: APIConnectionError')
})
