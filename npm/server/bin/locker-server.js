#!/usr/bin/env node
'use strict'

const { spawn } = require('node:child_process')
const { constants } = require('node:os')

const { executablePath } = require('..')

const FORWARDED = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT']

const args = process.argv.slice(2)
try {
  const file = executablePath()
  // Where Node.js can become the server it does, so that there is one process, and it gets every signal.
  if (process.execve) process.execve(file, [file, ...args], process.env)
  else start(file)
} catch (error) {
  fail(error)
}

function start(file) {
  const child = spawn(file, args, { stdio: 'inherit' })
  for (const signal of FORWARDED) process.on(signal, () => child.kill(signal))
  child.once('error', fail)
  child.once('exit', (code, signal) => process.exit(code ?? 128 + constants.signals[signal]))
}

function fail({ message }) {
  console.error(`locker-server: ${message}`)
  process.exit(1)
}
