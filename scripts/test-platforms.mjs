/**
 * `npm run test:platforms`: builds the addon for other platforms as it is published, and tries it there: the smoke test
 * on that platform's Node.js against a real server, and the crypto vectors. `-- TUPLE…` does these only, `--server` also
 * builds their servers and tries the addons against them, and `--debug` does without optimising. `--quick` is the part of
 * `npm test`: one platform, and a check of the code for those that cannot be built here.
 */

import { mkdirSync, mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { parseArgs } from 'node:util'

import { buildAddon, buildCryptoTests, buildServer } from './cross/build.mjs'
import { megabytes } from './cross/check.mjs'
import { readElf } from './cross/elf.mjs'
import { checkForeign } from './cross/foreign-check.mjs'
import { runnerFor } from './cross/runners.mjs'
import { NoStandardLibrary } from './cross/rust.mjs'
import { toolsDir, Unavailable } from './cross/tools.mjs'
import { cryptoTests, smoke } from './cross/try.mjs'
import { findPlatform, findServer, platforms, windowsGnu } from './platforms.mjs'
import { startServer } from './server.mjs'
import { buildServer as buildHostServer, fail, installPackages, requireRust, root, step } from './setup.mjs'

// What every other test runs on.
const HOST = 'linux-x64-gnu'
// It runs at native speed, so a debug build may be slow.
const QUICK = ['linux-x64-musl']
const CHECKED = ['x86_64-pc-windows-msvc', 'aarch64-apple-darwin']

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    server: { type: 'boolean' },
    debug: { type: 'boolean' },
    quick: { type: 'boolean' },
    'no-size-check': { type: 'boolean' },
  },
})
const tried = [...platforms, windowsGnu].filter(({ builtBy }) => builtBy === 'here')
const known = tried.map(({ tuple }) => tuple)
const wanted =
  positionals.length > 0 ? positionals : options.quick ? QUICK : known.filter((tuple) => tuple !== HOST)
if (options.quick) options.debug = true
for (const tuple of wanted) {
  if (!known.includes(tuple)) fail(`${tuple} cannot be tried here; there are ${known.join(', ')}`)
}

requireRust()
installPackages()
const hostServer = process.env.LOCKER_SERVER_BIN ?? buildHostServer('debug')
const work = mkdtempSync(path.join(tmpdir(), 'lockerpm-platforms-'))
process.on('exit', () => rmSync(work, { recursive: true, force: true }))

const rows = []
for (const tuple of wanted) rows.push(await tryPlatform(findPlatform(tuple)))
console.table(Object.fromEntries(rows))
if (options.quick) checkOthers()

/** Of the systems that only their own machines build for, Rust's half of the code is checked. */
function checkOthers() {
  step(`cargo check for ${CHECKED.join(' and ')}`)
  try {
    checkForeign(CHECKED)
  } catch (error) {
    giveUp('the check', error)
  }
}

/** @returns the platform and what is to be said of it */
async function tryPlatform(platform) {
  step(platform.tuple)
  const start = Date.now()
  try {
    const seen = await buildAndTry(platform)
    return [platform.tuple, { ...seen, seconds: Math.round((Date.now() - start) / 1000) }]
  } catch (error) {
    giveUp(platform.tuple, error)
    return [platform.tuple, { 'ran on': 'skipped' }]
  }
}

/** What cannot be had is left out, but not if it was asked for by name, and of a CI only the library's source is missing. */
function giveUp(what, error) {
  if (!(error instanceof Unavailable)) fail(error.stack)
  const mayBeMissing = !process.env.CI || error instanceof NoStandardLibrary
  if (!mayBeMissing || positionals.length > 0) fail(error.message)
  console.error(`Skipped ${what}: ${error.message}`)
}

async function buildAndTry(platform) {
  const scratch = path.join(work, platform.tuple)
  mkdirSync(scratch)
  const runner = runnerFor(platform.tuple, { shared: [root, work, toolsDir], scratch })
  const addon = buildAddon(platform, { out: scratch, ...options, checkSize: !options['no-size-check'] })
  await smokeWith(runner, addon, platform, [hostServer], scratch)
  const vectors = cryptoTests(runner, buildCryptoTests(platform, options), scratch)
  const server =
    options.server && platform.os === 'linux' ? await tryServer(runner, addon, platform, scratch) : {}
  return {
    size: megabytes(statSync(addon).size),
    glibc: platform.os === 'linux' ? (readElf(addon).glibc ?? 'none') : '',
    'ran on': runner.how,
    'crypto tests': vectors,
    ...server,
  }
}

/** The addon against the server of its own platform. */
async function tryServer(runner, addon, platform, scratch) {
  const server = buildServer(findServer(platform), { out: scratch, ...options })
  await smokeWith(runner, addon, platform, runner.program(server), scratch)
  return { server: megabytes(statSync(server).size) }
}

async function smokeWith(runner, addon, platform, words, scratch) {
  const server = await startServer(words, ['--tls-self-signed'])
  try {
    smoke(runner, addon, platform, server, scratch)
  } finally {
    await server.stop()
  }
}
