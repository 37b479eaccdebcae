/** The peak memory of a process that reads one list, and holds it. */

import { checkList, readFields } from '../data.mjs'
import { done, job, load } from './job.mjs'

const MIB = 1024
const client = await load()
const secrets = await client.list()
readFields(secrets)
const peak = process.resourceUsage().maxRSS / MIB
checkList(secrets, job.count, client.fields)
done({ peak })
