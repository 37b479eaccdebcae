/** `npm test`: sets everything up and runs every check of the project. */

import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'

import { countInstructions, hasValgrind } from './callgrind.mjs'
import { findPostgres, startPostgres } from './postgres.mjs'
import {
  buildAddon,
  buildPage,
  buildServer,
  fail,
  installPackages,
  requireRust,
  root,
  run,
  step,
} from './setup.mjs'

// What an application does all day.
const CHAPTERS = ['secrets', 'environments', 'objects']
const CHROMIUM = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome']

requireRust()
installPackages()

step('Formatting')
run('cargo', ['fmt', '--all', '--check'])
run('npx', ['prettier', '--check', '--log-level=warn', '.'])

step('Workflows')
run('npm', ['run', '--silent', 'lint:workflows'])

// Before the server is compiled for the first time.
buildPage()

step('Clippy')
run('cargo', [
  'clippy',
  '--locked',
  '--workspace',
  '--all-targets',
  '--features',
  'locker-core/bench',
  '--',
  '--deny',
  'warnings',
])

step('API documentation')
run('npm', ['run', '--silent', 'docs'])
run('cargo', ['doc', '--locked', '--no-deps', '--quiet', '--package', 'locker-core'], {
  env: { RUSTDOCFLAGS: '--deny warnings' },
})

step('Tests of the Rust crates')
run('cargo', ['test', '--locked', '--workspace'])

if (hasValgrind()) countInstructions()
else skip('of the instructions of hot paths', 'valgrind', 'valgrind')

const postgres = await findCluster()
if (postgres) {
  step('Tests of locker-server on PostgreSQL')
  run('cargo', ['test', '--locked', '--package', 'locker-server'], {
    env: { LOCKER_TEST_POSTGRES: postgres.url },
  })
}

const server = buildServer('debug')
buildAddon('debug')

step('Type tests of index.d.ts')
run('npm', ['run', '--silent', 'test:types'])

step('The management API against its OpenAPI document')
run('node', ['scripts/test-api.mjs', server])

step('Tests of the web page')
run('npm', ['run', '--silent', 'test:web'])
const chromium = findChromium()
if (chromium) {
  run('npm', ['run', '--silent', 'test:browser'], {
    env: { LOCKER_SERVER_BIN: server, LOCKER_CHROMIUM: chromium },
  })
}

run('npm', ['run', '--silent', 'test:platforms', '--', '--quick'], { env: { LOCKER_SERVER_BIN: server } })

step('Jest, over http and https, and on database files')
const reports = [
  jest([], {}),
  jest(CHAPTERS, { LOCKER_TEST_TLS: '1' }),
  jest(CHAPTERS, { LOCKER_TEST_DATABASE: 'sqlite' }),
  ...(postgres ? [jest(CHAPTERS, { LOCKER_TEST_DATABASE: postgres.url })] : []),
]
postgres?.stop()
const total = (field) => reports.reduce((sum, report) => sum + report[field], 0)
console.log(
  `jest: ${total('numPassedTests')} passed, ${total('numFailedTests')} failed, ${total('numPendingTests')} skipped`,
)

/** A PostgreSQL of our own. Everything that the server does on SQLite it does there too. */
async function findCluster() {
  const bin = findPostgres()
  if (bin) return startPostgres(bin)
  skip('on PostgreSQL', 'PostgreSQL', 'postgresql')
}

function findChromium() {
  const found = (process.env.LOCKER_CHROMIUM ? [process.env.LOCKER_CHROMIUM] : CHROMIUM).find(existsSync)
  if (!found) skip('in a browser', 'Chromium', 'chromium')
  return found
}

/** Says which tests are left out; with CI in the environment none may be. */
function skip(which, program, debianPackage) {
  const missing = `${program} is not installed (Debian: apt-get install ${debianPackage})`
  if (process.env.CI) fail(missing)
  console.error(`Skipped the tests ${which}: ${missing}`)
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
