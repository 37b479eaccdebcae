'use strict'

/** Which native code fits this process. It reads one header of one file, and starts nothing. */

const { programInterpreter } = require('./elf')

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

module.exports = { libc, tuples }
