'use strict'

const { once } = require('node:events')
const http = require('node:http')
const https = require('node:https')
const net = require('node:net')
const { buffer } = require('node:stream/consumers')
const { parentPort, workerData } = require('node:worker_threads')

const API_PATH = '/locker_secrets'
const CHUNK = Buffer.alloc(64 * 1024, ' ')
const DRIP_INTERVAL_MS = 50
/** An EncString up to its MAC, and the first character of that. */
const SEALED = /(2\.[^"|]*\|[^"|]*\|)(.)/g

const { upstream, ca } = workerData
let { tunnelTo } = workerData
let faults, requests
const connections = new Set()

function setFaults(next) {
  faults = next.map((fault) => ({ ...fault, used: new Map() }))
  requests = []
}

setFaults(workerData.faults)

const actions = {
  answer(response, { status = 200, headers = {}, body = '' }) {
    response.writeHead(status, { 'content-type': 'application/json', ...headers })
    response.end(body)
  },
  reset(response) {
    response.socket.resetAndDestroy()
  },
  stall() {},
  stallInHeaders(response) {
    // Node sends headers as a whole.
    response.socket.write('HTTP/1.1 200 OK\r\ncontent-type: applic')
  },
  stallInBody(response, fault) {
    sendHalf(response, fault)
  },
  half(response, fault) {
    sendHalf(response, fault, () => response.socket.destroy())
  },
  longer(response, { status = 200, headers = {}, body = '' }) {
    const bytes = Buffer.from(body)
    response.writeHead(status, { ...headers, 'content-length': bytes.length + 1 })
    response.write(bytes, () => response.socket.end())
  },
  shorter(response, { status = 200, headers = {}, body = '' }) {
    const bytes = Buffer.from(body)
    // What is left over must not be taken for the next answer, so there is none.
    response.writeHead(status, { ...headers, connection: 'close', 'content-length': bytes.length - 1 })
    response.end(bytes)
  },
  drip(response, { status = 200, headers = {}, body = ' ' }) {
    response.writeHead(status, headers)
    let sent = 0
    const timer = setInterval(() => response.write(body[sent++ % body.length]), DRIP_INTERVAL_MS)
    response.on('close', () => clearInterval(timer))
  },
  endless(response, { status = 200, headers = {} }) {
    response.writeHead(status, headers)
    const pour = () => {
      while (!response.destroyed && response.write(CHUNK));
    }
    response.on('drain', pour)
    pour()
  },
  tamper(response, { body, ...fault }) {
    const changed = body.replace(SEALED, (_, head, first) => head + (first === 'A' ? 'B' : 'A'))
    actions.answer(response, { ...fault, body: changed })
  },
  pages(response, { body, pages, url, ...fault }) {
    const list = JSON.parse(body)
    const number = Number(url.searchParams.get('page'))
    const page = list.results.length > 0 ? pagings[pages](list, number) : { ...list, isLast: true }
    url.searchParams.set('page', page.next ?? number + 1)
    const next = page.isLast ? null : url.pathname.slice(API_PATH.length) + url.search
    actions.answer(response, { ...fault, body: JSON.stringify({ ...list, ...page, next }) })
  },
}

function sendHalf(response, { status = 200, headers = {}, body = '' }, then) {
  const bytes = Buffer.from(body)
  response.writeHead(status, { ...headers, 'content-length': bytes.length })
  response.write(bytes.subarray(0, bytes.length / 2), then)
}

/** Page `number` of a list: what is different about it, from the answer that holds the whole list. */
const pagings = {
  reversed({ results }, number) {
    const pages = cut(results, half(results)).reverse()
    return { results: pages[number - 1] ?? [], isLast: number >= pages.length }
  },
  twice({ results }, number) {
    return { results: results.slice(0, half(results)), isLast: number > 1 }
  },
  circle({ results }, number) {
    const pages = cut(results, half(results))
    return { results: pages[number - 1] ?? [], next: 2 }
  },
  added(list, number) {
    const size = half(list.results)
    const shorter = list.results.slice(0, -1)
    // A list that fits on one page without the item is read before that is added.
    if (shorter.length <= size) return { isLast: true }
    return changing(list, shorter, size, number)
  },
  removed(list, number) {
    const ghost = { ...list.results[0], id: '00000000-0000-4000-8000-000000000000' }
    return changing(list, [ghost, ...list.results], half(list.results), number)
  },
}

