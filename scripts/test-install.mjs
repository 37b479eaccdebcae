/**
 * `npm run test:install`: packs `lockerpm` and this platform's package, installs both from their files in an empty
 * folder, and runs the quickstart there with no Rust on the PATH.
 */

import { spawnSync } from 'node:child_process'
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'

import { buildServer, fail, installPackages, requireRust, root, run, step } from './setup.mjs'
import { startServer } from './server.mjs'

requireRust()
installPackages()
const work = mkdtempSync(path.join(tmpdir(), 'lockerpm-install-'))
let server
try {
  const tarballs = pack(path.join(work, 'packages'))
  const folder = install(path.join(work, 'application'), tarballs)
  server = await startServer(buildServer('debug'))
  runThere(folder, server)
  console.log('\nThe packages install from their files and run without Rust.')
} finally {
  await server?.stop()
  rmSync(work, { recursive: true, force: true })
}

function readJson(file) {
  return JSON.parse(readFileSync(file, 'utf8'))
}

/** Packs both packages as they would be published, and what they depend on, and gives the files. */
function pack(folder) {
  step('Building the addon (release)')
  const built = path.join(folder, 'built')
  mkdirSync(built, { recursive: true })
  run('npx', [
    'napi',
    'build',
    '--platform',
    '--release',
    '--js',
    'binding.js',
    '--dts',
    'binding.d.ts',
    '--output-dir',
    built,
  ])
  const binary = readdirSync(built).find((name) => name.endsWith('.node'))
  const [, tuple] = binary.split('.')

  step(`Packing lockerpm and its package for ${tuple}`)
  const platform = path.join(folder, 'platform')
  cpSync(path.join(root, 'npm', tuple), platform, { recursive: true })
  cpSync(path.join(built, binary), path.join(platform, binary))

  const main = path.join(folder, 'main')
  const manifest = readJson(path.join(root, 'package.json'))
  for (const name of [...manifest.files, 'README.md', 'LICENSE']) {
    const source = name === 'binding.js' ? built : root
    cpSync(path.join(source, name), path.join(main, name), { recursive: true })
  }
  const platforms = readdirSync(path.join(root, 'npm')).map((name) =>
    readJson(path.join(root, 'npm', name, 'package.json')),
  )
  if (platforms.some(({ version }) => version !== manifest.version))
    fail('the versions under npm/ are not that of package.json')
  manifest.optionalDependencies = Object.fromEntries(platforms.map(({ name, version }) => [name, version]))
  writeFileSync(path.join(main, 'package.json'), JSON.stringify(manifest, null, 2))

  const dependencies = Object.keys(manifest.dependencies).map((name) => path.join(root, 'node_modules', name))
  return [main, platform, ...dependencies].map((source) => {
    const flags = ['--json', '--ignore-scripts', '--pack-destination', folder]
    const packed = spawnSync('npm', ['pack', ...flags], { cwd: source, encoding: 'utf8' })
    if (packed.status !== 0) fail(packed.stderr)
    const [{ filename }] = Object.values(JSON.parse(packed.stdout))
    return path.join(folder, filename)
  })
}

/** Installs the files, and nothing else, in a new folder. */
function install(folder, tarballs) {
  step('Installing in an empty folder')
  mkdirSync(folder)
  writeFileSync(path.join(folder, 'package.json'), JSON.stringify({ name: 'application', private: true }))
  // The packages of the other platforms are not published yet, so npm must not look for them.
  const flags = ['--offline', '--omit=optional', '--no-audit', '--no-fund', '--loglevel=error']
  const installed = spawnSync('npm', ['install', ...flags, ...tarballs], { cwd: folder, stdio: 'inherit' })
  if (installed.status !== 0) fail('npm install failed')
  for (const file of readdirSync(path.join(folder, 'node_modules'), { recursive: true })) {
    if (file.endsWith('.node'))
      console.log(`${file}: ${(statSync(path.join(folder, 'node_modules', file)).size / 1e6).toFixed(2)} MB`)
  }
  return folder
}

/** Runs the quickstart as an application with nothing but Node.js on its PATH. */
function runThere(folder, { accessKeyId, accessKeySecret, apiBase }) {
  step('Running the quickstart there, without Rust')
  const bin = path.join(folder, 'bin')
  mkdirSync(bin)
  symlinkSync(process.execPath, path.join(bin, 'node'))
  const example = readFileSync(path.join(root, 'examples/quickstart/index.mjs'), 'utf8')
  writeFileSync(path.join(folder, 'quickstart.mjs'), example.replace('../../index.mjs', 'lockerpm'))
  writeFileSync(
    path.join(folder, 'commonjs.cjs'),
    "require('lockerpm').Locker.fromEnv().listSync().forEach((secret) => console.log(secret.key))",
  )
  const env = {
    PATH: bin,
    LOCKER_ACCESS_KEY_ID: accessKeyId,
    LOCKER_ACCESS_KEY_SECRET: accessKeySecret,
    LOCKER_API_BASE: apiBase,
  }
  const command = path.join('node_modules', '.bin', 'lockerpm')
  const programs = [
    ['node', 'quickstart.mjs'],
    ['node', 'commonjs.cjs'],
    [command, 'doctor'],
    [command, 'run', '--', 'node', '-e', 'console.log(process.env.QUICKSTART_GREETING.length)'],
  ]
  for (const [program, ...args] of programs) {
    const result = spawnSync(program, args, { cwd: folder, env, stdio: 'inherit' })
    if (result.status !== 0) fail(`${[program, ...args].join(' ')} failed`)
  }
}
