/** What is measured, built as users get it. */

import { readdirSync } from 'node:fs'
import path from 'node:path'

import { root, run, step } from '../scripts/setup.mjs'

/** The addon, in a folder of its own: the one in the project's folder may be that of the tests. */
export function builtAddon(folder, env) {
  step('Building the addon')
  run('npm', ['run', '--silent', 'build', '--', '--output-dir', folder], { quiet: true, env })
  return path.join(
    folder,
    readdirSync(folder).find((file) => file.endsWith('.node')),
  )
}

/** What answers from memory: see `servers/replay`. */
export function builtReplay() {
  run('cargo', ['build', '--quiet', '--release', '--package', 'bench-replay'])
  return path.join(root, 'target/release/bench-replay')
}
