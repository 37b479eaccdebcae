/**
 * `npm run bench:instructions`: counts the instructions of the core's hot paths and compares them with the budget. A count
 * is the same each time to a fraction of a percent, also on a busy machine. `-- --write` makes what is counted the budget.
 *
 * Valgrind is a processor of its own: 3.19 has AES-NI and AVX2 and no SHA-NI, so SHA-256 is counted as software. What a count
 * tells is how much is done, not how fast it is. What it shows is compared only with what the same processor and the same
 * compiler gave.
 */

import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

import { fail, root, run, step } from './setup.mjs'

const BUDGET = path.join(root, 'crates/core/benches/instructions.json')
const PATHS = ['enc-string-parse', 'text-open', 'text-seal', 'name-hash', 'page-parse', 'page-open']
/** Hash maps and addresses are random, which changes little. */
const TOLERANCE = 0.02
const BUILD = ['--profile', 'instructions', '--package', 'locker-core', '--features', 'bench']

export const hasValgrind = () => !spawnSync('valgrind', ['--version']).error

/** Ends this process if a path takes more instructions than the budget allows. */
export function countInstructions({ write = false } = {}) {
  step('Instructions of the hot paths, under valgrind')
  run('cargo', ['build', '--quiet', '--locked', ...BUILD, '--example', 'hot_paths'])
  const target = path.resolve(root, process.env.CARGO_TARGET_DIR ?? 'target')
  const counted = count(path.join(target, 'instructions/examples/hot_paths'))
  if (write) writeFileSync(BUDGET, `${JSON.stringify(counted, null, 2)}\n`)
  else compare(counted, JSON.parse(readFileSync(BUDGET, 'utf8')))
}

function count(program) {
  const folder = mkdtempSync(path.join(tmpdir(), 'lockerpm-callgrind-'))
  try {
    const instructions = Object.fromEntries(
      PATHS.map((name) => [name, instructionsOf(program, name, folder)]),
    )
    return { compiler: answerOf('rustc', ['--version']), processor: processorOf(program), instructions }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function instructionsOf(program, name, folder) {
  const options = ['--tool=callgrind', '--toggle-collect=*measured*', `--callgrind-out-file=${folder}/out`]
  const { status, stderr } = spawnSync('valgrind', [...options, program, name], { encoding: 'utf8' })
  const collected = Number(/Collected : (\d+)/.exec(stderr)?.[1])
  if (status !== 0 || !(collected > 0)) fail(`valgrind counts nothing of ${name}:\n${stderr}`)
  return collected
}

/** What the program finds below valgrind. */
function processorOf(program) {
  return answerOf('valgrind', ['--tool=none', '--quiet', program, 'processor'])
}

function answerOf(command, options) {
  const { status, stdout, stderr } = spawnSync(command, options, { encoding: 'utf8' })
  if (status !== 0) fail(`${command} failed:\n${stderr}`)
  return stdout.trim()
}

function compare(counted, budget) {
  const losses = []
  for (const name of PATHS) {
    const [now, allowed] = [counted.instructions[name], budget.instructions[name]]
    const change = now / allowed - 1
    console.log(`${name.padEnd(18)}${now.toLocaleString('en').padStart(14)}  ${percent(change)}`)
    if (!(change <= TOLERANCE)) losses.push(`${name}: ${now} instructions, and the budget is ${allowed}`)
  }
  const differing = ['compiler', 'processor'].filter((field) => counted[field] !== budget[field])
  for (const field of differing) {
    console.error(`Not compared: the ${field} is ${counted[field]}, and the budget is of ${budget[field]}`)
  }
  if (losses.length > 0 && differing.length === 0) {
    fail(`${losses.join('\n')}\nIf that has its worth: npm run bench:instructions -- --write`)
  }
}

const percent = (change) => `${change < 0 ? '−' : '+'}${(Math.abs(change) * 100).toFixed(2)} %`

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  if (!hasValgrind()) fail('valgrind is not installed (Debian: apt-get install valgrind)')
  countInstructions({ write: process.argv.includes('--write') })
}
