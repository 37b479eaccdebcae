/** What `npm start` and `npm test` need before they can begin: tools, packages, the addon and the server. */

import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync, statSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

export const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)))

/** Runs a command in the project's folder; ends this process if it fails. */
export function run(command, args, { env, quiet = false } = {}) {
  const result = spawnSync(command, args, {
    cwd: root,
    env: { ...process.env, ...env },
    stdio: ['ignore', quiet ? 'ignore' : 'inherit', 'inherit'],
    // npm and npx are scripts on Windows.
    shell: process.platform === 'win32',
  })
  if (result.error) fail(`${command} cannot be run: ${result.error.message}`)
  if (result.status !== 0) fail(`"${command} ${args.join(' ')}" failed`)
}

export function fail(message) {
  console.error(`\n${message}`)
  process.exit(1)
}

export function step(title) {
  console.error(`\n> ${title}`)
}

/** Ends this process with a clear word if Rust is missing or too old. */
export function requireRust() {
  const wanted = /^rust-version = "(.+)"$/m.exec(readFileSync(path.join(root, 'Cargo.toml'), 'utf8'))[1]
  const found = spawnSync('rustc', ['--version'], { encoding: 'utf8' }).stdout?.split(' ')[1]
  if (!found) fail(`Rust is needed (${wanted} or later), and rustc is not on the PATH. See https://rustup.rs`)
  if (found.localeCompare(wanted, 'en', { numeric: true }) < 0) {
    fail(`Rust ${wanted} or later is needed, and this is ${found}. Run "rustup update".`)
  }
}

/** When a file was last changed; before everything else, if it is missing. */
function modified(file) {
  return statSync(path.join(root, file), { throwIfNoEntry: false })?.mtimeMs ?? -Infinity
}

/** Installs the npm packages of the lock file, unless they are installed. */
export function installPackages() {
  if (modified('node_modules/.package-lock.json') >= modified('package-lock.json')) return
  step('Installing npm packages')
  // The packages that the build uses bring their binaries along; none needs an install script.
  run('npm', ['ci', '--no-audit', '--no-fund', '--ignore-scripts', '--loglevel=error'])
}

/** Builds the addon: `release` as users get it, `debug` for the tests. */
export function buildAddon(profile) {
  step(`Building the addon (${profile})`)
  run('npm', ['run', '--silent', profile === 'release' ? 'build' : 'build:debug'], { quiet: true })
}

/** Builds the web page, which is compiled into the server, unless it is newer than what it is made of. */
export function buildPage() {
  const folder = 'crates/server/web'
  const sources = readdirSync(path.join(root, folder, 'src'), { recursive: true }).map(
    (file) => `src/${file}`,
  )
  const others = ['index.html', 'package.json', 'tsconfig.json', 'vite.config.ts']
  const newest = Math.max(
    modified('package-lock.json'),
    ...[...sources, ...others].map((file) => modified(`${folder}/${file}`)),
  )
  if (modified(`${folder}/dist/index.html`) >= newest) return
  step('Building the web page')
  run('npm', ['run', '--silent', 'build:web'])
}

/** Builds the server with its web page, and gives the path of its binary. */
export function buildServer(profile) {
  buildPage()
  step(`Building locker-server (${profile})`)
  run('cargo', [
    'build',
    '--locked',
    '--package',
    'locker-server',
    ...(profile === 'release' ? ['--release'] : []),
  ])
  return serverBinary(profile)
}

export function serverBinary(profile) {
  const target = process.env.CARGO_TARGET_DIR ?? path.join(root, 'target')
  return path.resolve(
    root,
    target,
    profile,
    process.platform === 'win32' ? 'locker-server.exe' : 'locker-server',
  )
}
