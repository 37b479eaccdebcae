'use strict'

/**
 * The table of faults: what every operation gives under every fault, in every state of the cache.
 *
 * A cell is one call of a `Locker` of its own. The cells of a fault are brought into their states, then somebody else
 * changes everything, then the fault begins, and then all calls are made. So a value tells where it comes from: what it
 * was before comes from the cache, what it is after comes from the server.
 */

const { readFileSync } = require('node:fs')

const {
  APIConnectionError,
  APIServerError,
  AuthenticationError,
  IntegrityError,
  Locker,
  PermissionDeniedError,
  RateLimitError,
  TimeoutError,
} = require('..')
const { unique } = require('./support/dev-server')
const { startFaultyProxy } = require('./support/faulty-proxy')
const { forms } = require('./support/outcome')
const { credentials, startServer } = require('./support/server')

/** Tells the requests of the cells apart. */
const CELL = 'x-test-cell'
const DEFAULT = 'the-default'
const LISTS = ['/v1/secrets', '/v1/environments']
const ENVIRONMENTS = ['dev', 'test', 'stage', 'prod']
/** An hour, in seconds. */
const LONG = 3600
/** A read that has to run out of time may do so before its request is sent. A write may not. */
const READ_TIMEOUT_MS = 60
const WRITE_TIMEOUT_MS = 1500
const OUTCOME_UNKNOWN = /not known whether/

const json = (status) => JSON.stringify({ code: `E${status}`, message: 'out of order' })
const HTML = '<!doctype html><title>Out of order</title><p>Please come back later.</p>'

// What the error table promises.
const NO_ANSWER = { Class: APIConnectionError, code: 'http_error', statusCode: 503, retryable: true }
const NO_ANSWER_IN_TIME = { ...NO_ANSWER, Class: TimeoutError }
const UNTRUSTED = { ...NO_ANSWER, retryable: false, text: /caCert/ }
const UNAUTHORIZED = { Class: AuthenticationError, code: 'unauthorized', statusCode: 401, retryable: false }
const FORBIDDEN = {
  Class: PermissionDeniedError,
  code: 'permission_denied',
  statusCode: 403,
  retryable: false,
}
const TOO_MANY = { Class: RateLimitError, code: 'rate_limit', statusCode: 429, retryable: true }
const NO_PROTOCOL = { Class: APIServerError, code: 'server_error', statusCode: 200, retryable: false }
/** It takes several answers to see it, so the status is that of the class. */
const NO_LIST = { ...NO_PROTOCOL, statusCode: 500 }
const ALTERED = { Class: IntegrityError, code: 'cli_error', statusCode: undefined, retryable: false }
const failed = (statusCode) => ({ Class: APIServerError, code: 'server_error', statusCode, retryable: true })

/**
 * @typedef {object} Row
 * @property {string} name
 * @property {object} [fault] what the faulty proxy does
 * @property {'refuse' | 'tunnelTo'} [order] or what it is told to do with connections: then nothing is ever sent
 * @property {object} [error] what a call gives that meets the fault; a fault without it does no harm
 * @property {boolean} [isOutage] the server cannot be reached or fails, so that `staleIfError` may answer
 * @property {'lost' | 'refused'} [write] what an answer to a write means: `lost`, its outcome is unknown; `refused`, it
 *   was not carried out. Without it nothing is promised about that.
 * @property {boolean} [isOfLists] the fault is in what lists say, so other answers are in order
 * @property {boolean} [isOfContent] only what is opened is found to be wrong
 */

