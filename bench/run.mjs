/**
 * `npm run bench`: measures this package beside what else a Node.js user could take, and prints one table.
 *
 *     npm run bench                          everything; writes RESULTS.md and curve.svg
 *     npm run bench -- --quick               a few minutes: no long rows, few samples
 *     npm run bench -- --row list-10000      groups of rows by the beginning of their names; more than once
 *     npm run bench -- --check               fails if a row lost more than a fifth of what budget.json says
 *     npm run bench -- --json FILE           every number
 *     npm run bench -- --write-budget        takes what was reached as the budget
 *
 * `LOCKER_BINDING` and `LOCKER_SERVER_BIN` name binaries that are built already.
 */

import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { parseArgs } from 'node:util'

import { buildServer } from '../scripts/setup.mjs'
import { Bench, root } from './bench.mjs'
import { budgetOf, losses } from './budget.mjs'
import { builtAddon, builtReplay } from './built.mjs'
import { curve } from './curve.mjs'
import { install } from './installed.mjs'
import { machine } from './machine.mjs'
import { measurePace } from './pace.mjs'
import { installPeers } from './peers.mjs'
import { resultOf, table } from './report.mjs'
import { writeResults } from './results.mjs'
import { groups } from './rows.mjs'

const { values: given } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    check: { type: 'boolean', default: false },
    'write-budget': { type: 'boolean', default: false },
    row: { type: 'string', multiple: true },
    json: { type: 'string' },
  },
})

const budgetFile = path.join(root, 'bench/budget.json')
const folder = path.join(root, 'target/bench')
mkdirSync(folder, { recursive: true })
const addon = process.env.LOCKER_BINDING ?? builtAddon(folder)
delete process.env.LOCKER_BINDING
install(addon)
const server = process.env.LOCKER_SERVER_BIN ?? buildServer('release')
const replay = builtReplay()
const chosen = groups.filter(isChosen)
const peers = installPeers(path.join(folder, 'peers'))
const bench = new Bench({ root, folder, addon, server, replay, peers, isQuick: given.quick })

const pace = measurePace()
const results = {}
try {
  await bench.checkHonesty()
  for (const group of chosen) await measure(group).catch((error) => giveUp(group, error))
} finally {
  await bench.servers.stop()
}

const about = { ...machine(server), pace: `${pace.toFixed(2)} times as slow as the machine of the limits` }
console.log(
  `\n${Object.entries(about)
    .map((line) => line.join(': '))
    .join('\n')}\n\n${table(results)}\n`,
)
if (given.json) writeFileSync(given.json, JSON.stringify({ machine: about, results }, null, 2))
if (given['write-budget']) writeBudget()
if (!given.quick && !given.row) writeFull()
if (given.check) check()

function isChosen({ name, isLong, isCurve }) {
  if (given.row) return given.row.some((wanted) => name === wanted || name.startsWith(`${wanted}-`))
  return !given.quick || !(isLong || isCurve)
}

async function measure(group) {
  process.stderr.write(`> ${group.name}\n`)
  const samples = group.derive ? group.derive(results) : await group.measure(bench)
  if (!samples.ours) return
  for (const row of group.rows) results[row.name] = resultOf(row, samples, pace)
}

/** The other groups are worth their time all the same. */
function giveUp({ name }, error) {
  console.error(`${name} cannot be measured:`, error)
  process.exitCode = 1
}

function writeFull() {
  writeFileSync(path.join(root, 'bench/curve.svg'), curve(results))
  writeResults(path.join(root, 'bench/RESULTS.md'), about, results)
}

function writeBudget() {
  const before = existsSync(budgetFile) ? JSON.parse(readFileSync(budgetFile, 'utf8')) : {}
  writeFileSync(budgetFile, `${JSON.stringify({ ...before, ...budgetOf(results) }, null, 2)}\n`)
}

function check() {
  const lost = losses(results, JSON.parse(readFileSync(budgetFile, 'utf8')))
  lost.forEach((loss) => console.error(`LOST ${loss}`))
  if (lost.length > 0) process.exitCode = 1
}
