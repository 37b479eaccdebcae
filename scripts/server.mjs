/** Starts `locker-server dev` for a script. */

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'

/**
 * @param {string} server the program, or what `through` finds it by
 * @param {string[]} args further arguments of `dev`
 * @param {{ through?: string[], cwd?: string, env?: NodeJS.ProcessEnv }} [options] `through` is a command that starts it, such as npx
 * @returns what the server says when it is ready, and `stop`
 */
export async function startServer(server, args = [], { through = [], cwd, env } = {}) {
  const [command, ...others] = [...through, server, 'dev', ...args]
  // npx ends and leaves the server behind. Together they are a group of processes.
  const isGroup = through.length > 0
  const child = spawn(command, others, { cwd, env, stdio: ['ignore', 'pipe', 'inherit'], detached: isGroup })
  // Not before every process that can write has ended.
  const end = once(child, 'close')
  const ready = once(createInterface(child.stdout), 'line').then(([line]) => JSON.parse(line))
  const outcome = await Promise.race([ready, end.then(() => undefined)])
  if (!outcome) throw new Error('locker-server ended before it was ready')
  const stop = () => (process.kill(isGroup ? -child.pid : child.pid, 'SIGTERM'), end)
  return { ...outcome, stop }
}