/** Page `number` of a list that was `before` when its first page was sent. */
function changing({ results, revision_date }, before, size, number) {
  if (number > 1)
    return { results: cut(results, size)[number - 1] ?? [], isLast: number * size >= results.length }
  return { count: before.length, results: before.slice(0, size), revision_date: revision_date - 1 }
}

function half(items) {
  return Math.ceil(items.length / 2)
}

function cut(items, size) {
  const pages = Array.from({ length: Math.ceil(items.length / size) }, (_, index) => index * size)
  return pages.map((start) => items.slice(start, start + size))
}

/** Sends a request to the real server. */
function forward(request, { url = request.url, headers = {}, onAnswer, onError }) {
  const target = new URL(upstream)
  const { request: open } = target.protocol === 'https:' ? https : http
  const onward = open(
    {
      ca,
      host: target.hostname,
      port: target.port,
      method: request.method,
      path: url,
      headers: { ...request.headers, host: target.host, ...headers },
    },
    onAnswer,
  )
  onward.on('error', onError)
  request.pipe(onward)
}

function passOn(request, response) {
  if (!upstream)
    return actions.answer(response, { status: 404, body: '{"code": "not_found", "message": "no upstream"}' })
  forward(request, {
    onAnswer: (answer) => {
      response.writeHead(answer.statusCode, answer.headers)
      answer.pipe(response)
    },
    onError: () => response.destroy(),
  })
}

/** Breaks the answer of the real server. */
function breakAnswer(request, response, fault) {
  const url = new URL(request.url, 'http://localhost')
  const whole = new URL(url)
  // However often the list was cut into pages, it has one page at the real server.
  if (fault.action === 'pages') whole.searchParams.set('page', 1)
  forward(request, {
    url: whole.pathname + whole.search,
    headers: { 'accept-encoding': 'identity' },
    onAnswer: async (answer) => {
      const body = (await buffer(answer)).toString()
      actions[fault.action](response, { status: answer.statusCode, ...fault, url, body })
    },
    onError: () => response.destroy(),
  })
}

function faultFor({ method, path, headers }) {
  const usedBy = (fault) => (fault.countedBy ? headers[fault.countedBy] : '')
  const used = (fault) => fault.used.get(usedBy(fault)) ?? 0
  const fits = (fault) =>
    (fault.method ?? method) === method &&
    path.startsWith(fault.path ?? '') &&
    (fault.times ?? Infinity) > used(fault)
  const fault = faults.find(fits)
  fault?.used.set(usedBy(fault), used(fault) + 1)
  return fault
}

function handle(request, response) {
  // A client that gives up cuts its connection; that is no failure of this listener.
  response.on('error', () => {})
  const { pathname, search } = new URL(request.url, 'http://localhost')
  const path = pathname.startsWith(API_PATH) ? pathname.slice(API_PATH.length) : pathname
  const seen = { method: request.method, path, query: search, headers: request.headers }
  requests.push(seen)
  const fault = faultFor(seen)
  if (!fault) return passOn(request, response)
  if (fault.real) return breakAnswer(request, response, fault)
  request.resume().on('end', () => actions[fault.action ?? 'answer'](response, fault))
}

function tunnel(socket) {
  const onward = net.connect(tunnelTo, '127.0.0.1')
  for (const end of [socket, onward]) end.on('error', () => {})
  onward.on('close', () => socket.end())
  socket.on('close', () => onward.destroy())
  onward.pipe(socket).pipe(onward)
}

/** Ends all connections, and waits until the clients know it: none of them may send anything more on one. */
async function endConnections({ wait = true } = {}) {
  await Promise.all([...connections].map((socket) => (socket.end(), once(socket, wait ? 'close' : 'finish'))))
}

const orders = {
  requests: () => requests,
  connections: () => connections.size,
  endConnections,
  reset: ({ faults: next }) => setFaults(next),
  async refuse() {
    server.close()
    await endConnections()
  },
  async tunnelTo({ target }) {
    tunnelTo = target
    await endConnections()
  },
}

parentPort.on('message', async ({ type, port, ...order }) => {
  port.postMessage(await orders[type](order))
})

// Without a timeout, a connection is closed by whoever is told to close it.
const server =
  tunnelTo === undefined ? http.createServer({ keepAliveTimeout: 0 }, handle) : net.createServer(tunnel)

server.on('connection', (socket) => {
  connections.add(socket)
  socket.on('close', () => connections.delete(socket))
})

server.listen(0, '127.0.0.1', () => parentPort.postMessage({ port: server.address().port }))
