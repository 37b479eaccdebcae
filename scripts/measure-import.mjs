/** What `import 'lockerpm'` costs over a bare Node.js, as installed from the packed packages. A part of `npm run test:install`. */

import { spawnSync } from 'node:child_process'
import { createRequire } from 'node:module'

const RUNS = 15

const require = createRequire(import.meta.url)
const { makeApplication } = require('../__test__/install/support/application.js')

const REPORT = `
  const { user, system } = process.cpuUsage()
  console.log(JSON.stringify({ cpu: (user + system) / 1000, rss: process.memoryUsage.rss() / 1024 / 1024 }))`
const programs = { bare: REPORT, lockerpm: `import 'lockerpm'\n${REPORT}` }

const application = makeApplication()
try {
  application.install(['lockerpm'])
  const results = { bare: [], lockerpm: [] }
  const measure = (name) => {
    const args = ['--input-type=module', '--eval', programs[name]]
    const { stdout, stderr } = spawnSync(process.execPath, args, {
      cwd: application.folder,
      encoding: 'utf8',
    })
    if (stderr) throw new Error(stderr)
    return JSON.parse(stdout)
  }
  // The first ones read the files from the disk. The others alternate, so that what else runs here disturbs both alike.
  for (const name of Object.keys(programs)) measure(name)
  for (let run = 0; run < RUNS; run += 1)
    for (const name of Object.keys(programs)) results[name].push(measure(name))
  const more = (field) => median(results.lockerpm, field) - median(results.bare, field)
  console.log(
    `import 'lockerpm': ${more('cpu').toFixed(1)} ms of CPU and ${more('rss').toFixed(1)} MB over bare Node.js ` +
      `${process.version}, which takes ${median(results.bare, 'cpu').toFixed(0)} ms (medians of ${RUNS})`,
  )
} finally {
  application.remove()
}

function median(list, field) {
  const sorted = list.map((one) => one[field]).sort((one, other) => one - other)
  return sorted[Math.floor(sorted.length / 2)]
}
