/** What the numbers are of. */

import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'

import { root } from './bench.mjs'
import { PEERS } from './peers.mjs'

const answerOf = (command, ...args) =>
  spawnSync(command, args, { encoding: 'utf8', cwd: root }).stdout?.trim()
const WORTH_KNOWING = ['aes', 'sha_ni', 'avx2', 'vaes', 'avx512f']

export function machine(server) {
  const { version } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'))
  const [processor] = os.cpus()
  const flags = (readFileIfThere('/proc/cpuinfo').match(/^flags.*$/m)?.[0] ?? '').split(' ')
  return {
    processor: `${os.cpus().length} × ${processor.model.trim()} (${WORTH_KNOWING.filter((flag) => flags.includes(flag)).join(', ')})`,
    memory: `${Math.round(os.totalmem() / 2 ** 30)} GiB`,
    system: `${os.type()} ${os.release()}`,
    'Node.js': process.version,
    Rust: answerOf('rustc', '--version'),
    lockerpm: `${version}, commit ${answerOf('git', 'describe', '--always', '--dirty')}`,
    'locker-server': answerOf(server, '--version'),
    others: PEERS.map(({ name, version }) => `${name} ${version}`).join(', '),
  }
}

function readFileIfThere(file) {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return ''
  }
}
