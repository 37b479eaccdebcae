'use strict'

/** What the loader reads of ELF files: a few headers, of either width, in little-endian order (System V ABI, chapters 4 and 5). */

// Every program that imports lockerpm waits for this, so it uses as little of Node.js as it can: what is called for the
// first time has to be compiled.
const { closeSync, openSync, readSync } = require('node:fs')

const MAGIC = 0x7f454c46
const CLASS_64 = 2
const PT_INTERP = 3
const HEADER_BYTES = 64
/** The header of the file, and room for those of its segments, which follow it. */
const START_BYTES = 4096

/** The program that loads this executable's libraries; undefined if the file names none, or is no ELF file. */
function programInterpreter(file) {
  return open(file, ({ isElf, isWide, word, half }, read) => {
    if (!isElf) return undefined
    const [table, size, count] = isWide ? [word(32), half(54), half(56)] : [word(28), half(42), half(44)]
    const end = Math.min(table + size * count, START_BYTES - HEADER_BYTES)
    for (let at = table; at < end; at += size) {
      if (word(at) !== PT_INTERP) continue
      const [offset, length] = isWide ? [word(at + 8), word(at + 32)] : [word(at + 4), word(at + 16)]
      return String.fromCharCode(...read(offset, length))
    }
  })
}

/** Whether the end of an ELF file is missing; undefined if it is no ELF file. Loading such a library ends the process. */
function isTruncated(file) {
  return open(file, ({ isElf, isWide, word, half }, read) => {
    if (!isElf) return undefined
    // The table of its sections is the last thing in it.
    const [table, size, count] = isWide ? [word(40), half(58), half(60)] : [word(32), half(46), half(48)]
    const end = Math.max(table + size * count, HEADER_BYTES)
    return read(end - 1, 1).length === 0
  })
}

/** Gives `use` the start of a file, and the means to read more. */
function open(file, use) {
  const descriptor = openSync(file, 'r')
  try {
    const read = (position, length) => {
      const bytes = new Uint8Array(length)
      return bytes.subarray(0, readSync(descriptor, bytes, 0, length, position))
    }
    return use(start(read(0, START_BYTES).buffer), read)
  } finally {
    closeSync(descriptor)
  }
}

/** What is missing of a start is zero. */
function start(bytes) {
  const view = new DataView(bytes)
  return {
    isElf: view.getUint32(0) === MAGIC,
    isWide: view.getUint8(4) === CLASS_64,
    // Also of a wide number: no binary has 4 GiB.
    word: (position) => view.getUint32(position, true),
    half: (position) => view.getUint16(position, true),
  }
}

module.exports = { isTruncated, programInterpreter }
