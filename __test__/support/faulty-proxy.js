'use strict'

/**
 * A listener that stands between the SDK and a real server and does what it is told to requests: passes them on, records
 * them, or breaks them. It has a thread of its own, because a `Sync` call blocks the thread of the test.
 */

const { once } = require('node:events')
const path = require('node:path')
const { MessageChannel, Worker } = require('node:worker_threads')

/**
 * @typedef {object} Fault what happens to a request in place of passing it on
 * @property {string} [method] only for this method
 * @property {string} [path] only for paths that begin with this, below the API base: `/v1/secrets`
 * @property {number} [times] only this often; always if it is left out
 * @property {number} [status] the status of the answer; 200 if it is left out
 * @property {Record<string, string>} [headers] the headers of the answer
 * @property {string} [body] the body of the answer
 * @property {'answer' | 'reset' | 'stall' | 'half' | 'drip' | 'endless'} [action] `answer` sends status, headers and
 *   body. `reset` cuts the connection; `stall` never answers; `half` promises the whole body, sends half of it and cuts
 *   the connection; `drip` sends a byte of the body each 50 ms and never ends; `endless` sends data without end.
 */

/**
 * @param {object} options
 * @param {string} [options.upstream] the API base of the real server
 * @param {Buffer} [options.ca] the certificate that the real server is trusted by
 * @param {Fault[]} [options.faults] the first that fits is used
 */
async function startFaultyProxy({ upstream, ca, faults = [] }) {
  const worker = new Worker(path.join(__dirname, 'faulty-proxy.worker.js'), {
    workerData: { upstream, ca, faults },
  })
  const [{ port }] = await once(worker, 'message')
  const ask = async (question) => {
    const { port1, port2 } = new MessageChannel()
    worker.postMessage({ ...question, port: port2 }, [port2])
    const [answer] = await once(port1, 'message')
    port1.close()
    return answer
  }
  return {
    apiBase: `http://127.0.0.1:${port}/locker_secrets`,
    url: `http://127.0.0.1:${port}`,
    /** The requests so far: `{ method, path, query, headers }`, with `path` below the API base. */
    requests: () => ask({ type: 'requests' }),
    /** Changes what happens from now on, and forgets the requests so far. */
    reset: (next = []) => ask({ type: 'reset', faults: next }),
    stop: () => worker.terminate(),
  }
}

module.exports = { startFaultyProxy }
