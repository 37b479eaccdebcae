/** The strongest client over undici, which takes long to load and little for a call: for warm reads. */

import { createRequire } from 'node:module'

import { headersOf } from '../protocol.mjs'
import { openWith } from './client.mjs'

const CONNECTIONS = 32

export function open(server) {
  const { Pool } = createRequire(import.meta.url)(server.undici)
  return openWith((server) => connect(Pool, server), server)
}

function connect(Pool, { apiBase, accessKeyId }) {
  const base = new URL(apiBase)
  const pool = new Pool(base.origin, { connections: CONNECTIONS })
  const headers = headersOf(accessKeyId)
  return (path) =>
    new Promise((resolve, reject) => {
      const options = { method: 'GET', path: base.pathname + path, headers }
      pool.dispatch(options, new Answer(resolve, reject))
    })
}

/** What undici tells of an answer, without the streams that it makes of it otherwise. */
class Answer {
  #resolve
  #reject
  #status
  #body

  constructor(resolve, reject) {
    this.#resolve = resolve
    this.#reject = reject
  }

  onRequestStart() {}

  onResponseStart(_controller, status) {
    this.#status = status
  }

  onResponseData(_controller, chunk) {
    this.#body = this.#body ? Buffer.concat([this.#body, chunk]) : chunk
  }

  onResponseEnd() {
    if (this.#status !== 200) return this.#reject(new Error(`the server answers with ${this.#status}`))
    try {
      this.#resolve(JSON.parse(this.#body.utf8Slice()))
    } catch (error) {
      this.#reject(error)
    }
  }

  onResponseError(_controller, error) {
    this.#reject(error)
  }
}
