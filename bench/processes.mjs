/** Runs a piece of work in fresh processes, the clients in turn: A B A B. */

import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const run = promisify(execFile)
const scriptOf = (work) => fileURLToPath(new URL(`work/${work}.mjs`, import.meta.url))
const LONGEST = 10 * 60_000

/**
 * @param {string} work a file of `work/`
 * @param {Record<string, object>} jobs by client
 * @param {{ rounds: number, around?: (client: string, run: () => Promise<object>) => Promise<object> }} options
 * @returns {Promise<Record<string, object[]>>} the samples of each client
 */
export async function interleave(work, jobs, { rounds, around = (_, run) => run() }) {
  const samples = Object.fromEntries(Object.keys(jobs).map((client) => [client, []]))
  for (let round = 0; round < rounds; round++) {
    for (const [client, job] of Object.entries(jobs)) {
      samples[client].push(await around(client, () => sample(work, job)))
    }
  }
  return samples
}

async function sample(work, job) {
  const env = { ...process.env, BENCH_JOB: JSON.stringify(job) }
  const options = { env, timeout: LONGEST, maxBuffer: 1 << 26 }
  const { stdout } = await run(process.execPath, [scriptOf(work)], options)
  return JSON.parse(stdout)
}
