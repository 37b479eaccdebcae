'use strict'

/**
 * The command that installs an optional dependency which is missing, in the words of the package manager in use. The
 * package `lockerpm` knows the same of itself; neither needs the other.
 */

const { existsSync, readFileSync } = require('node:fs')
const path = require('node:path')

const { name: own, version } = require('./package.json')

/** What each package manager leaves in the folder of an application. The first that is there counts. */
const COMMANDS = {
  'node_modules/.package-lock.json': ofNpm,
  'node_modules/.modules.yaml': () => 'pnpm install',
  'node_modules/.yarn-integrity': () => 'yarn install --force',
  'node_modules/.yarn-state.yml': ofYarn,
  'bun.lock': (wanted) => `bun add --no-save ${wanted}`,
}

function installCommand(wanted) {
  if (process.versions.pnp) return ofYarn(wanted, process.cwd())
  const [folder] = __dirname.split(`${path.sep}node_modules${path.sep}`)
  const trace = Object.keys(COMMANDS).find((file) => existsSync(path.join(folder, file)))
  return (COMMANDS[trace] ?? ofNpm)(wanted, folder)
}

function ofNpm(wanted, folder) {
  // The folder of npx belongs to no application: npx makes another one for another list of packages.
  if (path.basename(path.dirname(folder)) === '_npx')
    return `npx --package=${own}@${version} --package=${wanted} locker-server`
  const global = path.basename(folder) === 'lib' && !existsSync(path.join(folder, 'package.json'))
  return global ? `npm install --global ${own}@${version}` : `npm install --no-save ${wanted}`
}

/** Yarn leaves no optional dependency out, unless this setting names other platforms. */
function ofYarn(_, folder) {
  const settings = path.join(folder, '.yarnrc.yml')
  const isForOthers =
    existsSync(settings) && readFileSync(settings, 'utf8').includes('supportedArchitectures')
  return `${isForOthers ? 'yarn config unset supportedArchitectures && ' : ''}yarn install`
}

module.exports = { installCommand }
