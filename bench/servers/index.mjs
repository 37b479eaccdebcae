/** The servers that a run needs, started when they are asked for and stopped at its end. */

import { fork, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, rmSync } from 'node:fs'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

import { isSeeded, seed } from './seed.mjs'

const script = (name) => fileURLToPath(new URL(name, import.meta.url))

export class Servers {
  #binary
  #replay
  #folder
  #running = new Map()
  #children = []

  /** @param {{ binary: string, replay: string, folder: string }} given locker-server, the program in `replay`, and a folder for seeded databases */
  constructor({ binary, replay, folder }) {
    this.#binary = binary
    this.#replay = replay
    this.#folder = folder
  }

  /** locker-server on a SQLite file, with a project of `count` secrets. */
  locker(count) {
    return this.#once(`locker ${count}`, async () => {
      const folder = path.join(this.#folder, `seed-${count}`)
      // What a run that broke off has left is no project of so many secrets.
      if (!isSeeded(folder)) rmSync(folder, { recursive: true, force: true })
      mkdirSync(folder, { recursive: true })
      const child = this.#keep(
        spawn(this.#binary, ['dev', '--data-dir', folder], { stdio: ['ignore', 'pipe', 'ignore'] }),
      )
      const [line] = await firstOf(child, once(createInterface(child.stdout), 'line'))
      const ready = JSON.parse(line)
      await seed(ready, count, folder)
      return { ...ready, pid: child.pid }
    })
  }

  /** The same answers, from memory and after `latency` milliseconds; the last value of each page may be `altered`. */
  replay(count, latency = 0, ...altered) {
    return this.#once(`replay ${count} ${latency} ${altered}`, async () => {
      const { apiBase, accessKeyId, accessKeySecret } = await this.locker(count)
      const child = this.#keep(
        spawn(this.#replay, [apiBase, String(latency), ...altered], { stdio: ['pipe', 'pipe', 'inherit'] }),
      )
      const lines = createInterface(child.stdout)
      const [line] = await firstOf(child, once(lines, 'line'))
      const url = new URL(apiBase)
      url.port = JSON.parse(line).port
      return { apiBase: url.href, accessKeyId, accessKeySecret, counts: () => countsOf(child, lines) }
    })
  }

  /** What stands in for the server of Bitwarden, with as many secrets. */
  bitwarden(count) {
    return this.#once(`bitwarden ${count}`, async () => {
      const child = this.#keep(fork(script('bitwarden.mjs'), [String(count)]))
      const [ready] = await firstOf(child, once(child, 'message'))
      return ready
    })
  }

  async stop() {
    for (const child of this.#children) child.kill()
    await Promise.all(
      this.#children.map((child) => child.exitCode ?? child.signalCode ?? once(child, 'exit')),
    )
  }

  #once(name, start) {
    if (!this.#running.has(name)) this.#running.set(name, start())
    return this.#running.get(name)
  }

  #keep(child) {
    this.#children.push(child)
    return child
  }
}

/** What is awaited, unless the process ends before. */
function firstOf(child, awaited) {
  const ended = once(child, 'exit').then(([code]) => {
    throw new Error(`${child.spawnargs.join(' ')} ended with ${code}`)
  })
  ended.catch(() => {})
  return Promise.race([awaited, ended])
}

/** Requests and connections since the last time. */
async function countsOf(child, lines) {
  const answer = once(lines, 'line')
  child.stdin.write('\n')
  const [line] = await answer
  return JSON.parse(line)
}
