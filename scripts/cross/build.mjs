/** Builds what a platform gets into a folder, and refuses what may not be published. */

import { copyFileSync, mkdirSync } from 'node:fs'
import path from 'node:path'

import { buildPage, root } from '../setup.mjs'
import { cargoFor } from './cargo.mjs'
import { addonFaults, serverFaults } from './check.mjs'
import { exec } from './tools.mjs'

const LIBRARY = { linux: 'liblockerpm.so', darwin: 'liblockerpm.dylib', win32: 'lockerpm.dll' }

/**
 * @param {object} platform one of platforms.mjs
 * @param {{ out: string, debug?: boolean, checkSize?: boolean }} options
 * @returns the path of the artifact
 */
export function buildAddon(platform, { out, debug = false, checkSize = true }) {
  const profile = debug ? 'dev' : 'addon'
  const cargo = cargoFor(platform, { static: false })
  runCargo(cargo, ['--package=lockerpm', '--lib', `--profile=${profile}`])
  const built = path.join(cargo.folder, folderOf(profile), LIBRARY[platform.os])
  const artifact = copy(built, out, platform.file)
  refuse(artifact, addonFaults(artifact, platform, { checkSize: checkSize && !debug }))
  return artifact
}

/** @param {object} server one of platforms.mjs */
export function buildServer(server, { out, debug = false }) {
  buildPage()
  const profile = debug ? 'dev' : 'release'
  const cargo = cargoFor(server, { static: true })
  runCargo(cargo, ['--package=locker-server', `--profile=${profile}`])
  const artifact = copy(path.join(cargo.folder, folderOf(profile), server.executable), out, server.file)
  refuse(artifact, serverFaults(artifact, server))
  return artifact
}

/** The tests of the cryptography, compiled for a platform as its addon is. @returns the paths of their programs */
export function buildCryptoTests(platform, { debug = false }) {
  const cargo = cargoFor(platform, { static: false, verb: 'test' })
  const output = runCargo(cargo, [
    ...['--package=locker-core', '--test=vectors', '--test=sealing'],
    ...['--no-run', '--message-format=json', `--profile=${debug ? 'dev' : 'addon'}`],
  ])
  const messages = output
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line))
  return messages.filter(({ executable }) => executable).map(({ executable }) => executable)
}

function runCargo({ command, args, env }, more) {
  return exec(command, [...args, ...more], { env, cwd: root })
}

function folderOf(profile) {
  return profile === 'dev' ? 'debug' : profile
}

function copy(from, folder, name) {
  mkdirSync(folder, { recursive: true })
  const to = path.join(folder, name)
  copyFileSync(from, to)
  return to
}

function refuse(artifact, faults) {
  if (faults.length > 0) {
    throw new Error(faults.map((fault) => `${path.basename(artifact)} ${fault}`).join('\n'))
  }
}
