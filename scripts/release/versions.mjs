/** The version of the project: it stands in many files, and is the same in all of them. */

import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'

import { root } from '../setup.mjs'

// The grammar of https://semver.org, without build metadata, which npm drops.
const VERSION = /^(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(-[\da-z-]+(\.[\da-z-]+)*)?$/i

export function isVersion(text) {
  return VERSION.test(text)
}

/** Prereleases are installed by those who ask for them only. */
export function distTag(version) {
  return version.includes('-') ? 'next' : 'latest'
}

/** The version of package.json, which the others have to follow. */
export function currentVersion() {
  return readJson('package.json').version
}

/** What is wrong with the versions, in words. */
export function versionFaults(version = currentVersion()) {
  return places()
    .map((place) => ({ name: place.name, found: place.read() }))
    .filter(({ found }) => found !== version)
    .map(({ name, found }) => `${name} is of version ${found}, and not ${version}`)
}

export function setVersion(version) {
  for (const place of places()) place.write(version)
}

/** Every place that holds the version. */
function places() {
  const { workspaces } = readJson('package.json')
  const platforms = readdirSync(path.join(root, 'npm')).map((name) => `npm/${name}`)
  const manifests = ['.', ...workspaces, ...platforms].map((folder) =>
    path.posix.join(folder, 'package.json'),
  )
  return [
    ...manifests.filter((file) => existsSync(path.join(root, file))).map(packageManifest),
    ...['', ...workspaces].map(lockedPackage),
    workspaceManifest(),
    textPlace('lib/native.js', 'lib/native.js', /(?<=^const VERSION = ')[^']+/m),
    ...crates().map(lockedCrate),
  ]
}

function packageManifest(file) {
  return {
    name: file,
    read: () => readJson(file).version,
    write: (version) => changeJson(file, (manifest) => (manifest.version = version)),
  }
}

/** An entry of package-lock.json; that of the root package repeats what the file says at its top. */
function lockedPackage(key) {
  const file = 'package-lock.json'
  return {
    name: key ? `${file} (${key})` : file,
    read: () => {
      const lock = readJson(file)
      const { version } = lock.packages[key]
      return key || version === lock.version ? version : `${lock.version} and ${version}`
    },
    write: (version) =>
      changeJson(file, (lock) => {
        lock.packages[key].version = version
        if (!key) lock.version = version
      }),
  }
}

function workspaceManifest() {
  return textPlace('Cargo.toml', 'Cargo.toml', /(?<=^\[workspace\.package\]\nversion = ")[^"]+/m)
}

function lockedCrate(name) {
  return textPlace(
    `Cargo.lock (${name})`,
    'Cargo.lock',
    new RegExp(`(?<=^\\[\\[package\\]\\]\\nname = "${name}"\\nversion = ")[^"]+`, 'm'),
  )
}

function textPlace(name, file, pattern) {
  return {
    name,
    read: () => pattern.exec(readText(file))?.[0],
    write: (version) => writeText(file, readText(file).replace(pattern, version)),
  }
}

/** The names of the workspace's own crates. */
function crates() {
  const [, members] = /^members = \[(.+)\]$/m.exec(readText('Cargo.toml'))
  return [...members.matchAll(/"(.+?)"/g)].map(
    ([, folder]) => /^\[package\]\nname = "(.+)"$/m.exec(readText(path.join(folder, 'Cargo.toml')))[1],
  )
}

function readText(file) {
  return readFileSync(path.join(root, file), 'utf8')
}

function writeText(file, text) {
  writeFileSync(path.join(root, file), text)
}

function readJson(file) {
  return JSON.parse(readText(file))
}

function changeJson(file, change) {
  const value = readJson(file)
  change(value)
  writeText(file, `${JSON.stringify(value, null, 2)}\n`)
}
