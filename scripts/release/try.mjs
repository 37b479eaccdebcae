/**
 * `node scripts/release/try.mjs PACKAGES TUPLE [--jest]`: installs the packages for this platform from their files, runs
 * the smoke test and the quickstart against the server that came along, and with `--jest` the tests of the project.
 */

import { spawnSync } from 'node:child_process'
import { constants, copyFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { parseArgs } from 'node:util'

import { findPlatform, findServer } from '../platforms.mjs'
import { startServer } from '../server.mjs'
import { fail, root, step } from '../setup.mjs'
import { createApplication, credentials, runProgram } from './application.mjs'
import { readPackages } from './packages.mjs'
import { script } from './script.mjs'

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: { jest: { type: 'boolean' } },
})
const [source, tuple] = positionals
const platform = findPlatform(tuple)
if (!platform) fail('Usage: node scripts/release/try.mjs PACKAGES TUPLE [--jest]')

const folder = mkdtempSync(path.join(tmpdir(), 'lockerpm-try-'))
await script(async () => {
  try {
    await tryPackages()
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
})

async function tryPackages() {
  step(`Installing the packages for ${tuple}`)
  // Those of the other platforms are not published yet, so npm must not look for them.
  createApplication(folder, filesFor(platform), { flags: ['--omit=optional'] })
  const require = createRequire(path.join(folder, 'package.json'))
  const server = require('@lockerpm/server').executablePath()
  await runSmokeTest(server)
  await runQuickstart(server)
  if (options.jest) runJest(server, require.resolve(platform.packageName))
  console.log(`\nThe packages for ${tuple} work.`)
}

function filesFor(platform) {
  const packages = readPackages(source)
  const names = [platform.packageName, findServer(platform).packageName, '@lockerpm/server', 'lockerpm']
  return names.map((name) => {
    const found = packages.find((one) => one.name === name)
    if (!found) throw new Error(`${name} is missing in ${source}`)
    return found.file
  })
}

async function runSmokeTest(executable) {
  step('Running the smoke test')
  const { os, cpu, libc } = platform
  await withServer(executable, ['--tls-self-signed'], (ready) => {
    const server = { ...ready, caCert: readFileSync(ready.caCertFile, 'utf8') }
    runProgram(folder, '__test__/platforms/smoke.cjs', {
      SMOKE_INPUT: JSON.stringify({ server, platform: { os, cpu, libc } }),
    })
  })
}

async function runQuickstart(executable) {
  step('Running the quickstart')
  await withServer(executable, [], (server) =>
    runProgram(folder, 'examples/quickstart/index.mjs', credentials(server)),
  )
}

/** The addon goes where a build would have put it, because tests start programs with an environment of their own. */
function runJest(server, binding) {
  step('Running jest')
  const built = path.join(root, platform.file)
  copyFileSync(binding, built, constants.COPYFILE_EXCL)
  try {
    const { status } = spawnSync('npm', ['run', '--silent', 'test:portable'], {
      cwd: root,
      env: { ...process.env, LOCKER_SERVER_BIN: server },
      stdio: 'inherit',
      shell: process.platform === 'win32',
    })
    if (status !== 0) throw new Error('jest failed')
  } finally {
    rmSync(built)
  }
}

async function withServer(executable, args, use) {
  const server = await startServer(executable, args)
  try {
    await use(server)
  } finally {
    await server.stop()
  }
}
