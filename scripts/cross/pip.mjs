/** Packages of PyPI, by version and hash. They bring more than Python: compilers and Node.js among it. */

import { rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'

import { attempt, provide } from './tools.mjs'

/**
 * Unpacks packages into `folder`.
 *
 * @param {string[]} requirements each `name==version --hash=sha256:…`
 * @param {string} [platform] one that is not this machine's, in the words of Python's wheels
 */
export function installWheels(folder, requirements, platform) {
  const list = path.join(folder, 'requirements.txt')
  writeFileSync(list, requirements.join('\n'))
  const foreign = platform ? [`--platform=${platform}`] : []
  attempt(requirements.map((one) => one.split(' ')[0]).join(' and '), python(), [
    ...['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--no-deps', '--no-compile'],
    ...['--only-binary=:all:', '--require-hashes', `--requirement=${list}`, `--target=${folder}`, ...foreign],
  ])
  rmSync(list)
}

/** A Python that has pip; Debian's own need not. */
function python() {
  const folder = provide('python-venv', (fresh) => attempt('pip', 'python3', ['-m', 'venv', fresh]))
  return path.join(folder, 'bin', 'python')
}
