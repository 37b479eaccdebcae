'use strict'

/** Text from files and from standard input. */

const fs = require('node:fs')

const { UsageError } = require('./failure')

const STDIN = '-'
let readBy

/** The text of a file, or of standard input for `-`. `option` is who wants it, for error messages. */
function readText(option, file) {
  return decode(option, file === STDIN ? readStdin(option) : readFile(option, file))
}

function readFile(option, file) {
  try {
    return fs.readFileSync(file)
  } catch (error) {
    throw new UsageError(`${option}: ${file} cannot be read: ${error.code}`)
  }
}

/** Standard input ends once, so it serves one option. */
function readStdin(option) {
  if (readBy !== undefined) {
    throw new UsageError(
      `${option}: standard input is read by ${readBy} already`,
      'Give one of them by a file.',
    )
  }
  readBy = option
  const chunks = []
  for (let chunk = readChunk(option); chunk.length > 0; chunk = readChunk(option)) chunks.push(chunk)
  return Buffer.concat(chunks)
}

function readChunk(option) {
  const buffer = Buffer.allocUnsafe(65_536)
  for (;;) {
    try {
      return buffer.subarray(0, fs.readSync(0, buffer))
    } catch (error) {
      if (error.code === 'EOF') return buffer.subarray(0, 0)
      // Another program has made the descriptor non-blocking, and nothing is there yet.
      if (error.code === 'EAGAIN') Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 20)
      else throw new UsageError(`${option}: standard input cannot be read: ${error.code}`)
    }
  }
}

function decode(option, bytes) {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    throw new UsageError(`${option}: what was read is not UTF-8 text`)
  }
}

/** Without the one newline that `echo` and editors put at the end. */
function withoutFinalNewline(text) {
  return text.replace(/\r?\n$/, '')
}

module.exports = { STDIN, readText, withoutFinalNewline }
