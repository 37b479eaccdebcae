'use strict'

const http = require('node:http')
const https = require('node:https')
const { parentPort, workerData } = require('node:worker_threads')

const API_PATH = '/locker_secrets'
const CHUNK = Buffer.alloc(64 * 1024, ' ')
const DRIP_INTERVAL_MS = 50

const { upstream, ca } = workerData
let faults = workerData.faults.map((fault) => ({ ...fault }))
let requests = []

const actions = {
  answer(response, { status = 200, headers = {}, body = '' }) {
    response.writeHead(status, { 'content-type': 'application/json', ...headers })
    response.end(body)
  },
  reset(response) {
    response.socket.resetAndDestroy()
  },
  stall() {},
  half(response, { status = 200, headers = {}, body = '' }) {
    const bytes = Buffer.from(body)
    response.writeHead(status, { ...headers, 'content-length': bytes.length })
    response.write(bytes.subarray(0, bytes.length / 2), () => response.socket.destroy())
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
}

function passOn(request, response) {
  if (!upstream)
    return actions.answer(response, { status: 404, body: '{"code": "not_found", "message": "no upstream"}' })
  const target = new URL(upstream)
  const { request: open } = target.protocol === 'https:' ? https : http
  const onward = open(
    {
      ca,
      host: target.hostname,
      port: target.port,
      method: request.method,
      path: request.url,
      headers: { ...request.headers, host: target.host },
    },
    (answer) => {
      response.writeHead(answer.statusCode, answer.headers)
      answer.pipe(response)
    },
  )
  onward.on('error', () => response.destroy())
  request.pipe(onward)
}

function faultFor({ method, path }) {
  const fits = (fault) =>
    (fault.method ?? method) === method && path.startsWith(fault.path ?? '') && (fault.times ?? Infinity) > 0
  const fault = faults.find(fits)
  if (fault?.times !== undefined) fault.times -= 1
  return fault
}

const server = http.createServer((request, response) => {
  // A client that gives up cuts its connection; that is no failure of this listener.
  response.on('error', () => {})
  const { pathname, search } = new URL(request.url, 'http://localhost')
  const path = pathname.startsWith(API_PATH) ? pathname.slice(API_PATH.length) : pathname
  const seen = { method: request.method, path, query: search, headers: request.headers }
  requests.push(seen)
  const fault = faultFor(seen)
  if (!fault) return passOn(request, response)
  request.resume().on('end', () => actions[fault.action ?? 'answer'](response, fault))
})

parentPort.on('message', ({ type, faults: next, port }) => {
  if (type === 'reset') {
    faults = next.map((fault) => ({ ...fault }))
    requests = []
  }
  port.postMessage(requests)
})

server.listen(0, '127.0.0.1', () => parentPort.postMessage({ port: server.address().port }))
