/**
 * The platforms that packages are made for. The Rust targets are those of `napi.targets` in package.json;
 * here is what they mean to npm and to the builds.
 */

import { readFileSync } from 'node:fs'
import path from 'node:path'

import { root } from './setup.mjs'

const { napi } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'))

const CPUS = { x86_64: 'x64', aarch64: 'arm64', armv7: 'arm' }
const SYSTEMS = { linux: 'linux', darwin: 'darwin', windows: 'win32' }
const GLIBC_FLOOR = '2.17'
// The oldest glibc that a Node.js 20 for armv7 runs on.
const GLIBC_FLOORS = { 'linux-arm-gnueabihf': '2.28' }

/** What a package holds for one platform: the addon. */
export const platforms = napi.targets.map(describe)

/** Not a package: it shows under Wine that the code for Windows works, which an msvc build cannot do here. */
export const windowsGnu = describe('x86_64-pc-windows-gnu')

/** What a package holds for one system and processor: the server. On Linux it is static, so it fits any libc. */
export const servers = [...new Map(platforms.map((platform) => [key(platform), server(platform)])).values()]

export function findPlatform(tuple) {
  return [...platforms, windowsGnu].find((platform) => platform.tuple === tuple)
}

export function findServer(platform) {
  return servers.find((one) => one.os === platform.os && one.cpu === platform.cpu)
}

/** The target's parts are processor, vendor, system and perhaps ABI. */
function describe(target) {
  const [processor, , system, abi] = target.split('-')
  const os = SYSTEMS[system]
  const cpu = CPUS[processor]
  const tuple = [os, cpu, abi].filter(Boolean).join('-')
  return {
    tuple,
    target,
    os,
    cpu,
    /** In npm's words; only Linux has a choice. */
    libc: os === 'linux' ? (abi === 'musl' ? 'musl' : 'glibc') : undefined,
    /** The oldest glibc that the addon may need. */
    glibc: os === 'linux' && abi !== 'musl' ? (GLIBC_FLOORS[tuple] ?? GLIBC_FLOOR) : undefined,
    packageName: `${napi.packageName}-${tuple}`,
    file: `${napi.binaryName}.${tuple}.node`,
    /** `here`: any Linux x64 can build it. `workflow`: only the release workflow, on a runner of that system. */
    builtBy: os === 'linux' || abi === 'gnu' ? 'here' : 'workflow',
  }
}

function key({ os, cpu }) {
  return `${os}-${cpu}`
}

function server(platform) {
  const { os, cpu, target, builtBy } = platform
  const name = `server-${key(platform)}`
  return {
    name,
    target: os === 'linux' ? staticTarget(target) : target,
    os,
    cpu,
    packageName: `@lockerpm/${name}`,
    /** The executable's name inside the package. */
    executable: os === 'win32' ? 'locker-server.exe' : 'locker-server',
    /** Its name in the artifacts folder. */
    file: `locker-${name}${os === 'win32' ? '.exe' : ''}`,
    builtBy,
  }
}

function staticTarget(target) {
  return target.replace(/gnu(?=eabihf$|$)/, 'musl')
}