/** @type {Row[]} */
const faults = [
  { name: 'refuse', order: 'refuse', error: NO_ANSWER, isOutage: true, write: 'refused' },
  { name: 'unknown authority', order: 'tunnelTo', error: UNTRUSTED, isOutage: true, write: 'refused' },
  ...[
    ['reset before the answer', 'reset', NO_ANSWER],
    ['stall before the headers', 'stall', NO_ANSWER_IN_TIME],
    ['stall inside the headers', 'stallInHeaders', NO_ANSWER_IN_TIME],
    ['stall inside the body', 'stallInBody', NO_ANSWER_IN_TIME],
    ['half a body', 'half', NO_ANSWER],
    ['Content-Length too large', 'longer', NO_ANSWER],
    ['slow drip', 'drip', NO_ANSWER_IN_TIME],
  ].map(([name, action, error]) => {
    return { name, fault: { action, real: true }, error, isOutage: true, write: 'lost' }
  }),
  {
    name: 'Content-Length too small',
    fault: { action: 'shorter', real: true, status: 200 },
    error: NO_PROTOCOL,
    write: 'lost',
    // A number that is cut short is still a number.
    isOfLists: true,
  },
  { name: 'HTML with 200', fault: { body: HTML }, error: NO_PROTOCOL, write: 'lost' },
  ...[500, 502, 503].flatMap((status) => [
    // A server that failed, or a gateway before it, may have done so after the write.
    {
      name: `${status} JSON`,
      fault: { status, body: json(status) },
      error: failed(status),
      isOutage: true,
      write: 'lost',
    },
    {
      name: `${status} HTML`,
      fault: { status, body: HTML, headers: { 'content-type': 'text/html' } },
      error: failed(status),
      isOutage: true,
      write: 'lost',
    },
  ]),
  { name: '429', fault: { status: 429, body: json(429) }, error: TOO_MANY, write: 'refused' },
  {
    name: '429 with Retry-After',
    fault: { status: 429, body: json(429), headers: { 'retry-after': String(LONG) } },
    error: { ...TOO_MANY, retryAfter: LONG },
    write: 'refused',
  },
  { name: '401', fault: { status: 401, body: json(401) }, error: UNAUTHORIZED, write: 'refused' },
  { name: '403', fault: { status: 403, body: json(403) }, error: FORBIDDEN, write: 'refused' },
  {
    name: 'altered ciphertext',
    fault: { action: 'tamper', real: true },
    error: ALTERED,
    isOfLists: true,
    isOfContent: true,
  },
  // Pages that are wrong for good, and pages that are wrong until the list is read again.
  ...[
    ['a page in place of another', { pages: 'twice' }, NO_LIST],
    ['a next page that leads to itself', { pages: 'circle' }, NO_LIST],
    ['an item removed between pages, each time', { pages: 'removed' }, NO_LIST],
    ['the second page first', { pages: 'reversed' }],
    ['an item added between pages', { pages: 'added', times: 2 }],
    ['an item removed between pages', { pages: 'removed', times: 2 }],
  ].map(([name, fault, error]) => {
    return { name, fault: { action: 'pages', real: true, countedBy: CELL, ...fault }, error, isOfLists: true }
  }),
]

/** What is looked at of an answer: all of it, in an order that does not depend on the pages. */
const sorted = (items) => items.map((item) => ({ ...item })).sort((a, b) => a.id.localeCompare(b.id))
const whole = (item) => item && { ...item }

const reads = [
  { name: 'list', verb: 'list', args: [null], see: sorted },
  { name: 'get', verb: 'get', args: ['KEY', null, DEFAULT] },
  // It exists in environments, so that there is an answer with items to be broken.
  { name: 'get of an absent key', verb: 'get', args: ['ELSEWHERE', null, DEFAULT], isAbsent: true },
  { name: 'retrieve', verb: 'retrieve', args: ['KEY', 'dev'], see: whole },
  { name: 'listEnvironments', verb: 'listEnvironments', args: [], see: sorted },
  { name: 'getEnvironment', verb: 'getEnvironment', args: ['prod'], see: whole, isOfOne: true },
]

