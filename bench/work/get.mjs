/** Single reads over the network: one after the other, and many at once. */

import { checkValue, keysInAll } from '../data.mjs'
import { done, job, load, timed } from './job.mjs'

const IN_FLIGHT = 32
const keys = keysInAll(job.keys)
const client = await load()

const get = async (key) => {
  const [time, value] = await timed(() => client.get(key))
  checkValue(value, key)
  return time
}

const warm = []
for (let at = 0; at < job.warmUp + job.times; at++) {
  const time = await get(keys[at % keys.length])
  if (at >= job.warmUp) warm.push(time * 1000)
}

let next = 0
const flood = async (until) => {
  while (next < until) await get(keys[next++ % keys.length])
}
const floods = (until) => Promise.all(Array.from({ length: IN_FLIGHT }, () => flood(until)))
await floods(job.warmUp)
const [time] = await timed(() => floods(job.warmUp + job.flood))
done({ warm, perSecond: job.flood / (time / 1000) })
