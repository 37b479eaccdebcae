'use strict'

const http = require('node:http')
const net = require('node:net')
const { parentPort, workerData } = require('node:worker_threads')

const { refuse } = workerData
let requests = []

/** Takes a request in absolute form, as clients send it to a proxy. */
function forward(request, response) {
  const { method, url, headers } = request
  requests.push({ method, target: url, headers })
  if (refuse) return response.writeHead(refuse).end()
  const { 'proxy-authorization': _, ...onwardHeaders } = headers
  const onward = http.request(url, { method, headers: onwardHeaders }, (answer) => {
    response.writeHead(answer.statusCode, answer.headers)
    answer.pipe(response)
  })
  onward.on('error', () => response.destroy())
  request.pipe(onward)
}

function connect(request, socket) {
  requests.push({ method: request.method, target: request.url, headers: request.headers })
  socket.on('error', () => {})
  if (refuse) return socket.end(`HTTP/1.1 ${refuse} Refused\r\n\r\n`)
  const [host, port] = request.url.split(':')
  const onward = net.connect(port, host, () => {
    socket.write('HTTP/1.1 200 Connection established\r\n\r\n')
    onward.pipe(socket).pipe(onward)
  })
  onward.on('error', () => socket.destroy())
}

const server = http.createServer(forward).on('connect', connect)

parentPort.on('message', () => {
  parentPort.postMessage(requests)
  requests = []
})

server.listen(0, '127.0.0.1', () => parentPort.postMessage({ port: server.address().port }))
