/** How cargo builds for a platform: with which compiler, which standard library and which flags. */

import { mingw } from './mingw.mjs'
import { hostTarget, standardLibrary, targetDir } from './rust.mjs'
import { Unavailable } from './tools.mjs'
import { zigbuild } from './zig.mjs'

// As old as the systems that Node.js 20 runs on.
const MACOS = '10.15'

/**
 * The command line of a build.
 *
 * @param {{ target: string, glibc?: string }} platform
 * @param {object} options
 * @param {boolean} options.static whether the result carries its C library in itself
 * @param {'build' | 'test'} [options.verb]
 * @returns {{ command: string, args: string[], env: Record<string, string>, folder: string }} `folder` is the one that
 *   gets the profiles' folders
 */
export function cargoFor({ target, glibc }, { static: isStatic, verb = 'build' }) {
  const { command, build, env, rustflags = [] } = compiler(target)
  const std = standardLibrary(target)
  const dir = targetDir(isStatic ? 'static' : 'dynamic')
  const name = target.replaceAll('-', '_').toUpperCase()
  return {
    command,
    args: [
      verb === 'build' ? build : verb,
      '--locked',
      ...std.args,
      `--target=${glibc ? `${target}.${glibc}` : target}`,
      `--target-dir=${dir}`,
    ],
    env: {
      ...env,
      ...std.env,
      // Flags for everything would be for this machine's own programs as well.
      RUSTFLAGS: undefined,
      [`CARGO_TARGET_${name}_RUSTFLAGS`]: [
        ...rustflags,
        ...libcFlags(target, isStatic),
        ...startFlags(target, isStatic, std),
      ].join(' '),
    },
    folder: `${dir}/${target}`,
  }
}

function compiler(target) {
  if (target.includes('-linux-')) return zigbuild()
  if (target.endsWith('-windows-gnu')) return mingw(target)
  return native(target)
}

function libcFlags(target, isStatic) {
  if (target.includes('-musl')) return [`-Ctarget-feature=${isStatic ? '+' : '-'}crt-static`]
  // The runtime library of Visual C++ is not part of Windows.
  if (target.endsWith('-msvc')) return ['-Ctarget-feature=+crt-static']
  return []
}

/**
 * The objects with which a static program starts come with rustup's library. To one that is built from source rustc names
 * them all the same, and the linker finds none. Zig has its own.
 */
function startFlags(target, isStatic, { args }) {
  const isBuilt = args.length > 0
  return isStatic && isBuilt && target.includes('-musl') ? ['-Clink-self-contained=no'] : []
}

/** Apple's and Microsoft's linkers and libraries are to be had on their own systems only. */
function native(target) {
  const system = target.split('-')[2]
  if (!hostTarget.includes(system)) throw new Unavailable(`${target} can only be built on ${system}`)
  return { command: 'cargo', build: 'build', env: { MACOSX_DEPLOYMENT_TARGET: MACOS } }
}
