/** `npm test`: sets everything up and runs every check of the project. */

import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'

import { findPostgres, startPostgres } from './postgres.mjs'
import { buildAddon, buildServer, fail, installPackages, requireRust, root, run, step } from './setup.mjs'

requireRust()
installPackages()

step('Formatting')
run('cargo', ['fmt', '--all', '--check'])
run('npx', ['prettier', '--check', '--log-level=warn', '.'])

step('Clippy')
run('cargo', ['clippy', '--locked', '--workspace', '--all-targets', '--', '--deny', 'warnings'])

step('Tests of the Rust crates')
run('cargo', ['test', '--locked', '--workspace'])
await testOnPostgres()

const server = buildServer('debug')
buildAddon('debug')

step('Type tests of index.d.ts')
run('npm', ['run', '--silent', 'test:types'])

step('Jest, over http and https')
const reports = [
  jest([], {}),
  // What an application does all day, once more with TLS under it.
  jest(['secrets', 'environments', 'objects'], { LOCKER_TEST_TLS: '1' }),
]
const total = (field) => reports.reduce((sum, report) => sum + report[field], 0)
console.log(
  `jest: ${total('numPassedTests')} passed, ${total('numFailedTests')} failed, ${total('numPendingTests')} skipped`,
)

/** Everything that the server does on SQLite it does on PostgreSQL too. */
async function testOnPostgres() {
  step('Tests of locker-server on PostgreSQL')
  const bin = findPostgres()
  if (!bin) {
    const missing =
      'PostgreSQL is not installed (Debian: apt-get install postgresql; macOS: brew install postgresql)'
    if (process.env.CI) fail(missing)
    console.error(`Skipped the tests of locker-server on PostgreSQL: ${missing}`)
    return
  }
  const { url, stop } = await startPostgres(bin)
  run('cargo', ['test', '--locked', '--package', 'locker-server'], { env: { LOCKER_TEST_POSTGRES: url } })
  stop()
}

/** Runs the tests whose names match, and gives the report. */
function jest(names, env) {
  const folder = mkdtempSync(path.join(tmpdir(), 'lockerpm-jest-'))
  const file = path.join(folder, 'report.json')
  try {
    run('npx', ['jest', '--json', `--outputFile=${file}`, ...names], {
      env: { LOCKER_SERVER_BIN: server, ...env },
      quiet: true,
    })
    const report = JSON.parse(readFileSync(file, 'utf8'))
    if (report.numPassedTests === 0) fail('jest ran no test')
    return report
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
