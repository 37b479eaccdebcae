/**
 * `node scripts/release/publish.mjs FOLDER [--check] [--provenance]`: publishes the packages of a folder, with whatever
 * registry and credentials npm has. What is published already is passed over, so a run that broke off is run again.
 * `--check` only says whether the release is complete.
 */

import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { parseArgs, promisify } from 'node:util'

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

/**
 * Publishes those that are not there yet, in their order. Nothing is published if one is there with other content.
 * @param {{ env?: NodeJS.ProcessEnv, flags?: string[] }} [options]
 */
export async function publish(packages, { env = process.env, flags = [] } = {}) {
  const registry = (await npm(['config', 'get', 'registry'], env)).trim()
  const missing = []
  for (const one of packages) {
    const published = await publishedIntegrity(one, registry)
    if (!published) missing.push(one)
    else if (published === one.integrity) console.log(`${one.name}@${one.version} is published already`)
    else throw new Error(`${one.name}@${one.version} is published already, with other content`)
  }
  for (const one of missing) await publishOne(one, env, flags)
}

async function publishOne({ name, version, file }, env, flags) {
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
  await npm(args, env)
  console.log(`${name}@${version}: ${flags.includes('--dry-run') ? 'can be published' : 'published'}`)
}

/** The hash of what is published under this name and version, if anything is. */
async function publishedIntegrity({ name, version }, registry) {
  const response = await fetch(new URL(`${encodeURIComponent(name)}/${version}`, registry))
  if (response.status === 404) return undefined
  if (!response.ok)
    throw new Error(`It cannot be told whether ${name}@${version} is published: HTTP ${response.status}`)
  const { dist } = await response.json()
  return dist.integrity
}

/** What npm wrote. This process goes on meanwhile, so that it sees when a registry closes a connection. */
async function npm(args, env) {
  const { stdout } = await promisify(execFile)('npm', [...args, '--loglevel=error'], { env })
  return stdout
}

async function requireTrust(env) {
  const version = (await npm(['--version'], env)).trim()
  if (version.localeCompare(NPM_WITH_TRUST, 'en', { numeric: true }) < 0)
    throw new Error(`npm ${NPM_WITH_TRUST} or later is needed, and this is ${version}`)
}

async function main() {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { check: { type: 'boolean' }, provenance: { type: 'boolean' } },
  })
  if (positionals.length !== 1)
    fail('Usage: node scripts/release/publish.mjs FOLDER [--check] [--provenance]')
  const packages = readPackages(positionals[0])
  requireComplete(packages)
  if (values.check) return console.log(`All ${packages.length} packages of ${currentVersion()} are here.`)
  if (values.provenance) await requireTrust(process.env)
  await publish(packages, { flags: values.provenance ? ['--provenance'] : [] })
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await script(main)
