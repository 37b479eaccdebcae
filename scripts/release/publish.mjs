/**
 * `node scripts/release/publish.mjs FOLDER [--check] [--provenance]`: publishes the packages of a folder, with whatever
 * registry and credentials npm has. What is published already is passed over, so a run that broke off is run again.
 * `--check` only says whether the release is complete.
 */

import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'

import { fail } from '../setup.mjs'
import { packageFaults, readPackages } from './packages.mjs'
import { script } from './script.mjs'
import { currentVersion, distTag } from './versions.mjs'

// The first that can exchange the identity of a workflow for the right to publish.
const NPM_WITH_TRUST = '11.5.1'

/** Throws unless the packages are a whole release. */
export function requireComplete(packages, options) {
  const faults = packageFaults(packages, currentVersion(), options)
  if (faults.length > 0) throw new Error(faults.join('\n'))
}

/** @param {{ env?: NodeJS.ProcessEnv, flags?: string[] }} [options] */
export function publish(packages, { env = process.env, flags = [] } = {}) {
  for (const one of packages) {
    const published = publishedIntegrity(one, env)
    if (published && published !== one.integrity)
      throw new Error(`${one.name}@${one.version} is published already, with other content`)
    if (published) console.log(`${one.name}@${one.version} is published already`)
    else publishOne(one, env, flags)
  }
}

function publishOne({ name, version, file }, env, flags) {
  const args = [
    'publish',
    file,
    '--access',
    'public',
    '--tag',
    distTag(version),
    '--ignore-scripts',
    ...flags,
  ]
  const { status, stderr } = npm(args, env)
  if (status !== 0) throw new Error(`${name}@${version} was not published:\n${stderr}`)
  console.log(`${name}@${version}: ${flags.includes('--dry-run') ? 'can be published' : 'published'}`)
}

/** The hash of what is published under this name and version, if anything is. */
function publishedIntegrity({ name, version }, env) {
  const { status, stdout } = npm(['view', `${name}@${version}`, 'dist.integrity', '--json'], env)
  if (status === 0) return stdout.trim() ? JSON.parse(stdout) : undefined
  const { error } = JSON.parse(stdout)
  if (error.code === 'E404') return undefined
  throw new Error(`It cannot be told whether ${name}@${version} is published: ${error.summary ?? error.code}`)
}

function npm(args, env) {
  const result = spawnSync('npm', [...args, '--loglevel=error'], { env, encoding: 'utf8' })
  if (result.error) throw new Error(`npm cannot be run: ${result.error.message}`)
  return result
}

function requireTrust(env) {
  const version = npm(['--version'], env).stdout.trim()
  if (version.localeCompare(NPM_WITH_TRUST, 'en', { numeric: true }) < 0)
    throw new Error(`npm ${NPM_WITH_TRUST} or later is needed, and this is ${version}`)
}

function main() {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { check: { type: 'boolean' }, provenance: { type: 'boolean' } },
  })
  if (positionals.length !== 1)
    fail('Usage: node scripts/release/publish.mjs FOLDER [--check] [--provenance]')
  const packages = readPackages(positionals[0])
  requireComplete(packages)
  if (values.check) return console.log(`All ${packages.length} packages of ${currentVersion()} are here.`)
  if (values.provenance) requireTrust(process.env)
  publish(packages, { flags: values.provenance ? ['--provenance'] : [] })
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await script(main)