const writes = [
  {
    name: 'create',
    verb: 'create',
    args: () => [{ key: unique('CREATED'), value: 'written' }],
    see: ({ value }) => value,
  },
  {
    name: 'modify',
    verb: 'modify',
    args: () => ['MODIFIED', null, { value: 'written' }],
    see: ({ value }) => value,
    readsFirst: true,
  },
  {
    name: 'createEnvironment',
    verb: 'createEnvironment',
    args: () => [{ name: unique('created'), externalUrl: 'written' }],
    see: ({ externalUrl }) => externalUrl,
  },
  {
    name: 'modifyEnvironment',
    verb: 'modifyEnvironment',
    args: () => ['modified', { externalUrl: 'written' }],
    see: ({ externalUrl }) => externalUrl,
    readsFirst: true,
  },
]

const same = (value) => value

/** How the `Locker` of a cell is made, whether it has read before, and the options of the call. */
const states = [
  { name: 'cold', isCold: true },
  { name: 'fresh', isFresh: true },
  { name: 'stale', callOptions: { restTime: 0 } },
  { name: 'stale with staleIfError', cacheOptions: { restTime: 0, staleIfError: LONG }, mayBeStale: true },
  { name: 'fetch', cacheOptions: { restTime: LONG, staleIfError: LONG }, callOptions: { fetch: true } },
]

const product = (...lists) =>
  lists.reduce((rows, list) => rows.flatMap((row) => list.map((item) => [...row, item])), [[]])

/** The name of a test, and the cell that it looks at. */
function cell(form, operation, state) {
  const [formName, call] = form
  return { name: `${operation.name}, ${state.name}, ${formName}`, call, operation, state }
}

const [asyncForm] = forms
const [, callAsync] = asyncForm
const readCells = product(forms, reads, states).map((row) => cell(...row))
const writeCells = product([asyncForm], writes, states).map((row) => cell(...row))
/** The writes that have to ask before they write. */
const askingCells = writeCells.filter(({ operation, state }) => operation.readsFirst || state.isCold)

/** A server that has everything that the cells use, and how a `Locker` gets at it. */
async function startStage(args, options) {
  const server = await startServer(args)
  const known = { ...credentials(server), cacheOptions: { dir: null }, ...options?.(server) }
  const admin = new Locker(known)
  for (const name of [...ENVIRONMENTS, 'modified'])
    await admin.createEnvironment({ name, externalUrl: 'https://before.example' })
  for (const environmentName of [null, 'dev', 'test', 'prod'])
    await admin.create({ key: 'KEY', value: 'before', environmentName })
  for (const environmentName of ENVIRONMENTS)
    await admin.create({ key: 'ELSEWHERE', value: 'before', environmentName })
  await admin.create({ key: 'MODIFIED', value: 'before' })
  return { server, known, admin }
}

/** Changes whatever the cells read; gives what each read gives at the server itself, before and after. */
async function changeEverything({ known, admin }) {
  const truth = async () => {
    const locker = new Locker(known)
    const seen = reads.map(async ({ name, verb, args, see = same }) => [
      name,
      see(await locker[verb](...args)),
    ])
    return Object.fromEntries(await Promise.all(seen))
  }
  const before = await truth()
  const text = unique('changed')
  const secrets = (await admin.list()).filter(({ key }) => key === 'KEY' || key === 'ELSEWHERE')
  await Promise.all([
    ...secrets.map(({ key, environmentName }) =>
      admin.modify(key, environmentName, { value: text, environmentName }),
    ),
    ...ENVIRONMENTS.map((name) => admin.modifyEnvironment(name, { externalUrl: text })),
  ])
  return { before, after: await truth() }
}

/** What is written must not make the lists longer that are read. */
let forReads, forWrites, overTls, stranger

beforeAll(async () => {
  const tls = ['dev', '--tls-self-signed']
  const trust = ({ caCertFile }) => ({ caCert: readFileSync(caCertFile) })
  ;[forReads, forWrites, overTls, stranger] = await Promise.all([
    startStage(),
    startStage(),
    startStage(tls, trust),
    startServer(tls),
  ])
})

afterAll(async () => {
  const servers = [forReads?.server, forWrites?.server, overTls?.server, stranger]
  await Promise.all(servers.map((server) => server?.stop()))
})

