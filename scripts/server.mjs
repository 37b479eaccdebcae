/** Starts `locker-server dev` for a script. */

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'

/**
 * What the server says when it is ready, and `stop`.
 *
 * @param {string | string[]} command the binary, perhaps after the words that start it
 * @param {string[]} [args] further arguments of `dev`
 * @param {{ isGroup?: boolean, cwd?: string, env?: NodeJS.ProcessEnv }} [options] `isGroup` if the command, like npx, starts
 *   the server and may end before it
 */
export async function startServer(command, args = [], { isGroup = false, cwd, env } = {}) {
  const [program, ...words] = [command].flat()
  const options = { cwd, env, stdio: ['ignore', 'pipe', 'inherit'], detached: isGroup }
  const child = spawn(program, [...words, 'dev', ...args], options)
  // Not before every process that can write has ended.
  const end = once(child, 'close')
  const ready = once(createInterface(child.stdout), 'line').then(([line]) => JSON.parse(line))
  const outcome = await Promise.race([ready, end.then(() => undefined)])
  if (!outcome) throw new Error('locker-server ended before it was ready')
  const stop = () => (process.kill(isGroup ? -child.pid : child.pid, 'SIGTERM'), end)
  return { ...outcome, stop }
}
