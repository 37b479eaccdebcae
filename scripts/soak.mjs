/**
 * A long run of one `Locker` against a real server: it has to give the right values all the time, and its process must
 * not grow. `npm run test:long` runs it with everything built for release.
 *
 *     node scripts/soak.mjs [--reads N] [--writes N] [--package FOLDER] [--server BINARY]
 */

import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { parseArgs } from 'node:util'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

import { fail, root, serverBinary } from './setup.mjs'
import { startServer } from './server.mjs'

const SECRETS = 200
/** So many reads make a round. Its writes come first; then one list fills the vault, and most reads come from there. */
const ROUND = 1000
const AT_ONCE = 50
/** How often the memory is measured: by count, because the timers of a busy process are late. */
const SAMPLES = 80
const MIB = 1024 * 1024
const MAX_GROWTH_RATIO = 0.1
const MAX_GROWTH = 16 * MIB

const { values: flags } = parseArgs({
  options: {
    reads: { type: 'string', default: '1000000' },
    writes: { type: 'string', default: '10000' },
    package: { type: 'string', default: root },
    server: { type: 'string', default: serverBinary('release') },
  },
})
const rounds = Math.ceil(wholeNumber('reads', ROUND * SAMPLES) / ROUND)
// A round writes no secret twice, so that it is known which values are right.
const writes = wholeNumber('writes', 0, rounds * SECRETS)
const { Locker } = createRequire(import.meta.url)(path.resolve(flags.package))

// What waits for the collector is no growth, so it runs before each measurement.
setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc')

const folder = mkdtempSync(path.join(tmpdir(), 'lockerpm-soak-'))
const growth = await soak().finally(() => rmSync(folder, { recursive: true, force: true }))
if (growth) fail(growth)
console.log('\nThe values were right, and the memory stayed flat.')

function wholeNumber(name, least, most = Number.MAX_SAFE_INTEGER) {
  const number = Number(flags[name])
  if (!Number.isSafeInteger(number) || number < least || number > most)
    fail(`--${name} needs a whole number from ${least} to ${most}`)
  return number
}

/** Runs everything, prints the memory as it goes, and says how the process grew if it did. */
async function soak() {
  const server = await startServer(path.resolve(flags.server))
  try {
    const { accessKeyId, accessKeySecret, apiBase } = server
    const locker = new Locker({ accessKeyId, accessKeySecret, apiBase, cacheOptions: { dir: folder } })
    const project = await fill(locker)
    const samples = await readAndWrite(locker, project)
    return judge(samples)
  } finally {
    await server.stop()
  }
}

/** Makes the secrets, half of them in an environment, and gives them with the values that are right. */
async function fill(locker) {
  await locker.createEnvironment({ name: 'prod', externalUrl: 'https://example.com' })
  const project = Array.from({ length: SECRETS }, (_, number) => ({
    key: `KEY_${number}`,
    environmentName: number % 2 ? 'prod' : null,
    values: [`value 0 of KEY_${number}`],
  }))
  for (const { key, environmentName, values } of project)
    await locker.create({ key, environmentName, value: values[0] })
  return project
}

async function readAndWrite(locker, project) {
  const samples = []
  const start = performance.now()
  let written = 0
  print('seconds', 'reads', 'writes', 'MiB')
  for (let round = 0; round < rounds; round += 1) {
    const due = Math.floor((writes * (round + 1)) / rounds)
    const changed = Array.from({ length: due - written }, (_, offset) =>
      write(locker, project, written + offset),
    )
    written = due
    for (let number = 0; number < ROUND; number += AT_ONCE) {
      const some = Array.from({ length: AT_ONCE }, (_, offset) =>
        read(locker, project, round * ROUND + number + offset),
      )
      await Promise.all([...some, ...changed.splice(0)])
      if (number === 0) await readAll(locker, project)
    }
    if ((round + 1) * SAMPLES >= (samples.length + 1) * rounds) {
      collectGarbage()
      const rss = process.memoryUsage.rss()
      samples.push(rss)
      const seconds = Math.round((performance.now() - start) / 1000)
      print(seconds, (round + 1) * ROUND, written, (rss / MIB).toFixed(1))
    }
  }
  return samples
}

/** Changes a secret. While that is under way, its old value and its new one are right. */
async function write(locker, project, number) {
  const secret = project[number % SECRETS]
  const { key, environmentName } = secret
  const value = `value ${number + 1} of ${key}`
  secret.values.push(value)
  await locker.modify(key, environmentName, { value, environmentName })
  secret.values = [value]
}

async function read(locker, project, number) {
  if (number % 500 === 1) return readAll(locker, project)
  if (number % 50 === 4) return assert.equal((await locker.getEnvironment('prod')).name, 'prod')
  const secret = project[(number * 7) % SECRETS]
  const { key, environmentName } = secret
  const check = rightFrom(secret)
  const retrieve = async (options) => {
    const found = await locker.retrieve(key, environmentName, options)
    check(found.value)
    assert.deepEqual([found.key, found.environmentName], [key, environmentName])
  }
  if (number % 100 === 2) return check(await locker.get(key, environmentName, undefined, { fetch: true }))
  if (number % 100 === 52) return retrieve({ restTime: 0 })
  if (number % 100 === 53) return check(locker.getSync(key, environmentName, undefined, { restTime: 0 }))
  if (number % 3 === 0) return check(locker.getSync(key, environmentName))
  if (number % 3 === 1) return check(await locker.get(key, environmentName))
  return retrieve()
}

async function readAll(locker, project) {
  const checks = new Map(project.map((secret) => [secret.key, rightFrom(secret)]))
  const list = await locker.list()
  assert.equal(new Set(list.map(({ key }) => key)).size, SECRETS)
  for (const { key, value } of list) checks.get(key)(value)
}

/** A check for the answer of a read that begins now: a write may begin or end before it is answered. */
function rightFrom(secret) {
  const right = [...secret.values]
  return (value) =>
    assert(
      right.includes(value) || secret.values.includes(value),
      `${secret.key} is "${value}", and should be "${secret.values.join('" or "')}"`,
    )
}

function print(...cells) {
  console.log(cells.map((cell) => String(cell).padStart(10)).join(''))
}

/** Compares quarters, of which the first is left out: what is kept once is allocated there. */
function judge(samples) {
  const quarter = SAMPLES / 4
  const median = (from) => {
    const sorted = samples.slice(from, from + quarter).sort((a, b) => a - b)
    return (sorted[quarter / 2 - 1] + sorted[quarter / 2]) / 2
  }
  const [before, after] = [median(quarter), median(3 * quarter)]
  const mib = (bytes) => `${(bytes / MIB).toFixed(1)} MiB`
  console.log(`\nMedian of the second quarter ${mib(before)}, of the last ${mib(after)}`)
  if (after - before <= Math.max(MAX_GROWTH, before * MAX_GROWTH_RATIO)) return undefined
  return `The process grew by ${mib(after - before)} from the second quarter to the last`
}
