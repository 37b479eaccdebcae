/** `npm run test:long`: the checks that take minutes. `npm test` has a bounded form of the first three. */

import { spawnSync } from 'node:child_process'
import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'

import { buildAddon, buildServer, fail, installPackages, requireRust, root, run, step } from './setup.mjs'

const FUZZED_INPUTS = 10_000_000

requireRust()
installPackages()
fuzz()
jest()
api()
soak()

/** Shares the inputs out among the properties of `crates/core/src/fuzz.rs`. */
function fuzz() {
  const command = ['test', '--locked', '--release', '--package', 'locker-core', '--lib', 'fuzz::']
  step('Building the fuzz tests (release)')
  run('cargo', [...command, '--no-run'])
  const list = spawnSync('cargo', [...command, '--', '--list'], { cwd: root, encoding: 'utf8' })
  const properties = list.stdout?.match(/: test$/gm)?.length
  if (!properties) fail('cargo lists no fuzz tests')
  const cases = Math.ceil(FUZZED_INPUTS / properties)
  step(`Fuzzing: ${properties} properties with ${cases} inputs each`)
  run('cargo', command, { env: { LOCKER_FUZZ_CASES: String(cases) } })
}

function jest() {
  const server = buildServer('debug')
  buildAddon('debug')
  step('Many processes with one cache folder, and an import of 10,000 secrets')
  const env = { LOCKER_SERVER_BIN: server, LOCKER_TEST_LONG: '1' }
  run('npx', ['jest', 'cache-processes', 'import'], { env })
}

function api() {
  const server = buildServer('debug')
  step('The management API against its OpenAPI document')
  run('node', ['scripts/test-api.mjs', server, '300'])
}

/** Runs in a copy of the package, because the addon of the tests stays where it is. */
function soak() {
  const server = buildServer('release')
  const folder = mkdtempSync(path.join(tmpdir(), 'lockerpm-long-'))
  // `fail` leaves at once, and a `finally` would not run then.
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }))
  step('Building the addon (release)')
  run('npm', ['run', '--silent', 'build', '--', '--output-dir', folder], { quiet: true })
  const { files } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'))
  for (const name of [...files, 'package.json'])
    cpSync(path.join(root, name), path.join(folder, name), { recursive: true })
  step('Soak: 1,000,000 reads and 10,000 writes')
  run('node', ['scripts/soak.mjs', '--package', folder, '--server', server])
}
