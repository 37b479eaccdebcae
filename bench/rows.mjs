/**
 * The table: what is measured, of whom, and what ours is to reach. A group is measured together and gives its rows.
 *
 * A row's `targets` are ratios to another client (`over`, `times`) or limits of our own number (`atMost`, `atLeast`).
 */

import { coreOf } from './core.mjs'
import { floorOfGet, floorOfList } from './floor.mjs'
import { loadOf, pageCpu } from './load.mjs'

const ms = 'ms'
const us = 'µs'
const SCRIPTED = ['ours', 'best', 'plain']

const over = (best, plain) => [
  { over: 'best', times: best },
  ...(plain ? [{ over: 'plain', times: plain }] : []),
]
const atMost = (limit) => [{ atMost: limit }]
const atLeast = (limit) => [{ atLeast: limit }]
const text = (count) => count.toLocaleString('en')

/** How often, by the size of the list: seconds for each client. */
function timesOf(count, quick) {
  if (count >= 100_000) return { warmUp: 0, times: 2, rounds: quick ? 1 : 3 }
  if (count >= 10_000) return { warmUp: 2, times: quick ? 4 : 8, rounds: quick ? 2 : 5 }
  return { warmUp: 10, times: quick ? 15 : 30, rounds: quick ? 2 : 5 }
}

function listGroup(count, targets) {
  return {
    name: `list-${count}`,
    isLong: count >= 100_000,
    measure: (bench) => {
      const clients = count <= 10_000 && targets ? [...SCRIPTED, 'bitwarden'] : SCRIPTED
      return bench.processes('list', clients, { count, ...timesOf(count, bench.isQuick) })
    },
    rows: [
      {
        name: `list-${count}-warm`,
        title: `list of ${text(count)}, warm, every field read`,
        metric: 'warm',
        unit: ms,
        targets: targets?.warm,
      },
      {
        name: `list-${count}-first`,
        title: `list of ${text(count)}, first of a process`,
        metric: 'first',
        unit: ms,
        targets: targets?.first,
      },
    ],
  }
}

function memoryGroup(count, limit) {
  return {
    name: `memory-${count}`,
    isLong: count >= 100_000,
    measure: (bench) => bench.processes('memory', SCRIPTED, { count, rounds: bench.isQuick ? 2 : 5 }),
    rows: [
      {
        name: `memory-${count}`,
        title: `peak memory, list of ${text(count)}`,
        metric: 'peak',
        unit: 'MiB',
        targets: [{ over: 'best', times: 1 }, ...atMost(limit)],
      },
    ],
  }
}

/** The start of a process: `job` says with what cache. */
function coldGroup(name, title, { clients = SCRIPTED, latency = 0, cache, requests, targets }) {
  return {
    name,
    measure: (bench) => bench.coldStarts(clients, { latency, cache, rounds: bench.isQuick ? 5 : 15 }),
    rows: [
      { name, title, metric: 'time', unit: ms, targets },
      ...(requests === undefined
        ? []
        : [
            {
              name: `${name}-round-trips`,
              title: `${title.replace(/,? ?20 ms[^,]*/, '')}: round trips`,
              metric: 'requests',
              unit: '',
              targets: atMost(requests),
            },
          ]),
      ...(name === 'cold'
        ? [
            {
              name: 'cold-memory',
              title: 'memory added by import and first get',
              metric: 'memory',
              unit: 'MiB',
            },
            { name: 'cold-cpu', title: 'CPU of import and first get', metric: 'cpu', unit: ms },
          ]
        : []),
    ],
  }
}

export const CURVE = [100, 300, 1000, 3000, 10_000, 30_000, 100_000]

