/** The first list of a process, and warm ones: asked of the server (or kept), opened, and every field read. */

import { checkList, readFields } from '../data.mjs'
import { done, job, load, timed } from './job.mjs'

const client = await load()
let expected
const list = async () => {
  const secrets = await (job.isKept ? client.listKept() : client.list())
  const sum = readFields(secrets)
  expected ??= sum
  if (sum !== expected) throw new Error('two lists differ')
  return secrets
}

let [first, secrets] = await timed(list)
checkList(secrets, job.count, client.fields)
secrets = undefined
const warm = []
for (let at = 0; at < job.warmUp + job.times; at++) {
  const [time] = await timed(list)
  if (at >= job.warmUp) warm.push(time)
}
checkList(await client.list(), job.count, client.fields)
done({ first, warm })
