/**
 * Answers with what locker-server answered to the same question before, from memory. So a client is measured, and not the
 * server on the other core. A process of its own, started by `fork`:
 *
 *     replay.mjs API_BASE [LATENCY_MS [altered]]
 *
 * With `altered` the last value of each page is not what was sealed. It sends `{ port }`, and `{ requests, connections }` since the last time for every message.
 */

import { request } from 'node:http'
import { createServer } from 'node:net'

const END_OF_HEAD = '\r\n\r\n'

const [base, latency = '0', altered] = process.argv.slice(2)
const upstream = new URL(base)
const answers = new Map()
let counts = { requests: 0, connections: 0 }

const server = createServer({ noDelay: true }, (socket) => {
  counts.connections++
  let unread = ''
  socket.on('error', () => socket.destroy())
  socket.on('data', (chunk) => {
    unread += chunk.latin1Slice()
    for (let end; (end = unread.indexOf(END_OF_HEAD)) >= 0;) {
      const head = unread.slice(0, end)
      unread = unread.slice(end + END_OF_HEAD.length)
      counts.requests++
      reply(socket, head)
    }
  })
})

function reply(socket, head) {
  const question = questionOf(head)
  const answer = answers.get(question)
  const send = (bytes) => {
    if (latency === '0') socket.write(bytes)
    else setTimeout(() => socket.write(bytes), Number(latency))
  }
  if (answer) send(answer)
  else
    record(question).then(
      (bytes) => send(bytes),
      () => socket.destroy(),
    )
}

/** Path and access key: all that the answer to a read depends on. */
function questionOf(head) {
  const path = head.slice(head.indexOf(' ') + 1, head.indexOf(' HTTP/1.1'))
  const authorization = /\r\nauthorization: *(.*)/i.exec(head)?.[1] ?? ''
  return `${path} ${authorization}`
}

async function record(question) {
  const [path, ...authorization] = question.split(' ')
  const bytes = await ask(path, authorization.join(' '))
  if (altered) alter(bytes)
  answers.set(question, bytes)
  return bytes
}

/** Changes the last character of the last IV. */
function alter(bytes) {
  const end = bytes.lastIndexOf('==|', bytes.lastIndexOf('"value":"') + 40) - 2
  if (bytes.includes('"results"')) bytes[end] = bytes[end] === 0x41 ? 0x42 : 0x41
}

function ask(path, authorization) {
  return new Promise((resolve, reject) => {
    const options = {
      host: upstream.hostname,
      port: upstream.port,
      path,
      headers: { authorization, accept: 'application/json' },
    }
    request(options, async (answer) => {
      const body = Buffer.concat(await answer.toArray())
      const type = answer.headers['content-type']
      const head = `HTTP/1.1 ${answer.statusCode} ${answer.statusMessage}\r\ncontent-type: ${type}\r\ncontent-length: ${body.length}\r\n\r\n`
      resolve(Buffer.concat([Buffer.from(head), body]))
    })
      .on('error', reject)
      .end()
  })
}

process.on('message', () => {
  process.send(counts)
  counts = { requests: 0, connections: 0 }
})
process.on('disconnect', () => process.exit())
server.listen(0, '127.0.0.1', () => process.send({ port: server.address().port }))
