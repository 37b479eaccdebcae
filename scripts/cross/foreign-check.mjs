/** Checks the Rust code for systems whose linker and libraries cannot be had here. */

import { chmodSync, writeFileSync } from 'node:fs'
import path from 'node:path'

import { root } from '../setup.mjs'
import { standardLibrary, targetDir } from './rust.mjs'
import { exec, provide } from './tools.mjs'

// It makes the files that it is asked for, and they are empty: the C code of dependencies is not what is checked, and
// nothing is linked.
const COMPILER = `#!/bin/sh
for word; do
  case $before in -o) : > "$word" ;; esac
  case $word in
    [-/]Fo?*) : > "\${word#?Fo}" ;;
    [-/]out:* | [-/]OUT:*) : > "\${word#?????}" ;;
    *.a) : > "$word" ;;
  esac
  before=$word
done
`

/** Type-checks all crates for the targets, and gives what was wrong. */
export function checkForeign(targets) {
  const compiler = path.join(provide('no-compiler', writeCompiler), 'cc')
  const std = targets.map(standardLibrary)
  const compilers = targets.flatMap((target) =>
    ['CC', 'CXX', 'AR'].map((program) => [`${program}_${target.replaceAll('-', '_')}`, compiler]),
  )
  exec(
    'cargo',
    [
      ...['check', '--locked', '--workspace', `--target-dir=${targetDir('dynamic')}`],
      ...targets.map((target) => `--target=${target}`),
      ...new Set(std.flatMap(({ args }) => args)),
    ],
    {
      cwd: root,
      env: Object.assign({}, ...std.map(({ env }) => env), Object.fromEntries(compilers), {
        RUSTFLAGS: '--deny=warnings',
      }),
    },
  )
}

function writeCompiler(folder) {
  const file = path.join(folder, 'cc')
  writeFileSync(file, COMPILER)
  chmodSync(file, 0o755)
}
