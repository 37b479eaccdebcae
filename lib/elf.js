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
const HEADERS_BYTES = 4096

/** The program that loads this executable's libraries; undefined if the file names none, or is no ELF file. */
function programInterpreter(file) {
  return open(file, ({ header, read }) => {
    const entry = header?.segments.find(({ type }) => type === PT_INTERP)
    return entry && String.fromCharCode(...read(entry.offset, entry.size))
  })
}

/** Whether the end of an ELF file is missing. Loading such a library ends the process. */
function isTruncated(file) {
  return open(file, ({ header, read }) => {
    const { end } = header ?? { end: 0 }
    return end > 0 && (end > Number.MAX_SAFE_INTEGER || read(end - 1, 1).length === 0)
  })
}

/** Gives `use` the header of a file, undefined if it is no ELF file, and the means to read more. */
function open(file, use) {
  const descriptor = openSync(file, 'r')
  try {
    const read = (position, length) => {
      const bytes = new Uint8Array(length)
      return bytes.subarray(0, readSync(descriptor, bytes, 0, length, position))
    }
    return use({ header: parse(read(0, HEADERS_BYTES)), read })
  } finally {
    closeSync(descriptor)
  }
}

/** The segments of a file, and where it ends: the table of its sections is the last thing in it. */
function parse({ buffer, length }) {
  const view = new DataView(buffer, 0, length)
  if (length < 4 || view.getUint32(0) !== MAGIC) return undefined
  if (length < HEADER_BYTES) return { segments: [], end: HEADER_BYTES }
  const wide = view.getUint8(4) === CLASS_64
  const word = (position) =>
    wide ? Number(view.getBigUint64(position, true)) : view.getUint32(position, true)
  const half = (position) => view.getUint16(position, true)
  const [table, entrySize, count] = wide ? [word(32), half(54), half(56)] : [word(28), half(42), half(44)]
  const [sections, sectionSize, sectionCount] = wide
    ? [word(40), half(58), half(60)]
    : [word(32), half(46), half(48)]
  const segments = []
  for (let at = table; at + entrySize <= length && segments.length < count; at += entrySize) {
    const [offset, size] = wide ? [word(at + 8), word(at + 32)] : [word(at + 4), word(at + 16)]
    segments.push({ type: view.getUint32(at, true), offset, size })
  }
  return { segments, end: sections + sectionSize * sectionCount }
}

module.exports = { isTruncated, programInterpreter }