const portOf = ({ apiBase }) => Number(new URL(apiBase).port)

const EVERYWHERE = [{}]
const READS = [{ method: 'GET' }]
const WRITES = [{ method: 'POST' }, { method: 'PUT' }]
const listsOnly = (place) => LISTS.map((path) => ({ ...place, path }))

/** Lets the fault of the row begin, for requests such as `where` says. */
async function begin(proxy, { order, fault, isOfLists }, where) {
  // Forgets the requests so far.
  await proxy.reset()
  if (order === 'tunnelTo') return proxy.tunnelTo(portOf(stranger))
  if (order === 'refuse') return proxy.refuse()
  const places = isOfLists ? where.flatMap(listsOnly) : where
  return proxy.reset(places.map((place) => ({ ...fault, ...place })))
}

/**
 * Runs the cells of a row.
 * @returns by the name of the cell, the `value` or the `error` that it gave, and the requests that it `sent`
 */
async function run(row, cells, { stage, where, timeoutMs, maxRetries, meanwhile }) {
  const { server, known } = stage
  const target =
    row.order === 'tunnelTo' ? { tunnelTo: portOf(server) } : { upstream: server.apiBase, ca: known.caCert }
  const proxy = await startFaultyProxy(target)
  try {
    const makeLocker = ({ name, state: { cacheOptions } }) =>
      new Locker({
        ...known,
        apiBase: proxy.apiBase,
        cacheOptions: { ...known.cacheOptions, ...cacheOptions },
        headers: { [CELL]: encodeURIComponent(name) },
        logLevel: 0,
        maxRetries,
      })
    const lockers = new Map(cells.map((cell) => [cell, makeLocker(cell)]))
    await Promise.all(cells.map((cell) => bringIntoState(lockers.get(cell), cell)))
    await meanwhile?.()
    await begin(proxy, row, where)
    const outcomes = await callAll(lockers, isOfTime(row) ? { timeoutMs } : {})
    const requests = await proxy.requests()
    const sentBy = ({ name }) => requests.filter(({ headers }) => headers[CELL] === encodeURIComponent(name))
    return new Map(cells.map((cell) => [cell.name, { ...outcomes.get(cell), sent: sentBy(cell) }]))
  } finally {
    await proxy.stop()
  }
}

/** Reads what the call will read. */
async function bringIntoState(locker, { operation, state }) {
  if (state.isCold) return
  if (reads.includes(operation)) return locker[operation.verb](...operation.args)
  await locker.get('MODIFIED')
  await locker.getEnvironment('modified')
}

/** Makes the calls: the asynchronous ones at once, and then the others, as they keep this thread. */
async function callAll(lockers, budget) {
  const outcomes = new Map()
  const callOne = async (cell) => {
    const { call, operation, state } = cell
    const { verb, args, see = same } = operation
    const given = typeof args === 'function' ? args() : args
    try {
      const answer = await call(lockers.get(cell), verb, ...given, { ...state.callOptions, ...budget })
      outcomes.set(cell, { value: see(answer) })
    } catch (error) {
      outcomes.set(cell, { error })
    }
  }
  const isAsync = ({ call }) => call === callAsync
  const cells = [...lockers.keys()]
  await Promise.all(cells.filter(isAsync).map(callOne))
  for (const cell of cells.filter((cell) => !isAsync(cell))) await callOne(cell)
  return outcomes
}

/** What a read must give: `before` from the cache, `after` from the server, or the error of the fault. */
function promisedOfRead({ error, isOutage, isOfContent }, { isAbsent }, { isFresh, mayBeStale }) {
  if (isFresh) return 'before'
  if (!error) return 'after'
  if (isOutage && mayBeStale) return 'before'
  // There is nothing to be opened of what is absent, and the answer that says so is whole.
  if (isOfContent && isAbsent) return 'after'
  return 'error'
}

