/** `node scripts/release/sbom.mjs OUT`: what the packages are made of, in the form of CycloneDX. */

import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

import { exec } from '../cross/tools.mjs'
import { fail, root } from '../setup.mjs'
import { script } from './script.mjs'
import { cargoTool, npmTool } from './tools.mjs'

const CRATES = { lockerpm: '.', 'locker-server': 'crates/server' }
// It is a part of the others.
const NOT_PUBLISHED = 'crates/core'
// The server's page is compiled into it.
const NPM = { lockerpm: ['--no-workspaces'], 'locker-server': ['--workspace', 'crates/server/web'] }

/** Writes the files, and gives their paths. */
export function writeSboms(out) {
  mkdirSync(out, { recursive: true })
  return [...crates(out), ...packages(out)]
}

/** cargo cyclonedx writes beside each Cargo.toml of the workspace, and to no other place. */
function crates(out) {
  const written = 'lockerpm-sbom'
  const format = ['--format', 'json', '--spec-version', '1.5', '--target', 'all']
  try {
    exec(cargoTool('cargo-cyclonedx'), ['cyclonedx', ...format, '--override-filename', written], {
      cwd: root,
    })
    return Object.entries(CRATES).map(([crate, folder]) => {
      const text = readFileSync(path.join(root, folder, `${written}.json`), 'utf8')
      const file = path.join(out, `${crate}.crates.cdx.json`)
      // Where the project lay is nobody's business.
      writeFileSync(file, text.replaceAll(pathToFileURL(root).href, 'file://.'))
      return file
    })
  } finally {
    for (const folder of [...Object.values(CRATES), NOT_PUBLISHED])
      rmSync(path.join(root, folder, `${written}.json`), { force: true })
  }
}

function packages(out) {
  return Object.entries(NPM).map(([name, which]) => {
    const file = path.resolve(out, `${name}.npm.cdx.json`)
    const flags = ['--package-lock-only', '--omit=dev', '--output-reproducible', `--output-file=${file}`]
    exec(npmTool('cyclonedx-npm'), [...flags, ...which], { cwd: root })
    return file
  })
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [out] = process.argv.slice(2)
  if (!out) fail('Usage: node scripts/release/sbom.mjs OUT')
  await script(() => writeSboms(out).forEach((file) => console.log(file)))
}
