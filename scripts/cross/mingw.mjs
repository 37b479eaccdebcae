/** Debian's mingw as the C compiler and linker for windows-gnu. Linked by zig, the addon would export nothing. */

import { mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs'
import path from 'node:path'

import { debianTree } from './debian.mjs'
import { librarySource, rustVersion } from './rust.mjs'
import { exec, provide } from './tools.mjs'

// A release older than those that this may run on: its programs use the glibc of this machine.
const DEBIAN = { release: 'bookworm', architecture: 'amd64', packages: ['gcc-mingw-w64-x86-64-posix'] }
const NOT_OURS = /^(libc|libm|libdl|libpthread|librt|ld-|libstdc|libgcc)/

/** The command that stands for cargo, and the variables that it wants. */
export function mingw(target) {
  const tree = debianTree('mingw', DEBIAN, collectLibraries)
  const program = (name) => path.join(tree, 'usr', 'bin', `x86_64-w64-mingw32-${name}`)
  const input = linkInput(target)
  return {
    command: 'cargo',
    build: 'build',
    env: {
      LD_LIBRARY_PATH: path.join(tree, 'libraries'),
      CC_x86_64_pc_windows_gnu: program('gcc-posix'),
      AR_x86_64_pc_windows_gnu: program('gcc-ar-posix'),
      CARGO_TARGET_X86_64_PC_WINDOWS_GNU_LINKER: program('gcc-posix'),
      LIBNODE_PATH: input,
    },
    rustflags: [`-Lnative=${input}`, `-Cdlltool=${program('dlltool')}`],
  }
}

/** What mingw's programs need besides the C library. */
function collectLibraries(tree) {
  const source = path.join(tree, 'usr', 'lib', 'x86_64-linux-gnu')
  mkdirSync(path.join(tree, 'libraries'))
  for (const name of readdirSync(source).filter((one) => one.includes('.so') && !NOT_OURS.test(one))) {
    symlinkSync(path.join('..', 'usr', 'lib', 'x86_64-linux-gnu', name), path.join(tree, 'libraries', name))
  }
}

/** The objects that rustup brings and build-std does not, and the library that napi's build script asks for. */
function linkInput(target) {
  const source = path.join(librarySource(target), 'rtstartup')
  return provide(`link-${rustVersion}-${target}`, (fresh) => {
    for (const name of ['rsbegin', 'rsend']) {
      const output = path.join(fresh, `${name}.o`)
      const args = ['--target', target, '--emit=obj', '-o', output, path.join(source, `${name}.rs`)]
      exec('rustc', args, { env: { RUSTC_BOOTSTRAP: '1' } })
    }
    // Node-API is looked up when the addon is loaded. So the library that is linked may be empty, and that which napi's
    // build script wants to see as well.
    writeFileSync(path.join(fresh, 'libnode.dll.a'), '!<arch>\n')
    writeFileSync(path.join(fresh, 'libnode.dll'), '')
  })
}
