/** The packages of a release, as the files that `pack.mjs` makes. */

import { createHash } from 'node:crypto'
import { readFileSync, readdirSync } from 'node:fs'
import path from 'node:path'

import { exec } from '../cross/tools.mjs'
import { platforms, servers } from '../platforms.mjs'

/** Whoever installs one of these must find all the others. */
const LAST = ['@lockerpm/server', 'lockerpm']

/** The names of all packages, those first that others want. */
export const packageNames = [...[...platforms, ...servers].map(({ packageName }) => packageName), ...LAST]

/** What a package for a platform is made for. */
const BINARIES = new Map([
  ...platforms.map(({ packageName, file }) => [packageName, file]),
  ...servers.map(({ packageName, executable }) => [packageName, executable]),
])

/** `{ name, version, file, integrity, isEmpty }` of each package in these folders, in the order of `packageNames`. */
export function readPackages(...folders) {
  return folders
    .flatMap((folder) => readdirSync(folder).map((name) => path.resolve(folder, name)))
    .filter((file) => file.endsWith('.tgz'))
    .map(readPackage)
    .sort((one, other) => packageNames.indexOf(one.name) - packageNames.indexOf(other.name))
}

function readPackage(file) {
  const { name, version } = JSON.parse(tar(file, '-xzOf', 'package/package.json'))
  const integrity = `sha512-${createHash('sha512').update(readFileSync(file)).digest('base64')}`
  const binary = BINARIES.get(name)
  const isEmpty = Boolean(binary) && !tar(file, '-tzf').split('\n').includes(`package/${binary}`)
  return { name, version, file, integrity, isEmpty }
}

/** The file goes by its name alone, because to some a path such as C:\ is a host. */
function tar(file, option, ...members) {
  return exec('tar', [option, path.basename(file), ...members], { cwd: path.dirname(file) })
}

/** What is wrong with packages that are to be a release of this version, in words. */
export function packageFaults(packages, version, { mayBeEmpty = false } = {}) {
  const names = packages.map(({ name }) => name)
  return [
    ...packageNames.filter((name) => !names.includes(name)).map((name) => `${name} is missing`),
    ...names.filter((name) => !packageNames.includes(name)).map((name) => `${name} is not one of ours`),
    ...names
      .filter((name, index) => names.indexOf(name) !== index)
      .map((name) => `${name} is there more than once`),
    ...packages
      .filter((one) => one.version !== version)
      .map((one) => `${one.name} is of version ${one.version}, and not ${version}`),
    ...packages.filter(({ isEmpty }) => isEmpty && !mayBeEmpty).map(({ name }) => `${name} has no binary`),
  ]
}
