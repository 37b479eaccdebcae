/** What no client can do without: the answers, taken from the socket by a program that does not look at them. */

import { execFileSync } from 'node:child_process'
import path from 'node:path'

import { listPath, nameHash } from './clients/protocol.mjs'
import { keysInAll } from './data.mjs'

const PAGE = 2000

/** A single secret: microseconds. */
export async function floorOfGet(bench, { count, keys, times }) {
  const { projectId } = await bench.servers.locker(count)
  const paths = keysInAll(keys).map((key) => listPath(1, nameHash(projectId, key)))
  const rounds = await receive(bench, count, paths, Math.ceil(times / keys))
  return { ours: rounds.map((taken) => ({ get: taken.map((all) => all / keys) })) }
}

/** A whole list: milliseconds. */
export async function floorOfList(bench, { count, times }) {
  const paths = Array.from({ length: Math.ceil(count / PAGE) }, (_, at) => listPath(at + 1))
  const rounds = await receive(bench, count, paths, times)
  return { ours: rounds.map((taken) => ({ list: taken.map((all) => all / 1000) })) }
}

/** The microseconds of each time, of a few processes. The first time of each, in which locker-server is asked, does not count. */
async function receive(bench, count, paths, times) {
  const { apiBase, accessKeyId } = await bench.servers.replay(count)
  const { host, pathname } = new URL(apiBase)
  const program = path.join(path.dirname(bench.replay), 'bench-round-trip')
  const options = [host, accessKeyId, String(times + 1), ...paths.map((each) => pathname + each)]
  const run = () => JSON.parse(execFileSync(program, options, { encoding: 'utf8' })).slice(1)
  return Array.from({ length: bench.isQuick ? 2 : 5 }, run)
}
