/** What a group of rows is measured with: servers, clients, and processes of each in turn. */

import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

import { keysInAll } from './data.mjs'
import { PEERS } from './peers.mjs'
import { interleave } from './processes.mjs'
import { Servers } from './servers/index.mjs'

const moduleOf = (client) => new URL(`clients/${client}.mjs`, import.meta.url).href
export const CLIENTS = {
  ours: moduleOf('ours'),
  best: moduleOf('best/http'),
  'best, undici': moduleOf('best/undici'),
  plain: moduleOf('plain'),
  bitwarden: moduleOf('bitwarden'),
}
/** An answer of a small project. */
const SMALL = 1000

export class Bench {
  /** The sizes of lists whose answers the replaying server has. */
  #recorded = new Set()

  /** @param {{ root: string, folder: string, addon: string, server: string, replay: string, peers?: string, isQuick: boolean }} given */
  constructor({ root, folder, addon, server, replay, peers, isQuick }) {
    Object.assign(this, { root, folder, addon, replay, peers, isQuick })
    this.servers = new Servers({ binary: server, replay, folder })
  }

  /** Work of `work/` in processes of each client. With `undici` the best one uses that. A peer that is not installed is left out. */
  async processes(work, clients, { count, rounds, undici, ...rest }) {
    const replay = await this.servers.replay(count)
    const jobs = {}
    for (const client of clients.filter((name) => name !== 'bitwarden' || this.peers)) {
      const module = CLIENTS[undici && this.peers && client === 'best' ? 'best, undici' : client]
      jobs[client] = { module, native: client === 'ours', server: { ...replay }, count, ...rest }
      if (undici && this.peers) jobs[client].server.undici = this.#peer('undici')
      if (client === 'bitwarden') {
        jobs[client].server = {
          ...(await this.servers.bitwarden(count)),
          sdk: this.#peer('@bitwarden/sdk-napi'),
        }
      }
    }
    await this.#record(count, jobs)
    const around = async (client, run) => {
      await replay.counts()
      const sample = await run()
      return { ...sample, requests: (await replay.counts()).requests }
    }
    return interleave(work, jobs, { rounds, around })
  }

  /** Has each client list once: the first to ask for a page waits for locker-server. */
  async #record(count, jobs) {
    if (this.#recorded.has(count)) return
    this.#recorded.add(count)
    const listing = Object.entries(jobs).map(([client, job]) => [client, { ...job, warmUp: 0, times: 0 }])
    await interleave('list', Object.fromEntries(listing), { rounds: 1 })
  }

  /**
   * From import to first secret, `latency` milliseconds from the server; of ours with nothing on disk, with the `profile`
   * there, or with the very `secret`.
   */
  async coldStarts(clients, { latency, cache, rounds }) {
    const replay = await this.servers.replay(SMALL, latency)
    const [key, other] = keysInAll(2)
    const jobs = Object.fromEntries(
      clients.map((client) => [client, { module: CLIENTS[client], server: { ...replay }, key }]),
    )
    const around = async (client, run) => {
      const folder = cache && mkdtempSync(path.join(tmpdir(), 'lockerpm-bench-'))
      if (cache) {
        const job = { ...jobs[client], key: cache === 'profile' ? other : key }
        jobs[client].server.cacheDir = job.server.cacheDir = folder
        await interleave('cold', { [client]: job }, { rounds: 1 })
      }
      await replay.counts()
      const sample = await run()
      if (folder) rmSync(folder, { recursive: true })
      return { ...sample, requests: (await replay.counts()).requests }
    }
    // The answers are recorded before anything is measured.
    await interleave('cold', jobs, { rounds: 1, around })
    return interleave('cold', jobs, { rounds, around })
  }

  /** Importing each package. */
  imports({ rounds }) {
    const peers = this.peers ? PEERS.map(({ client, name }) => [client, { module: this.#peer(name) }]) : []
    return interleave('import', { ours: { module: 'lockerpm' }, ...Object.fromEntries(peers) }, { rounds })
  }

  /** Importing a package that has nothing in it. */
  emptyImports({ rounds }) {
    return interleave('import', { ours: { module: 'empty' } }, { rounds })
  }

  /** The addon that `lockerpm` loads here. */
  addonSize() {
    return statSync(this.addon).size
  }

  /** That no client takes a value whose MAC is wrong: who skips it would be faster. */
  async checkHonesty() {
    const replay = await this.servers.replay(SMALL, 0, 'altered')
    for (const client of ['ours', 'best', 'plain']) {
      const { open } = await import(CLIENTS[client])
      const refused = await open({ ...replay, logger: () => {} })
        .list()
        .then(
          () => false,
          () => true,
        )
      if (!refused) throw new Error(`${client} lists a value whose MAC is wrong`)
    }
  }

  #peer(name) {
    const require = createRequire(path.join(this.peers, 'package.json'))
    return require.resolve(name)
  }
}

export const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)))
