'use strict'

/** Starts the one server of all tests: that of the packed `@lockerpm/server`, installed by npm. */

const { spawn } = require('node:child_process')
const { once } = require('node:events')
const path = require('node:path')
const { createInterface } = require('node:readline')

const { makeApplication } = require('./application')

module.exports = async function start() {
  const application = makeApplication()
  application.install(['@lockerpm/server'])
  const command = path.join(application.folder, 'node_modules/@lockerpm/server/bin/locker-server.js')
  const child = spawn(process.execPath, [command, 'dev'], { stdio: ['ignore', 'pipe', 'inherit'] })
  const exit = once(child, 'exit')
  globalThis.stopServer = async () => {
    child.kill('SIGTERM')
    await exit
    application.remove()
  }
  const ready = once(createInterface(child.stdout), 'line').then(([line]) => JSON.parse(line))
  const server = await Promise.race([
    ready,
    exit.then(([code]) => Promise.reject(new Error(`ended: ${code}`))),
  ])
  // Jest gives the variables of this process to those that run the tests.
  process.env.LOCKER_ACCESS_KEY_ID = server.accessKeyId
  process.env.LOCKER_ACCESS_KEY_SECRET = server.accessKeySecret
  process.env.LOCKER_API_BASE = server.apiBase
}