function expectValue(outcome, value) {
  if (outcome.error) throw outcome.error
  expect(outcome.value).toEqual(value)
}

function expectError({ error, value }, { Class, text = /./, retryAfter, ...fields }) {
  if (!error) throw new Error(`the call must fail, but it gave ${JSON.stringify(value)}`)
  expect(`${error.constructor.name}: ${error.message}`).toMatch(new RegExp(`^${Class.name}: `))
  expect(error.constructor).toBe(Class)
  const { code, statusCode, retryable } = error
  expect({ code, statusCode, retryable }).toEqual(fields)
  expect(error.retryAfter).toBe(retryAfter)
  expect(error.message).toMatch(text)
}

/** Whether a call that meets the fault waits until its budget is over. */
const isOfTime = ({ error }) => error?.Class === TimeoutError
const isWrite = ({ method }) => method !== 'GET'

describe.each(faults)('$name', (row) => {
  const isOverTls = row.order === 'tunnelTo'
  // Whoever asks meets the fault, unless the fault itself keeps the request from being seen.
  const isSeen = row.order === undefined
  // The pages are those of lists, and no write is answered with one.
  const isOfPages = row.fault?.action === 'pages'

  describe('in a read', () => {
    let outcomes, truth

    beforeAll(async () => {
      const stage = isOverTls ? overTls : forReads
      const meanwhile = async () => (truth = await changeEverything(stage))
      const settings = { stage, where: EVERYWHERE, timeoutMs: READ_TIMEOUT_MS, maxRetries: 0, meanwhile }
      outcomes = await run(row, readCells, settings)
    })

    test.each(readCells)('$name', ({ name, operation, state }) => {
      const { sent, ...outcome } = outcomes.get(name)
      const promised = promisedOfRead(row, operation, state)

      if (promised === 'error') expectError(outcome, row.error)
      else expectValue(outcome, truth[promised][operation.name])
      if (state.isFresh) expect(sent).toEqual([])
      else if (isSeen && !isOfTime(row)) expect(sent).not.toEqual([])
      // One item has no pages.
      if (isOfPages && !state.isFresh && !operation.isOfOne) {
        expect(sent.filter(({ path }) => LISTS.includes(path)).length).toBeGreaterThan(1)
      }
    })
  })

  describe('in a read before a write', () => {
    let outcomes

    beforeAll(async () => {
      const stage = isOverTls ? overTls : forWrites
      const settings = { stage, where: READS, timeoutMs: READ_TIMEOUT_MS, maxRetries: 0 }
      outcomes = await run(row, askingCells, settings)
    })

    test.each(askingCells)('$name', ({ name, operation }) => {
      const { sent, ...outcome } = outcomes.get(name)
      // What is new needs no list.
      const meetsFault = operation.readsFirst || !row.isOfLists

      if (row.error && meetsFault) {
        expectError(outcome, row.error)
        expect(sent.filter(isWrite)).toEqual([])
        expect(outcome.error.message).not.toMatch(OUTCOME_UNKNOWN)
      } else {
        expectValue(outcome, 'written')
        expect(sent.filter(isWrite)).toHaveLength(1)
      }
    })
  })

  if (isOfPages) return

  describe('in the answer to a write', () => {
    let outcomes

    beforeAll(async () => {
      const stage = isOverTls ? overTls : forWrites
      const settings = { stage, where: WRITES, timeoutMs: WRITE_TIMEOUT_MS, maxRetries: 1 }
      outcomes = await run(row, writeCells, settings)
    })

    test.each(writeCells)('$name', ({ name }) => {
      const { sent, ...outcome } = outcomes.get(name)

      expectError(outcome, row.error)
      expect(sent.filter(isWrite)).toHaveLength(isSeen ? 1 : 0)
      if (row.write === 'lost') expect(outcome.error.message).toMatch(OUTCOME_UNKNOWN)
      if (row.write === 'refused') expect(outcome.error.message).not.toMatch(OUTCOME_UNKNOWN)
    })
  })
})
