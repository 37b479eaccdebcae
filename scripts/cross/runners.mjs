/** How programs of other platforms are run here. */

import { existsSync, readdirSync, rmSync } from 'node:fs'
import path from 'node:path'

import { debianTree } from './debian.mjs'
import { foreignNode } from './node.mjs'
import { Unavailable } from './tools.mjs'
import { wine } from './wine.mjs'

const RELEASE = 'trixie'
const GLIBC = ['libc6', 'libgcc-s1', 'libstdc++6', 'libatomic1']
const EMULATED = ['qemu-aarch64', 'qemu-arm']

const RUNNERS = {
  'linux-x64-gnu': () => ({ how: 'this machine', words: [] }),
  'linux-x64-musl': muslHere,
  'linux-arm64-gnu': () => qemu('aarch64', sysroot('arm64', GLIBC)),
  'linux-arm64-musl': () => qemu('aarch64', sysroot('arm64', ['musl'])),
  'linux-arm-gnueabihf': () => qemu('arm', sysroot('armhf', GLIBC)),
  'win32-x64-gnu': ({ shared, scratch }) => ({ how: 'Wine', ...wine(shared, path.join(scratch, 'wine')) }),
}

/**
 * @param {string} tuple
 * @param {{ shared: string[], scratch: string }} folders those that the programs have to see, and one of them to write into
 * @returns {{ how: string, program: (file: string) => string[], node: string[], env: Record<string, string> }} the words
 *   that start a program, and those that start Node.js
 */
export function runnerFor(tuple, folders) {
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    throw new Unavailable(`${tuple} cannot be run on ${process.platform} ${process.arch}`)
  }
  const { how, words, env = {}, withLibraries = () => words } = RUNNERS[tuple](folders)
  const { node, libraries } = tuple === 'linux-x64-gnu' ? { node: process.execPath } : foreignNode(tuple)
  return {
    how,
    env,
    program: (file) => [...words, file],
    node: [...(libraries && existsSync(libraries) ? withLibraries(libraries) : words), node],
  }
}

/** musl's own loader starts Node.js, which wants 1.2.4 of it or later. Programs are static: zig links them so. */
function muslHere() {
  const folder = path.join(sysroot('amd64', ['musl']), 'usr', 'lib', 'x86_64-linux-musl')
  return {
    how: 'musl, natively',
    words: [],
    withLibraries: (libraries) => [path.join(folder, 'libc.so'), '--library-path', `${folder}:${libraries}`],
  }
}

function qemu(processor, root) {
  const words = [path.join(emulators(), `qemu-${processor}`), '-L', root]
  return {
    how: `qemu ${processor}`,
    words,
    withLibraries: (libraries) => [...words, '-E', `LD_LIBRARY_PATH=${libraries}`],
  }
}

/** Debian's are static. Those of the many other processors would be half a gigabyte. */
function emulators() {
  const inTree = (tree) => path.join(tree, 'usr', 'bin')
  const what = { release: RELEASE, architecture: 'amd64', packages: ['qemu-user'] }
  const dropOthers = (tree) =>
    readdirSync(inTree(tree))
      .filter((name) => !EMULATED.includes(name))
      .forEach((name) => rmSync(path.join(inTree(tree), name)))
  return inTree(debianTree('qemu', what, dropOthers))
}

function sysroot(architecture, packages) {
  return debianTree(`sysroot-${packages[0]}`, { release: RELEASE, architecture, packages })
}
