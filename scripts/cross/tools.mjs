/** Where the tools of the cross builds are kept, and how they get there. */

import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs'
import { homedir } from 'node:os'
import path from 'node:path'

export const toolsDir = path.resolve(
  process.env.LOCKER_TOOLS_DIR ??
    path.join(process.env.XDG_CACHE_HOME ?? path.join(homedir(), '.cache'), 'lockerpm'),
)

/** Something cannot be had on this machine. The message is one line that says what and why. */
export class Unavailable extends Error {}

/**
 * A folder of the tools. The first time `fill` is called with an empty folder to fill; if it fails or is
 * interrupted, nothing half filled is taken for the tool later.
 */
export function provide(name, fill) {
  const folder = path.join(toolsDir, name)
  if (existsSync(folder)) return folder
  mkdirSync(toolsDir, { recursive: true })
  console.error(`Getting ${name}`)
  const fresh = mkdtempSync(`${folder}.`)
  try {
    fill(fresh)
    renameSync(fresh, folder)
  } finally {
    rmSync(fresh, { recursive: true, force: true })
  }
  return folder
}

/** Runs a command and gives what it wrote to stdout. Only if it fails is the rest of its output shown. */
export function exec(command, args, { env, cwd } = {}) {
  const result = spawnSync(command, args, {
    cwd,
    env: { ...process.env, ...env },
    encoding: 'utf8',
    maxBuffer: 1 << 28,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  if (result.error) throw new Error(`${command} cannot be run: ${result.error.message}`)
  if (result.status !== 0) {
    throw new Error(
      `"${[command, ...args].join(' ')}" ended with ${result.status ?? result.signal}:\n${result.stdout}${result.stderr}`,
    )
  }
  return result.stdout
}

/** Like `exec`, for a command without which something cannot be had: its last word is the reason. */
export function attempt(what, command, args, options) {
  try {
    return exec(command, args, options)
  } catch (error) {
    const reason = error.message.trim().split('\n').at(-1)
    throw new Unavailable(`${what} cannot be had: ${reason}`)
  }
}
