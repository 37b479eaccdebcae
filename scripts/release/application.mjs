/** An application in a folder of its own, which has our packages from npm and nothing from this project's folder. */

import { spawnSync } from 'node:child_process'
import { mkdirSync, readFileSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs'
import path from 'node:path'

import { root } from '../setup.mjs'

const isWindows = process.platform === 'win32'

/** Makes the folder and installs `packages` there: names, or files of packages. */
export function createApplication(folder, packages, { env = process.env, flags = [] } = {}) {
  mkdirSync(folder, { recursive: true })
  writeFileSync(path.join(folder, 'package.json'), JSON.stringify({ name: 'application', private: true }))
  const args = ['install', '--no-audit', '--no-fund', '--loglevel=error', ...flags]
  const installed = spawnSync('npm', [...args, ...packages], {
    cwd: folder,
    env,
    stdio: 'inherit',
    shell: isWindows,
  })
  if (installed.status !== 0) throw new Error(`npm install ${packages.join(' ')} failed`)
}

/** The names of the packages in the folder. */
export function installedPackages(folder) {
  const modules = path.join(folder, 'node_modules')
  return readdirSync(modules)
    .filter((name) => !name.startsWith('.'))
    .flatMap((name) =>
      name.startsWith('@') ? readdirSync(path.join(modules, name)).map((part) => `${name}/${part}`) : [name],
    )
    .sort()
}

/** Runs a program of this project's folder there, as if it had been written for `lockerpm`. */
export function runProgram(folder, source, env) {
  const text = readFileSync(path.join(root, source), 'utf8')
  const name = path.basename(source)
  writeFileSync(path.join(folder, name), text.replace(/(['"])(\.\.\/)+(\.\.|index\.mjs)\1/g, "'lockerpm'"))
  const result = spawnSync(process.execPath, [name], {
    cwd: folder,
    env: { ...environment(folder), ...env },
    stdio: 'inherit',
  })
  if (result.status !== 0) throw new Error(`${source} failed`)
}

/** What a slim machine has: Node.js, and no Rust. */
function environment(folder) {
  // Programs of Windows do not start without some of its variables.
  if (isWindows) return process.env
  const bin = path.join(folder, 'bin')
  mkdirSync(bin, { recursive: true })
  const node = path.join(bin, 'node')
  try {
    symlinkSync(process.execPath, node)
  } catch (error) {
    if (error.code !== 'EEXIST') throw error
  }
  return { PATH: bin, HOME: folder }
}

/** The options of a client of this server, as the environment names them. */
export function credentials({ accessKeyId, accessKeySecret, apiBase }) {
  return {
    LOCKER_ACCESS_KEY_ID: accessKeyId,
    LOCKER_ACCESS_KEY_SECRET: accessKeySecret,
    LOCKER_API_BASE: apiBase,
  }
}
