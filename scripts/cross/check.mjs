/** What an artifact must be, so that it runs wherever its package may be installed. */

import { statSync } from 'node:fs'

import { compareVersions, readElf } from './elf.mjs'

const MEGABYTE = 1_000_000
const MAX_ADDON = 4 * MEGABYTE

// Parts of every C library. An addon that needs libgcc_s would not start in a slim container.
const LIBRARIES = /^(lib(c|m|dl|pthread|rt)\.so(\.\d+)?|ld-linux.*\.so\.\d+)$/
const ENTRIES = /^(napi_|node_api_)/

/** @returns the faults of an addon, in words that go on from its name; none if it may be published */
export function addonFaults(file, platform, { checkSize }) {
  const size = statSync(file).size
  return [
    ...(checkSize && size > MAX_ADDON
      ? [`has ${megabytes(size)}, and at most ${megabytes(MAX_ADDON)} are allowed`]
      : []),
    ...(platform.os === 'linux' ? elfFaults(readElf(file), platform) : []),
  ]
}

export function megabytes(size) {
  return `${(size / MEGABYTE).toFixed(2)} MB`
}

/** @returns the faults of a server, in words */
export function serverFaults(file, { os }) {
  if (os !== 'linux') return []
  const { needed, interpreted } = readElf(file)
  return [
    ...(needed.length > 0 ? [`is not static: it needs ${needed.join(', ')}`] : []),
    ...(interpreted ? ['is not static: it asks for a loader'] : []),
  ]
}

function elfFaults(elf, { glibc }) {
  const foreign = elf.needed.filter((name) => !LIBRARIES.test(name))
  const extra = elf.exported.filter((name) => !ENTRIES.test(name))
  // musl's symbols have no versions. Its loader binds all of them at once, so a missing one fails the smoke test.
  const unknown = glibc
    ? elf.undefined.filter((name) => !ENTRIES.test(name) && !name.includes('@GLIBC_'))
    : []
  return [
    ...(glibc && compareVersions(elf.glibc ?? '0', glibc) > 0
      ? [`needs glibc ${elf.glibc}, and the floor is ${glibc}`]
      : []),
    ...(!glibc && elf.glibc ? [`needs glibc ${elf.glibc}, and is meant for musl`] : []),
    ...(foreign.length > 0 ? [`needs ${foreign.join(', ')}`] : []),
    ...(extra.length > 0 ? [`exports ${extra.join(', ')}`] : []),
    ...(elf.exported.length === extra.length ? ['exports no registration of Node-API'] : []),
    // Node.js unloads an addon with its last worker thread, and threads of the addon may still be at work.
    ...(glibc && !elf.staysLoaded ? ['may be unloaded: it is not linked with -z nodelete'] : []),
    ...(unknown.length > 0 ? [`has symbols that nobody defines: ${unknown.join(', ')}`] : []),
  ]
}
