/** `node scripts/release/audit.mjs`: what is known of the dependencies: licences, sources and vulnerabilities. */

import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

import { root } from '../setup.mjs'
import { script } from './script.mjs'
import { cargoTool } from './tools.mjs'

/**
 * Throws if a dependency may not be released.
 * @returns which vulnerabilities could not be asked for, and why; it is an error unless `offline` allows it
 */
export function audit({ offline = false } = {}) {
  cargoDeny(['licenses', 'bans', 'sources'])
  const missing = [advisories(), npmAudit()].filter(Boolean)
  if (missing.length > 0 && !offline) throw new Error(missing.join('\n'))
  return missing
}

function cargoDeny(checks) {
  const result = run(cargoTool('cargo-deny'), ['--locked', 'check', ...checks])
  if (result.status !== 0) throw new Error(result.stderr || result.stdout)
  console.log(`cargo deny: ${checks.join(', ')} ok`)
}

function advisories() {
  const { status, stdout, stderr } = run(cargoTool('cargo-deny'), ['--locked', 'check', 'advisories'])
  if (/failed to (fetch|load|clone|open|acquire) advisory/i.test(stderr))
    return 'cargo deny: the database of advisories cannot be fetched'
  if (status !== 0) throw new Error(stderr || stdout)
  console.log('cargo deny: advisories ok')
}

function npmAudit() {
  const { status, stdout } = run('npm', ['audit', '--omit=dev', '--json'])
  const report = JSON.parse(stdout || '{}')
  if (!report.auditReportVersion)
    return `npm audit: the registry does not answer it (${report.statusCode ?? report.error?.code ?? 'no report'})`
  if (status !== 0) throw new Error(stdout)
  console.log('npm audit: ok')
}

function run(command, args) {
  const result = spawnSync(command, args, { cwd: root, encoding: 'utf8', maxBuffer: 1 << 28 })
  if (result.error) throw new Error(`${command} cannot be run: ${result.error.message}`)
  return result
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await script(() => audit())
