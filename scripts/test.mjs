/** `npm test`: sets everything up and runs every check of the project. */

import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'

import { buildAddon, buildPage, buildServer, fail, installPackages, requireRust, root, run, step } from './setup.mjs'

requireRust()
installPackages()

step('Formatting')
run('cargo', ['fmt', '--all', '--check'])
run('npx', ['prettier', '--check', '--log-level=warn', '.'])

// Before the server is compiled for the first time.
buildPage()

step('Clippy')
run('cargo', ['clippy', '--locked', '--workspace', '--all-targets', '--', '--deny', 'warnings'])

step('Tests of the Rust crates')
run('cargo', ['test', '--locked', '--workspace'])

const server = buildServer('debug')
buildAddon('debug')

step('Type tests of index.d.ts')
run('npm', ['run', '--silent', 'test:types'])

step('Tests of the web page')
run('npm', ['run', '--silent', 'test:web'])

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
