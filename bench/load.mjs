/** locker-server under load: `wrk` for single reads, and what a page costs it. */

import { spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { Agent, request } from 'node:http'
import path from 'node:path'

import { headersOf, listPath, nameHash } from './clients/protocol.mjs'
import { keysInAll } from './data.mjs'

const TICKS_PER_SECOND = 100
const COUNT = 10_000

export async function loadOf(bench) {
  const server = await bench.servers.locker(COUNT)
  if (spawnSync('wrk', ['-v']).error) throw new Error('wrk is missing (Debian: apt-get install wrk)')
  const script = path.join(bench.folder, 'reads.lua')
  writeFileSync(script, scriptOf(server))
  const seconds = bench.isQuick ? 5 : 15
  const options = ['-t1', '-c32', `-d${seconds}s`, '--latency', '-s', script, new URL(server.apiBase).origin]
  const samples = []
  for (let round = 0; round < (bench.isQuick ? 1 : 3); round++) {
    const { stdout, stderr } = spawnSync('wrk', options, { encoding: 'utf8' })
    samples.push(read(stdout + stderr))
  }
  return { ours: samples }
}

/** Another name each time. */
function scriptOf({ apiBase, accessKeyId, projectId }) {
  const base = new URL(apiBase).pathname
  const paths = keysInAll(1000).map((key) => JSON.stringify(base + listPath(1, nameHash(projectId, key))))
  const headers = Object.entries(headersOf(accessKeyId)).map(([name, value]) => `["${name}"] = "${value}"`)
  return `local paths = { ${paths.join(', ')} }
local headers = { ${headers.join(', ')} }
local at = 0
request = function()
  at = at % #paths + 1
  return wrk.format("GET", paths[at], headers)
end
`
}

const UNITS = { us: 0.001, ms: 1, s: 1000 }

function read(report) {
  const wrong = /Non-2xx.*: (\d+)|Socket errors.*/.exec(report)
  if (wrong) throw new Error(`wrk: ${wrong[0]}`)
  const [, p99, unit] = /99%\s+([\d.]+)(us|ms|s)\b/.exec(report)
  return { perSecond: Number(/Requests\/sec:\s+([\d.]+)/.exec(report)[1]), p99: p99 * UNITS[unit] }
}

/** The CPU time of the server for a page of 2,000, with and without gzip. */
export async function pageCpu(bench) {
  const server = await bench.servers.locker(COUNT)
  const pages = bench.isQuick ? 50 : 200
  const agent = new Agent({ keepAlive: true })
  const read = async (encoding) => {
    await ask(agent, server, encoding)
    const before = cpuOf(server.pid)
    for (let page = 0; page < pages; page++) await ask(agent, server, encoding)
    return (cpuOf(server.pid) - before) / pages
  }
  const samples = []
  for (let round = 0; round < 3; round++) {
    samples.push({ cpu: await read('identity'), gzip: await read('gzip') })
  }
  agent.destroy()
  return { ours: samples }
}

function ask(agent, { apiBase, accessKeyId }, encoding) {
  return new Promise((resolve, reject) => {
    const headers = { ...headersOf(accessKeyId), 'accept-encoding': encoding }
    request(apiBase + listPath(1), { agent, headers }, (answer) => {
      if (answer.statusCode !== 200) reject(new Error(`the server answers with ${answer.statusCode}`))
      answer.resume().on('end', resolve).on('error', reject)
    })
      .on('error', reject)
      .end()
  })
}

/** In milliseconds, of all threads. */
function cpuOf(pid) {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  // Behind the name, which may hold anything, utime and stime are the fields 14 and 15.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return ((Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND) * 1000
}
