/** Many reads at once, of a client that knows nothing yet. */

import { checkValue, keysInAll } from '../data.mjs'
import { done, job } from './job.mjs'

const { Locker } = await import('lockerpm')
const { apiBase, accessKeyId, accessKeySecret } = job.server
const locker = new Locker({ apiBase, accessKeyId, accessKeySecret, cacheOptions: { dir: null } })
const keys = keysInAll(job.keys)
const start = performance.now()
const values = await Promise.all(keys.map((key) => locker.get(key)))
const time = performance.now() - start
values.forEach((value, at) => checkValue(value, keys[at]))
done({ time })
