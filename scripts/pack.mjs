/**
 * `node scripts/pack.mjs ARTIFACTS OUT`: packs what is published. `lockerpm` and `@lockerpm/server` are always made, and of
 * the packages for platforms those whose binary is in ARTIFACTS.
 */

import { spawnSync } from 'node:child_process'
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

import { bundle } from './bundle.mjs'
import { platforms, servers } from './platforms.mjs'
import { fail, root } from './setup.mjs'

/** What npm needs to know of `lockerpm`; the rest of its package.json is for those who work on it. */
const PUBLISHED = [
  'name',
  'version',
  'description',
  'keywords',
  'license',
  'repository',
  'engines',
  'type',
  'sideEffects',
  'main',
  'types',
  'browser',
  'exports',
  'bin',
  'files',
  'dependencies',
  'publishConfig',
]
const ALWAYS = ['README.md', 'LICENSE']

/** Packs into the folder `out`, and gives `{ name, version, file }` of each package, the ones that others want first. */
export function pack({ artifacts, out }) {
  const folder = mkdtempSync(path.join(tmpdir(), 'lockerpm-pack-'))
  try {
    mkdirSync(out, { recursive: true })
    const staged = [
      ...platforms.map(({ tuple, file }) =>
        stagePlatform(path.join(folder, tuple), tuple, path.join(artifacts, file)),
      ),
      ...servers.map(({ name, file, executable }) =>
        stagePlatform(path.join(folder, name), name, path.join(artifacts, file), executable),
      ),
      stage(path.join(folder, 'server'), 'server', { optionalDependencies: wanted(servers) }),
      stageMain(path.join(folder, 'main')),
    ]
    return staged.filter(Boolean).map((source) => npmPack(source, out))
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function readJson(file) {
  return JSON.parse(readFileSync(file, 'utf8'))
}

const { version } = readJson(path.join(root, 'package.json'))

/** Every package for a platform, of exactly the version that wants it. */
function wanted(packages) {
  return Object.fromEntries(packages.map(({ packageName }) => [packageName, version]))
}

/** Copies a package of `npm/` into the folder `staged`, with additions to its package.json, and gives that folder. */
function stage(staged, name, additions = {}) {
  cpSync(path.join(root, 'npm', name), staged, { recursive: true })
  cpSync(path.join(root, 'LICENSE'), path.join(staged, 'LICENSE'))
  const manifest = { ...readJson(path.join(staged, 'package.json')), ...additions }
  if (manifest.version !== version)
    fail(`npm/${name} is of version ${manifest.version}, and lockerpm ${version}`)
  writeFileSync(path.join(staged, 'package.json'), JSON.stringify(manifest, null, 2))
  return staged
}

/** The same for a package of one platform, with its binary; nothing if that is not there. */
export function stagePlatform(staged, name, binary, file = path.basename(binary)) {
  if (!existsSync(binary)) return undefined
  const target = path.join(stage(staged, name), file)
  cpSync(binary, target)
  chmodSync(target, file.endsWith('.node') ? 0o644 : 0o755)
  return staged
}

/** Copies `lockerpm` itself, as it is published, into the folder `staged`, and gives that folder. */
export function stageMain(staged) {
  const manifest = readJson(path.join(root, 'package.json'))
  for (const name of [...manifest.files, ...ALWAYS])
    cpSync(path.join(root, name), path.join(staged, name), { recursive: true })
  const published = Object.fromEntries(PUBLISHED.map((field) => [field, manifest[field]]))
  const complete = { ...published, optionalDependencies: wanted(platforms) }
  writeFileSync(path.join(staged, 'package.json'), JSON.stringify(complete, null, 2))
  bundle(staged)
  return staged
}

function npmPack(source, out) {
  const args = ['pack', '--json', '--ignore-scripts', '--pack-destination', out]
  const packed = spawnSync('npm', args, {
    cwd: source,
    encoding: 'utf8',
    shell: process.platform === 'win32',
  })
  if (packed.status !== 0) fail(packed.stderr)
  const [{ name, filename }] = Object.values(JSON.parse(packed.stdout))
  return { name, version, file: path.join(out, filename) }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [artifacts, out] = process.argv.slice(2)
  if (!artifacts || !out) fail('Usage: node scripts/pack.mjs ARTIFACTS OUT')
  const packed = pack({ artifacts: path.resolve(artifacts), out: path.resolve(out) })
  for (const { file } of packed) console.log(file)
}