export const groups = [
  listGroup(1000, { warm: over(5, 25) }),
  listGroup(10_000, { warm: over(5, 25), first: over(4) }),
  listGroup(100_000, { warm: over(5, 25) }),
  ...CURVE.filter((count) => ![1000, 10_000, 100_000].includes(count)).map((count) => ({
    ...listGroup(count),
    isCurve: true,
  })),
  {
    name: 'floor-list',
    measure: (bench) => floorOfList(bench, { count: 10_000, times: bench.isQuick ? 10 : 30 }),
    rows: [
      {
        name: 'floor-list',
        title: 'the pages of 10,000, taken from a plain socket and not looked at',
        metric: 'list',
        unit: ms,
      },
    ],
  },
  {
    name: 'vault-list',
    measure: (bench) =>
      bench.processes('list', ['ours'], {
        count: 10_000,
        isKept: true,
        warmUp: 2,
        times: bench.isQuick ? 4 : 8,
        rounds: bench.isQuick ? 2 : 5,
      }),
    rows: [
      {
        name: 'vault-list',
        title: 'list of 10,000 from the vault, every field read',
        metric: 'warm',
        unit: ms,
      },
    ],
  },
  {
    name: 'growth',
    isLong: true,
    derive: (results) => {
      const [small, large] = [results['list-1000-warm'], results['list-100000-warm']]
      if (!small || !large) return {}
      const clients = SCRIPTED.filter((client) => small[client] && large[client])
      return Object.fromEntries(
        clients.map((client) => [
          client,
          [{ factor: large[client].median / 100_000 / (small[client].median / 1000) }],
        ]),
      )
    },
    rows: [
      {
        name: 'growth',
        title: 'time for each secret, list of 100,000 over list of 1,000',
        metric: 'factor',
        unit: '×',
        targets: atMost(1.5),
      },
    ],
  },
  {
    name: 'blocked',
    measure: (bench) =>
      bench.processes('blocked', SCRIPTED, {
        count: 10_000,
        times: bench.isQuick ? 3 : 8,
        rounds: bench.isQuick ? 2 : 5,
      }),
    rows: [
      {
        name: 'blocked',
        title: 'event loop blocked at a time, list of 10,000',
        metric: 'longest',
        unit: ms,
        targets: atMost(5),
      },
    ],
  },
  memoryGroup(10_000, 75),
  memoryGroup(100_000, 140),
  {
    name: 'import',
    measure: (bench) => bench.imports({ rounds: bench.isQuick ? 5 : 15 }),
    rows: [
      { name: 'import-cpu', title: 'import: CPU', metric: 'cpu', unit: ms, targets: atMost(10) },
      { name: 'import-memory', title: 'import: memory', metric: 'memory', unit: 'MiB', targets: atMost(3) },
    ],
  },
  {
    name: 'floor-import',
    measure: (bench) => bench.emptyImports({ rounds: bench.isQuick ? 5 : 15 }),
    rows: [
      {
        name: 'floor-import-cpu',
        title: 'import of an empty package of that form: CPU',
        metric: 'cpu',
        unit: ms,
      },
      { name: 'floor-import-memory', title: 'the same: memory', metric: 'memory', unit: 'MiB' },
    ],
  },
  coldGroup('cold', 'cold process, import to first secret', { requests: 2, targets: over(2) }),
  coldGroup('cold-20ms', 'cold process, 20 ms from the server', { latency: 20, targets: over(1) }),
  coldGroup('cold-profile', 'cold process, 20 ms, profile on disk', {
    clients: ['ours'],
    latency: 20,
    cache: 'profile',
    requests: 1,
  }),
  coldGroup('cold-disk', 'cold process, 20 ms, secret on disk', {
    clients: ['ours'],
    latency: 20,
    cache: 'secret',
    requests: 0,
  }),
  {
    name: 'get',
    measure: (bench) =>
      bench.processes('get', [...SCRIPTED, 'bitwarden'], {
        count: 1000,
        undici: true,
        keys: 400,
        warmUp: bench.isQuick ? 500 : 1000,
        times: bench.isQuick ? 1000 : 2000,
        flood: bench.isQuick ? 5000 : 20_000,
        rounds: bench.isQuick ? 2 : 5,
      }),
    rows: [
      { name: 'get', title: 'get over the network, warm', metric: 'warm', unit: us, targets: over(2) },
      {
        name: 'gets-32',
        title: 'gets each second, 32 in flight',
        metric: 'perSecond',
        unit: '/s',
        more: true,
        targets: over(2),
      },
    ],
  },
  {
    name: 'floor-get',
    measure: (bench) => floorOfGet(bench, { count: 1000, keys: 400, times: bench.isQuick ? 2000 : 10_000 }),
    rows: [
      {
        name: 'floor-get',
        title: 'the same answer, taken from a plain socket and not looked at',
        metric: 'get',
        unit: us,
      },
    ],
  },
  {
    name: 'get-sync',
    measure: (bench) =>
      bench.processes('get-sync', SCRIPTED, {
        count: 1000,
        undici: true,
        keys: 400,
        warmUp: 300,
        times: bench.isQuick ? 1000 : 2000,
        rounds: bench.isQuick ? 2 : 5,
      }),
    rows: [
      {
        name: 'get-sync',
        title: 'blocking getSync over the network',
        metric: 'warm',
        unit: us,
        targets: over(4),
      },
    ],
  },
  {
    name: 'get-sync-first',
    measure: (bench) =>
      bench.processes('get-sync', SCRIPTED, {
        count: 1000,
        keys: 1,
        warmUp: 0,
        times: 1,
        rounds: bench.isQuick ? 4 : 10,
      }),
    rows: [
      {
        name: 'get-sync-first',
        title: 'the first blocking getSync, with import',
        metric: 'first',
        unit: ms,
        targets: over(6),
      },
    ],
  },
  {
    name: 'vault',
    measure: (bench) =>
      bench.processes('vault', ['ours', 'best'], {
        count: 1000,
        keys: 400,
        warmUp: 20,
        times: bench.isQuick ? 20 : 50,
        rounds: bench.isQuick ? 2 : 5,
      }),
    rows: [
      {
        name: 'vault-sync',
        title: 'getSync from the vault (best: a Map of plaintext)',
        metric: 'sync',
        unit: us,
        targets: atMost(2.5),
      },
      {
        name: 'vault-await',
        title: 'await get from the vault (best: a Map of plaintext)',
        metric: 'awaited',
        unit: us,
        targets: atMost(5),
      },
    ],
  },
  {
    name: 'herd',
    measure: (bench) => bench.processes('herd', ['ours'], { count: 10_000, keys: 1000, rounds: 3 }),
    rows: [
      {
        name: 'herd-requests',
        title: '1,000 gets at once on a cold vault: requests',
        metric: 'requests',
        unit: '',
        // A profile, the pages of the list, and the names that were sent off before it was known how many there are.
        targets: atMost(55),
      },
      { name: 'herd', title: 'the same: time', metric: 'time', unit: ms },
    ],
  },
  {
    name: 'core',
    isLong: true,
    measure: (bench) => coreOf(bench),
    rows: [
      {
        name: 'core-open',
        title: 'opening in the core, secrets each second and thread',
        metric: 'open',
        unit: 'M/s',
        more: true,
        targets: atLeast(0.8),
      },
      {
        name: 'core-parse',
        title: 'parsing in the core, the same',
        metric: 'parse',
        unit: 'M/s',
        more: true,
      },
      { name: 'core-text-open', title: 'a text of 28 bytes: open', metric: 'textOpen', unit: 'ns' },
      { name: 'core-text-parse', title: 'the same: parse', metric: 'textParse', unit: 'ns' },
      { name: 'core-text-seal', title: 'the same: seal', metric: 'textSeal', unit: 'ns' },
    ],
  },
  {
    name: 'server',
    measure: (bench) => loadOf(bench),
    rows: [
      {
        name: 'server-reads',
        title: 'locker-server: authenticated single reads each second, 32 connections of wrk',
        metric: 'perSecond',
        unit: '/s',
        more: true,
        targets: atLeast(10_000),
      },
      { name: 'server-p99', title: 'the same: p99', metric: 'p99', unit: ms, targets: atMost(20) },
    ],
  },
  {
    name: 'server-page',
    measure: (bench) => pageCpu(bench),
    rows: [
      {
        name: 'server-page',
        title: 'locker-server: CPU of a page of 2,000',
        metric: 'cpu',
        unit: ms,
        targets: atMost(2),
      },
      { name: 'server-page-gzip', title: 'the same, gzip', metric: 'gzip', unit: ms },
    ],
  },
  {
    name: 'size',
    measure: (bench) => ({ ours: [{ size: bench.addonSize() / 1e6 }] }),
    rows: [{ name: 'size', title: 'size of the addon', metric: 'size', unit: 'MB', targets: atMost(4) }],
  },
]
