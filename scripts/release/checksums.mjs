/** `node scripts/release/checksums.mjs FOLDER`: writes SHA256SUMS of the files of a folder, as `sha256sum --check` reads it. */

import { createHash } from 'node:crypto'
import { readFileSync, readdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

import { fail } from '../setup.mjs'

const NAME = 'SHA256SUMS'

/** @returns the path of the file, and how many others it names */
export function writeChecksums(folder) {
  const names = readdirSync(folder)
    .filter((name) => name !== NAME)
    .sort()
  const lines = names.map((name) => `${sha256(path.join(folder, name))}  ${name}\n`)
  const file = path.join(folder, NAME)
  writeFileSync(file, lines.join(''))
  return { file, count: names.length }
}

function sha256(file) {
  return createHash('sha256').update(readFileSync(file)).digest('hex')
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [folder] = process.argv.slice(2)
  if (!folder) fail('Usage: node scripts/release/checksums.mjs FOLDER')
  const { file, count } = writeChecksums(folder)
  console.log(`${file}: ${count} files`)
}
