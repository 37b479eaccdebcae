/** Tries what was built for another platform, on that platform's Node.js. */

import { spawnSync } from 'node:child_process'
import { closeSync, openSync, readFileSync } from 'node:fs'
import path from 'node:path'

import { root } from '../setup.mjs'

const SMOKE = path.join(root, '__test__', 'platforms', 'smoke.cjs')

/** Runs an application on the addon, against a server. */
export function smoke(runner, addon, { os, cpu, libc }, server, scratch) {
  const [command, ...words] = [...runner.node, SMOKE]
  const input = {
    server: { ...server, caCert: readFileSync(server.caCertFile, 'utf8') },
    platform: { os, cpu, libc },
  }
  const output = runProgram(command, words, scratch, {
    ...runner.env,
    LOCKER_BINDING: addon,
    SMOKE_INPUT: JSON.stringify(input),
  })
  if (!/^passed: \d+ checks/m.test(output)) throw new Error(`The smoke test did not end:\n${output}`)
}

/** Runs test programs of Rust, and gives how many tests have passed. */
export function cryptoTests(runner, programs, scratch) {
  const passed = programs.map((program) => {
    const [command, ...words] = runner.program(program)
    const output = runProgram(command, words, scratch, runner.env)
    return Number(/^test result: ok\. (\d+) passed/m.exec(output)?.[1] ?? 0)
  })
  if (passed.length === 0 || passed.includes(0)) throw new Error('The tests of the cryptography ran no test')
  return passed.reduce((sum, count) => sum + count, 0)
}

/** Into a file: under Wine, Node.js cannot write to a pipe. */
function runProgram(command, words, scratch, env) {
  const file = path.join(scratch, 'output.txt')
  const output = openSync(file, 'w')
  const result = spawnSync(command, words, {
    cwd: scratch,
    env: { PATH: process.env.PATH, HOME: scratch, TMPDIR: scratch, ...env },
    stdio: ['ignore', output, output],
  })
  closeSync(output)
  const text = readFileSync(file, 'utf8')
  if (result.error) throw new Error(`${command} cannot be run: ${result.error.message}`)
  if (result.status !== 0)
    throw new Error(`"${words.at(-1)}" ended with ${result.status ?? result.signal}:\n${text}`)
  return text
}
