/** For how long a list keeps the event loop from everything else at a time. */

import { checkList } from '../data.mjs'
import { done, job, load } from './job.mjs'

const client = await load()
await client.list()
const longest = []
for (let at = 0; at < job.times; at++) {
  let worst = 0
  let before = performance.now()
  const tick = () => {
    const now = performance.now()
    worst = Math.max(worst, now - before - 1)
    before = now
  }
  const timer = setInterval(tick, 1)
  const secrets = await client.list()
  // What follows the answer at once, and what was still waiting for it.
  await new Promise(setImmediate)
  tick()
  clearInterval(timer)
  longest.push(worst)
  if (at === 0) checkList(secrets, job.count, client.fields)
}
done({ longest })
