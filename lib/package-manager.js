'use strict'

/**
 * The commands that mend an installation, in the words of the package manager that made it. Each was seen to do so, by
 * the tests in `__test__/install`.
 */

const { existsSync, readFileSync } = require('node:fs')
const path = require('node:path')

const { name: own, version } = require('../package.json')

/** By what each package manager is known: first what it leaves in `node_modules`, then what lies beside it. */
const TRACES = [
  ['npm', 'node_modules/.package-lock.json'],
  ['pnpm', 'node_modules/.modules.yaml'],
  ['yarnClassic', 'node_modules/.yarn-integrity'],
  ['yarn', 'node_modules/.yarn-state.yml'],
  ['npm', 'package-lock.json'],
  ['pnpm', 'pnpm-lock.yaml'],
  ['yarn', '.yarnrc.yml'],
  ['yarnClassic', 'yarn.lock'],
  ['bun', 'bun.lock'],
  ['bun', 'bun.lockb'],
]

const COMMANDS = {
  npm: {
    add: (wanted) => `npm install --no-save ${wanted}`,
    reinstall: () => 'npm ci',
  },
  npmGlobal: {
    add: () => `npm install --global ${own}@${version}`,
    reinstall: () => `npm install --global ${own}@${version}`,
  },
  pnpm: {
    add: () => 'pnpm install',
    reinstall: () => 'pnpm install --force',
  },
  yarnClassic: {
    add: () => 'yarn install --force',
    reinstall: () => 'yarn install --force',
  },
  yarn: {
    add: (_, folder) => `${allArchitectures(folder)}yarn install`,
    reinstall: () => 'rm -r node_modules && yarn install',
  },
  yarnPnp: {
    add: (_, folder) => `${allArchitectures(folder)}yarn install`,
    reinstall: () => 'rm -r .yarn/unplugged && yarn install',
  },
  bun: {
    add: (wanted) => `bun add --no-save ${wanted}`,
    // Files are hard links into the cache, and what damaged one has damaged the other.
    reinstall: () => 'bun pm cache rm && bun install --force',
  },
}

/** The command that installs an optional dependency which is missing. */
function add(wanted) {
  const { manager, folder } = installation()
  return COMMANDS[manager].add(wanted, folder)
}

/** The command that replaces what is installed. */
function reinstall() {
  return COMMANDS[installation().manager].reinstall()
}

/** Who installed this package, and for which folder. */
function installation() {
  if (process.versions.pnp) return { manager: 'yarnPnp', folder: process.cwd() }
  const [folder] = __dirname.split(`${path.sep}node_modules${path.sep}`)
  const found = TRACES.find(([, file]) => existsSync(path.join(folder, file)))
  if (found) return { manager: found[0], folder }
  const global = path.basename(folder) === 'lib' && !existsSync(path.join(folder, 'package.json'))
  return { manager: global ? 'npmGlobal' : 'npm', folder }
}

/** Yarn has no option that leaves optional dependencies out, and this setting, which leaves platforms out. */
function allArchitectures(folder) {
  try {
    const settings = readFileSync(path.join(folder, '.yarnrc.yml'), 'utf8')
    return settings.includes('supportedArchitectures') ? 'yarn config unset supportedArchitectures && ' : ''
  } catch {
    return ''
  }
}

module.exports = { add, reinstall }
