/** The standard library of Rust for targets that rustup has not installed: built from its source. */

import { existsSync, statSync } from 'node:fs'
import path from 'node:path'

import { exec, provide, toolsDir, Unavailable } from './tools.mjs'

const verbose = exec('rustc', ['--version', '--verbose'])
const sysroot = exec('rustc', ['--print', 'sysroot']).trim()

export const rustVersion = /^release: (.+)$/m.exec(verbose)[1]
export const hostTarget = /^host: (.+)$/m.exec(verbose)[1]

/** The one thing that a CI may do without: not every toolchain comes with the source of its library. */
export class NoStandardLibrary extends Unavailable {}

/** What is compiled for other targets is kept between runs, and is of no use to another compiler. */
export function targetDir(name) {
  return path.join(toolsDir, `target-${rustVersion}`, name)
}

/** What cargo has to be told so that a target has its standard library. */
export function standardLibrary(target) {
  if (existsSync(path.join(sysroot, 'lib', 'rustlib', target, 'lib'))) return { args: [], env: {} }
  return {
    args: ['-Zbuild-std=std,panic_unwind,panic_abort'],
    // The second variable is how cargo's own tests choose the source; there is no other way to say it.
    env: { RUSTC_BOOTSTRAP: '1', __CARGO_TESTS_ONLY_SRC_ROOT: librarySource(target) },
  }
}

/** The folder `library` of Rust's source, from which std is built. */
export function librarySource(target) {
  const own = path.join(sysroot, 'lib', 'rustlib', 'src', 'rust', 'library')
  if (existsSync(own)) return own
  const source = process.env.LOCKER_RUST_SRC
  const missing = `${target} has no standard library here`
  if (!source) {
    throw new NoStandardLibrary(
      `${missing}: run "rustup target add ${target}" or "rustup component add rust-src", or set LOCKER_RUST_SRC`,
    )
  }
  if (!existsSync(source))
    throw new NoStandardLibrary(`${missing}: LOCKER_RUST_SRC names a missing ${source}`)
  const version = /\d+\.\d+\.\d+/.exec(path.basename(source))?.[0]
  if (version && version !== rustVersion) {
    throw new NoStandardLibrary(
      `${missing}: LOCKER_RUST_SRC is the source of ${version}, and rustc is ${rustVersion}`,
    )
  }
  if (statSync(source).isDirectory()) return inside(source)
  return inside(provide(`rust-std-${rustVersion}`, (fresh) => exec('tar', ['-xf', source, '-C', fresh])))
}

function inside(folder) {
  const library = path.join(folder, 'library')
  return existsSync(library) ? library : folder
}
