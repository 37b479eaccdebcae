'use strict'

/** `locker-server serve` on a new database: no account, no workspace, no project. */

const { spawn } = require('node:child_process')
const { once } = require('node:events')
const { mkdtempSync, rmSync } = require('node:fs')
const { tmpdir } = require('node:os')
const path = require('node:path')
const { createInterface } = require('node:readline')

const { binary } = require('../../support/server')

async function startEmptyServer() {
  const folder = mkdtempSync(path.join(tmpdir(), 'lockerpm-web-'))
  const database = `sqlite:${path.join(folder, 'locker.db')}`
  const args = ['serve', '--listen', '127.0.0.1:0', '--database', database]
  const env = { ...process.env, LOCKER_SERVER_LOG: 'info' }
  const child = spawn(binary, args, { stdio: ['ignore', 'ignore', 'pipe'], env })
  const ended = once(child, 'exit')
  const url = await Promise.race([address(child), ended.then(() => Promise.reject(new Error('it ended')))])
  return {
    url,
    stop: async () => {
      child.kill('SIGTERM')
      await ended
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** The log says where it listens. What comes after is read and thrown away, so that the pipe never fills. */
function address(child) {
  const lines = createInterface(child.stderr)
  return new Promise((resolve) => {
    lines.on('line', (line) => {
      const found = /serving address=(\S+)/.exec(line)
      if (found) resolve(`http://${found[1]}`)
    })
  })
}

module.exports = { startEmptyServer }
