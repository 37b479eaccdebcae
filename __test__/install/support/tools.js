'use strict'

/** Programs that `npm run test:install` has installed: runtimes, package managers, checkers. */

const { existsSync } = require('node:fs')
const path = require('node:path')

const { platform, arch } = process
const windows = platform === 'win32'
const libc = platform === 'linux' ? '-glibc' : ''

const NODE = { 20: '20.20.2', 22: '22.23.3', 24: '24.21.0', 26: '26.10.0' }
const nodePackage = `node-${windows ? 'win' : platform}-${arch}`
/** Without the instructions of newer processors, so that it runs on any. */
const bunPackage = `@oven/bun-${windows ? 'windows' : platform}-${arch === 'arm64' ? 'aarch64' : `${arch}-baseline`}`
const denoPackage = `@deno/${platform}-${arch}${libc}`

/** What is installed beside the packages of `package.json`, for this host. */
const runtimes = {
  ...Object.fromEntries(
    Object.entries(NODE).map(([major, version]) => [`node-${major}`, `npm:${nodePackage}@${version}`]),
  ),
  [bunPackage]: '1.4.5',
  [denoPackage]: '2.9.6',
}

/** The path of a file of an installed tool. */
function tool(...names) {
  const file = path.join(process.env.LOCKERPM_INSTALL_TOOLS, 'node_modules', ...names)
  if (!existsSync(file)) throw new Error(`${names[0]} is not installed: run "npm run test:install"`)
  return file
}

const suffix = windows ? '.exe' : ''
const node = (major) => tool(`node-${major}`, 'bin', `node${suffix}`)
const bun = () => tool(...bunPackage.split('/'), 'bin', `bun${suffix}`)
const deno = () => tool(...denoPackage.split('/'), `deno${suffix}`)

module.exports = { bun, deno, node, nodeMajors: Object.keys(NODE), runtimes, tool }
