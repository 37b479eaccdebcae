/**
 * `node scripts/build-platform.mjs TUPLE… [--server] [--debug] [--no-size-check] --out DIR`: builds the addons of
 * platforms as they are published, and with `--server` the servers of the same systems.
 */

import { statSync } from 'node:fs'
import { parseArgs } from 'node:util'

import { buildAddon, buildServer } from './cross/build.mjs'
import { megabytes } from './cross/check.mjs'
import { findPlatform, findServer, platforms } from './platforms.mjs'
import { fail, installPackages, step } from './setup.mjs'

const { values: options, positionals: tuples } = parseArgs({
  allowPositionals: true,
  options: {
    out: { type: 'string' },
    server: { type: 'boolean' },
    debug: { type: 'boolean' },
    'no-size-check': { type: 'boolean' },
  },
})
const known = platforms.map(({ tuple }) => tuple).join(', ')
if (!options.out) fail('--out DIR is missing: the folder that gets the artifacts')
if (tuples.length === 0) fail(`Name one platform or more of ${known}`)
const wanted = tuples.map((tuple) => findPlatform(tuple) ?? fail(`There is no ${tuple}; there are ${known}`))

if (options.server) installPackages()
for (const platform of wanted) {
  build(platform.file, () => buildAddon(platform, { ...options, checkSize: !options['no-size-check'] }))
}
if (options.server) {
  for (const server of new Set(wanted.map(findServer))) build(server.file, () => buildServer(server, options))
}

function build(file, make) {
  step(`Building ${file}`)
  try {
    console.log(`${file}: ${megabytes(statSync(make()).size)}`)
  } catch (error) {
    fail(error.message)
  }
}
