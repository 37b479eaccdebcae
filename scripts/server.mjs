/** Starts `locker-server dev` for a script. */

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'

/** What the server says when it is ready, and `stop`. `args` are further arguments of `dev`. */
export async function startServer(binary, args = []) {
  const child = spawn(binary, ['dev', ...args], { stdio: ['ignore', 'pipe', 'inherit'] })
  const exit = once(child, 'exit')
  const ready = once(createInterface(child.stdout), 'line').then(([line]) => JSON.parse(line))
  const outcome = await Promise.race([ready, exit.then(() => undefined)])
  if (!outcome) throw new Error('locker-server ended before it was ready')
  return { ...outcome, stop: () => (child.kill('SIGTERM'), exit) }
}
