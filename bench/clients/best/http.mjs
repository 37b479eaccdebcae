/** The strongest client over `node:http`, which is there at once: for starts and for lists. */

import { Agent, request } from 'node:http'

import { headersOf } from '../protocol.mjs'
import { openWith } from './client.mjs'

const CONNECTIONS = 32

export const open = (server) => openWith(connect, server)

function connect({ apiBase, accessKeyId }) {
  const base = new URL(apiBase)
  const agent = new Agent({ keepAlive: true, noDelay: true, maxSockets: CONNECTIONS, scheduling: 'lifo' })
  const shared = { agent, host: base.hostname, port: base.port, headers: headersOf(accessKeyId) }
  return (path) =>
    new Promise((resolve, reject) => {
      const sent = request({ ...shared, path: base.pathname + path }, (answer) => {
        if (answer.statusCode !== 200) reject(new Error(`the server answers with ${answer.statusCode}`))
        receive(answer, resolve, reject)
      })
      sent.on('error', reject).end()
    })
}

/** Reads an answer into one buffer of the length that it names. */
function receive(answer, resolve, reject) {
  const length = Number(answer.headers['content-length'])
  let body
  let at = 0
  answer.on('data', (chunk) => {
    if (chunk.length === length) body = chunk
    else {
      body ??= Buffer.allocUnsafeSlow(length)
      chunk.copy(body, at)
    }
    at += chunk.length
  })
  answer.on('error', reject)
  answer.on('end', () => {
    try {
      resolve(JSON.parse(body.utf8Slice(0, at)))
    } catch (error) {
      reject(error)
    }
  })
}
