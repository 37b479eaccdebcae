/** What `readelf` says of a program or a library for Linux. */

import { exec } from './tools.mjs'

/** @returns what the file needs of others and offers to them */
export function readElf(file) {
  const symbols = dynamicSymbols(file)
  const dynamic = readelf('--dynamic', file)
  return {
    /** The libraries that it names, as `libc.so.6`. */
    needed: matches(dynamic, /\(NEEDED\).*\[(.+)\]/g),
    /** Whether it stays in memory when its user closes it. */
    staysLoaded: /FLAGS_1.*NODELETE/.test(dynamic),
    /** Whether a loader of the system has to start it. */
    interpreted: readelf('--program-headers', file).includes('INTERP'),
    /** The newest version of glibc of which it uses a symbol. */
    glibc: matches(readelf('--version-info', file), /Name: GLIBC_([\d.]+)/g)
      .sort(compareVersions)
      .at(-1),
    exported: symbols.filter(({ section }) => section !== 'UND').map(({ name }) => name),
    /** What others must define. A weak symbol may be missing. */
    undefined: symbols
      .filter(({ section, binding }) => section === 'UND' && binding !== 'WEAK')
      .map(({ name }) => name),
  }
}

export function compareVersions(one, other) {
  return one.localeCompare(other, 'en', { numeric: true })
}

function readelf(option, file) {
  return exec('readelf', ['--wide', option, file], { env: { LC_ALL: 'C' } })
}

/** Those that the loader sees: number, value, size, type, binding, visibility, section and name. */
function dynamicSymbols(file) {
  return readelf('--dyn-syms', file)
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .filter(([number, , , , , , , name]) => /^\d+:$/.test(number) && name)
    .map(([, , , , binding, , section, name]) => ({ binding, section, name }))
}

function matches(text, pattern) {
  return [...new Set([...text.matchAll(pattern)].map(([, match]) => match))]
}
