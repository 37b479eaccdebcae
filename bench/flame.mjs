/**
 * `node bench/flame.mjs list|get|get-sync`: where the time of our client goes, as a flame graph in `bench/NAME.svg`.
 *
 * It wants Linux, `perf` and `inferno` (`cargo install inferno`), and builds an addon of its own, whose stacks perf can read.
 */

import { spawnSync } from 'node:child_process'
import { copyFileSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'

import { buildServer, fail, run, step } from '../scripts/setup.mjs'
import { builtAddon, builtReplay } from './built.mjs'
import { CLIENTS, root } from './bench.mjs'
import { install } from './installed.mjs'
import { Servers } from './servers/index.mjs'

/** What a process does, and how often: long enough for the samples to say something. */
const WORK = {
  list: { title: 'list of 10,000, warm', work: 'list', count: 10_000, warmUp: 5, times: 150 },
  get: {
    title: 'get over the network',
    work: 'get',
    count: 1000,
    keys: 400,
    warmUp: 500,
    times: 20_000,
    flood: 1,
  },
  'get-sync': {
    title: 'blocking getSync',
    work: 'get-sync',
    count: 1000,
    keys: 400,
    warmUp: 500,
    times: 20_000,
  },
}
/** Not a divisor of anything that happens regularly. */
const SAMPLES_PER_SECOND = 4999

const [name] = process.argv.slice(2)
const { title, work, count, ...amount } =
  WORK[name] ?? fail(`Usage: node bench/flame.mjs ${Object.keys(WORK).join('|')}`)
for (const program of ['perf', 'inferno-collapse-perf', 'inferno-flamegraph'])
  if (spawnSync(program, ['--version']).error) fail(`${program} is missing`)

const folder = path.join(root, 'target/bench')
const servers = new Servers({
  binary: process.env.LOCKER_SERVER_BIN ?? buildServer('release'),
  replay: builtReplay(),
  folder,
})
const files = mkdtempSync(path.join(tmpdir(), 'lockerpm-flame-'))
try {
  const readable = { CARGO_PROFILE_ADDON_STRIP: 'none', RUSTFLAGS: '-Cforce-frame-pointers=yes' }
  const target = path.join(root, 'target/flame')
  await install(builtAddon(path.join(target, 'addon'), { ...readable, CARGO_TARGET_DIR: target }))
  const { counts, ...server } = await servers.replay(count)
  const job = { module: CLIENTS.ours, native: true, server, count, ...amount }
  step('Taking samples')
  const recorded = path.join(files, 'perf.data')
  const options = ['record', '--event', 'cpu-clock', '--freq', SAMPLES_PER_SECOND, '-g', '--output', recorded]
  const program = [
    process.execPath,
    '--perf-basic-prof',
    '--no-logfile-per-isolate',
    `--logfile=${path.join(files, 'v8.log')}`,
    path.join(root, 'bench', 'work', `${work}.mjs`),
  ]
  run('perf', [...options.map(String), '--', ...program], {
    quiet: true,
    env: { BENCH_JOB: JSON.stringify(job) },
  })
  const [script, folded, drawn] = ['stacks', 'folded', 'drawn'].map((file) => path.join(files, file))
  pipe('perf', ['script', '--input', recorded], script)
  pipe('inferno-collapse-perf', [script], folded)
  // Where the project is on this machine is nobody's business.
  change(folded, [`file://${root}/bench/`, `${root}/bench/`])
  pipe('inferno-flamegraph', ['--title', title, '--minwidth', '0.3', '--nametype', '', folded], drawn)
  // The comments of the script in it.
  change(drawn, [/^\s*\/\/.*\n/gm])
  copyFileSync(drawn, path.join(root, `bench/${name}.svg`))
} finally {
  rmSync(files, { recursive: true })
  await servers.stop()
}

/** Runs a program whose output is a file. */
function pipe(program, args, file) {
  const ran = spawnSync(program, args, { stdio: ['ignore', openSync(file, 'w'), 'inherit'] })
  if (ran.status !== 0) fail(`${program} failed`)
}

/** Takes something out of a file. */
function change(file, parts) {
  const text = parts.reduce((text, part) => text.replaceAll(part, ''), readFileSync(file, 'utf8'))
  writeFileSync(file, text)
}
