/**
 * How fast this machine is. The limits of `rows.mjs` that are times were set on a machine where a Node.js that does nothing
 * takes 82 ms; where it takes twice as long, twice the time is allowed. Ratios to other clients need no such help.
 */

import { spawnSync } from 'node:child_process'

const BARE_NODE_MS = 82
/** The least of them counts, which other work on the machine disturbs least. */
const SAMPLES = 20

/** How many times slower this machine is than that one, at least 1. */
export function measurePace() {
  const times = Array.from({ length: SAMPLES }, () => {
    const start = performance.now()
    spawnSync(process.execPath, ['--eval', '0'])
    return performance.now() - start
  })
  return Math.max(1, Math.min(...times) / BARE_NODE_MS)
}
