/** Starts `locker-server dev` for a script. */

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'

/**
 * What the server says when it is ready, and `stop`.
 *
 * @param {string | string[]} command the binary, perhaps after the words that start it
 * @param {string[]} [args] further arguments of `dev`
 */
export async function startServer(command, args = []) {
  const [program, ...words] = [command].flat()
  const child = spawn(program, [...words, 'dev', ...args], { stdio: ['ignore', 'pipe', 'inherit'] })
  const exit = once(child, 'exit')
  const ready = once(createInterface(child.stdout), 'line').then(([line]) => JSON.parse(line))
  const outcome = await Promise.race([ready, exit.then(() => undefined)])
  if (!outcome) throw new Error('locker-server ended before it was ready')
  return { ...outcome, stop: () => (child.kill('SIGTERM'), exit) }
}
