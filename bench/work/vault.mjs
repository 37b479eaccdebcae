/** Reads of what is known already. JavaScript has the plaintext in a Map; ours keeps ciphertext, and opens it each time. */

import { checkValue, keysInAll } from '../data.mjs'
import { done, job, load } from './job.mjs'

const BATCH = 1000
const keys = keysInAll(job.keys)
const client = await load()
const kept = client.getKeptSync ? (await client.listKept(), client) : await mapOf(client)

async function mapOf(client) {
  const map = new Map((await client.list()).map(({ key, value }) => [key, value]))
  return { getKept: async (key) => map.get(key), getKeptSync: (key) => map.get(key) }
}

const sync = []
const awaited = []
for (let batch = 0; batch < job.warmUp + job.times; batch++) {
  const values = new Array(BATCH)
  let start = performance.now()
  for (let at = 0; at < BATCH; at++) values[at] = kept.getKeptSync(keys[at % keys.length])
  const ofSync = performance.now() - start
  start = performance.now()
  for (let at = 0; at < BATCH; at++) values[at] = await kept.getKept(keys[at % keys.length])
  const ofAwaited = performance.now() - start
  values.forEach((value, at) => checkValue(value, keys[at % keys.length]))
  if (batch >= job.warmUp) {
    sync.push(ofSync)
    awaited.push(ofAwaited)
  }
}
// Milliseconds for a thousand are microseconds for each.
done({ sync, awaited })
