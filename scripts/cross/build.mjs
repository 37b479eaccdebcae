/** Builds the artifacts of a platform into a folder, and refuses those that may not be published. */

import { copyFileSync, mkdirSync } from 'node:fs'
import path from 'node:path'

import { buildPage, root } from '../setup.mjs'
import { cargoFor } from './cargo.mjs'
import { addonFaults, megabytes, serverFaults } from './check.mjs'
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
  exec(cargo.command, [...cargo.args, '--package=lockerpm', '--lib', `--profile=${profile}`], {
    env: cargo.env,
    cwd: root,
  })
  const artifact = copy(
    path.join(cargo.folder, debug ? 'debug' : profile, LIBRARY[platform.os]),
    out,
    platform.file,
  )
  refuse(artifact, addonFaults(artifact, platform, { checkSize: checkSize && !debug }))
  return artifact
}

/** @param {object} server one of platforms.mjs */
export function buildServer(server, { out, debug = false }) {
  buildPage()
  const cargo = cargoFor(server, { static: true })
  exec(cargo.command, [...cargo.args, '--package=locker-server', `--profile=${debug ? 'dev' : 'release'}`], {
    env: cargo.env,
    cwd: root,
  })
  const artifact = copy(
    path.join(cargo.folder, debug ? 'debug' : 'release', server.executable),
    out,
    server.file,
  )
  refuse(artifact, serverFaults(artifact, server))
  return artifact
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
