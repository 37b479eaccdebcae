'use strict'

/** Which native code fits this process. It reads one header of one file, and starts nothing. */

const { closeSync, openSync, readSync } = require('node:fs')

const ELF_MAGIC = 0x7f454c46
const ELF_64_BITS = 2
const PT_INTERP = 3
const HEADERS_BYTES = 4096

/**
 * The names of the binaries that fit, the likeliest first, as in `@lockerpm/binding-NAME`. There are two where Linux does
 * not tell which C library this process has.
 */
function tuples() {
  const { platform, arch } = process
  if (platform === 'win32') return [`win32-${arch}-msvc`]
  if (platform !== 'linux') return [`${platform}-${arch}`]
  const abi = arch === 'arm' ? 'eabihf' : ''
  const found = libc()
  return (found ? [found] : ['gnu', 'musl']).map((name) => `linux-${arch}-${name}${abi}`)
}

/** The C library of this process, `gnu` or `musl`: which program interpreter the executable names. */
function libc() {
  if (process.platform !== 'linux') return undefined
  try {
    const interpreter = programInterpreter(process.execPath)
    if (interpreter?.includes('ld-musl-')) return 'musl'
    return interpreter?.includes('ld-linux') ? 'gnu' : undefined
  } catch {
    return undefined
  }
}

/** The path in the header PT_INTERP of an ELF file (System V ABI, chapter 5); undefined if the file has none. */
function programInterpreter(file) {
  const descriptor = openSync(file, 'r')
  try {
    const at = (position, length) => {
      const bytes = Buffer.alloc(length)
      return bytes.subarray(0, readSync(descriptor, bytes, 0, length, position))
    }
    const headers = at(0, HEADERS_BYTES)
    if (headers.readUInt32BE(0) !== ELF_MAGIC) return undefined
    const wide = headers[4] === ELF_64_BITS
    const word = (position) =>
      wide ? Number(headers.readBigUInt64LE(position)) : headers.readUInt32LE(position)
    const table = word(wide ? 32 : 28)
    const size = headers.readUInt16LE(wide ? 54 : 42)
    const count = headers.readUInt16LE(wide ? 56 : 44)
    for (let header = table; header < table + count * size; header += size) {
      if (headers.readUInt32LE(header) !== PT_INTERP) continue
      return at(word(header + (wide ? 8 : 4)), word(header + (wide ? 32 : 16))).toString('latin1')
    }
  } finally {
    closeSync(descriptor)
  }
}

module.exports = { libc, tuples }
