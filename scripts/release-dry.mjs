/**
 * `npm run release:dry [-- --artifacts DIR]`: everything that a release does, short of publishing it. The packages go to
 * a registry on 127.0.0.1 and are installed from there by their names. `--artifacts` takes what is built already.
 */

import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { parseArgs } from 'node:util'

import thisPlatform from '../lib/platform.js'
import { exec } from './cross/tools.mjs'
import { pack } from './pack.mjs'
import { findPlatform, findServer, platforms, servers } from './platforms.mjs'
import { createApplication, credentials, installedPackages, runProgram } from './release/application.mjs'
import { audit } from './release/audit.mjs'
import { changelogFaults } from './release/changelog.mjs'
import { writeChecksums } from './release/checksums.mjs'
import { readPackages } from './release/packages.mjs'
import { publish, requireComplete } from './release/publish.mjs'
import { startRegistry } from './release/registry.mjs'
import { writeSboms } from './release/sbom.mjs'
import { script } from './release/script.mjs'
import { currentVersion, versionFaults } from './release/versions.mjs'
import { startServer } from './server.mjs'
import { fail, installPackages, requireRust, root, run, step } from './setup.mjs'

const { values: options } = parseArgs({ options: { artifacts: { type: 'string' } } })
const host =
  thisPlatform.tuples().map(findPlatform).find(Boolean) ?? fail('There is no package for this platform')
const version = currentVersion()
const work = mkdtempSync(path.join(tmpdir(), 'lockerpm-release-'))
// Whatever ends this process: a step that fails does so by `process.exit`.
process.once('exit', () => rmSync(work, { recursive: true, force: true }))
const folder = (name) => {
  const made = path.join(work, name)
  mkdirSync(made)
  return made
}
let registry
await script(async () => {
  try {
    await rehearse()
  } finally {
    await registry?.stop()
  }
})

async function rehearse() {
  requireRust()
  installPackages()
  checkSources()
  const packages = await makePackages()
  registry = await startRegistry(folder('registry'))
  await publishPackages(packages)
  await useByName()
  console.log(`\n${version} could be released. Nothing has left this machine.`)
}

function checkSources() {
  step('Versions')
  const faults = [...versionFaults(), ...changelogFaults(version, { released: false })]
  if (faults.length > 0) throw new Error(faults.join('\n'))
  console.log(`Every file is of version ${version}.`)

  step('Workflows')
  run('npm', ['run', '--silent', 'lint:workflows'])

  step('Dependencies')
  for (const missing of audit({ offline: true })) console.log(`${missing}. Left to the workflow.`)
}

/** Packs what there is, describes it, and gives every package of a release; those without a binary are empty. */
async function makePackages() {
  const artifacts = options.artifacts ? path.resolve(options.artifacts) : build()

  step('Packing')
  const release = folder('release')
  const packed = pack({ artifacts, out: release })
  for (const { name, file } of packed) console.log(`${name}: ${path.basename(file)}`)

  step('Contents and checksums')
  for (const file of writeSboms(release)) console.log(path.basename(file))
  const { file, count } = writeChecksums(release)
  exec('sha256sum', ['--check', '--quiet', path.basename(file)], { cwd: release })
  console.log(`${path.basename(file)}: ${count} files`)

  return readPackages(release, packEmpty(packed.map(({ name }) => name)))
}

function build() {
  const artifacts = folder('artifacts')
  run('node', ['scripts/build-platform.mjs', host.tuple, '--server', '--out', artifacts])
  return artifacts
}

/** Packs what was not built here without its binary: for the registry on 127.0.0.1, and for no other. */
function packEmpty(made) {
  const out = folder('empty')
  const absent = [
    ...platforms.map(({ tuple, packageName }) => ({ packageName, source: tuple })),
    ...servers.map(({ name, packageName }) => ({ packageName, source: name })),
  ].filter(({ packageName }) => !made.includes(packageName))
  for (const { source } of absent)
    exec('npm', ['pack', '--silent', `--pack-destination=${out}`], { cwd: path.join(root, 'npm', source) })
  if (absent.length > 0)
    console.log(
      `Without a binary, because it was not built here: ${absent.map(({ source }) => source).join(', ')}`,
    )
  return out
}

async function publishPackages(packages) {
  step(`Publishing to a registry on this machine: ${registry.url}`)
  requireComplete(packages, { mayBeEmpty: true })
  const { publisher: env } = registry
  await publish(
    packages.filter(({ isEmpty }) => !isEmpty),
    { env, flags: ['--dry-run'] },
  )
  await publish(packages, { env })
}

/** What a user does who has Node.js only. */
async function useByName() {
  step('npm install lockerpm')
  const application = folder('application')
  createApplication(application, ['lockerpm'], { env: registry.user })
  requireInstalled(application, [host.packageName, 'commander', 'lockerpm'])

  step('npx @lockerpm/server dev')
  const server = await startServer(['npx', '--yes', '@lockerpm/server'], [], {
    isGroup: true,
    cwd: folder('elsewhere'),
    env: registry.user,
  })
  try {
    step('The quickstart, without Rust')
    runProgram(application, 'examples/quickstart/index.mjs', credentials(server))
  } finally {
    await server.stop()
  }
}

function requireInstalled(application, wanted) {
  const found = installedPackages(application)
  if (found.join() !== [...wanted].sort().join()) throw new Error(`npm has installed ${found.join(', ')}`)
  console.log(`Installed: ${found.join(', ')}`)
}
