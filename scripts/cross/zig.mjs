/** Zig as the C compiler and linker for Linux, which takes any libc and any glibc floor. */

import path from 'node:path'

import { installWheels } from './pip.mjs'
import { provide, toolsDir } from './tools.mjs'

const ZIG = 'ziglang==0.15.2'
const CARGO_ZIGBUILD = 'cargo-zigbuild==0.24.0'

// For Linux x64 and for Linux arm64.
const REQUIREMENTS = [
  `${ZIG} --hash=sha256:806316453d1ede7174ed3fefb8e5348154629089c3bb5fe812dfd0e172fac130` +
    ' --hash=sha256:edc0aa60ec964a4cf462d40f68d7de242ddf37fd9a80f2afaee6397059463230',
  `${CARGO_ZIGBUILD} --hash=sha256:484412e39e4c6039474535ce97ee75a22bab22d58233056f8ec8a8f9034bb957` +
    ' --hash=sha256:6942e4320f7b05d8fb29e0a8ce5670bcbb3d254275100b85b5b7c86552f9a744',
]

/** The command that stands for cargo, and the variables that it wants. */
export function zigbuild() {
  const folder = provide([ZIG, CARGO_ZIGBUILD].join('-').replaceAll('==', '-'), (fresh) =>
    installWheels(fresh, REQUIREMENTS),
  )
  return {
    command: path.join(folder, 'bin', 'cargo-zigbuild'),
    build: 'zigbuild',
    env: {
      CARGO_ZIGBUILD_ZIG_PATH: path.join(folder, 'ziglang', 'zig'),
      CARGO_ZIGBUILD_CACHE_DIR: path.join(toolsDir, 'cargo-zigbuild'),
      ZIG_GLOBAL_CACHE_DIR: path.join(toolsDir, 'zig-cache'),
    },
  }
}
