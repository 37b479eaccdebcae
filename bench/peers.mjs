/** What others offer, installed into a folder of the benchmark's own, with versions that are pinned here. */

import { spawnSync } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'

/** Not a peer: the strongest client in JavaScript uses it where it is the faster one. */
const UNDICI = { name: 'undici', version: '7.30.2' }

export const PEERS = [
  { client: 'bitwarden', name: '@bitwarden/sdk-napi', version: '1.0.0' },
  { client: 'aws', name: '@aws-sdk/client-secrets-manager', version: '3.1162.0' },
  { client: 'infisical', name: '@infisical/sdk', version: '5.0.2' },
]

/** The folder that they are in; `undefined`, with a word, if they cannot be installed. */
export function installPeers(folder) {
  const dependencies = Object.fromEntries([...PEERS, UNDICI].map(({ name, version }) => [name, version]))
  const manifest = JSON.stringify({ private: true, dependencies }, null, 2)
  const file = path.join(folder, 'package.json')
  const isInstalled = () => readFileSync(path.join(folder, 'installed'), 'utf8') === manifest
  try {
    if (isInstalled()) return folder
  } catch {
    // Not yet.
  }
  mkdirSync(folder, { recursive: true })
  writeFileSync(file, manifest)
  const options = ['install', '--no-audit', '--no-fund', '--ignore-scripts', '--loglevel=error']
  const { status } = spawnSync('npm', options, { cwd: folder, stdio: ['ignore', 'ignore', 'inherit'] })
  if (status !== 0) {
    process.stderr.write('The other SDKs cannot be installed, so their columns stay empty\n')
    return undefined
  }
  writeFileSync(path.join(folder, 'installed'), manifest)
  return folder
}
