/** Blocking reads over the network: the first of a process, with all that it needs, and warm ones. */

import { checkValue, keysInAll } from '../data.mjs'
import { done, job } from './job.mjs'

const keys = keysInAll(job.keys)
const start = performance.now()
const { openSync } = job.native ? {} : await import('../clients/sync.mjs')
const client = job.native ? (await import(job.module)).open(job.server) : openSync(job.module, job.server)
checkValue(client.getSync(keys[0]), keys[0])
const first = performance.now() - start

const warm = []
for (let at = 0; at < job.warmUp + job.times; at++) {
  const key = keys[at % keys.length]
  const start = performance.now()
  const value = client.getSync(key)
  const time = performance.now() - start
  checkValue(value, key)
  if (at >= job.warmUp) warm.push(time * 1000)
}
done({ first, warm })
