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
 * @property {string} [countedBy] a header, for each value of which `times` is counted by itself
 * @property {boolean} [real] the request is carried out by the real server, and what is broken is its answer: that gives
 *   the body, and the status if it is left out
 * @property {number} [status] the status of the answer; 200 if it is left out
 * @property {Record<string, string>} [headers] the headers of the answer
 * @property {string} [body] the body of the answer
 * @property {'answer' | 'reset' | 'stall' | 'stallInHeaders' | 'stallInBody' | 'half' | 'longer' | 'shorter' | 'drip' |
 *   'endless' | 'tamper' | 'pages'} [action] `answer` sends status, headers and body. `reset` cuts the connection;
 *   `stall` never answers; `stallInHeaders` sends the status and a part of a header, then nothing more; `stallInBody`
 *   promises the whole body, sends half of it, then nothing more; `half` does too and cuts the connection; `longer`
 *   promises a byte more than it sends, and ends the connection; `shorter` promises a byte less than it sends; `drip`
 *   sends a byte of the body each 50 ms and never ends; `endless` sends data without end; `tamper` changes a bit of the
 *   MAC of each ciphertext of the body; `pages` makes two pages of a list, in the way that `pages` says.
 * @property {'reversed' | 'twice' | 'circle' | 'added' | 'removed'} [pages] how the pages of a `real` list are wrong. An
 *   empty list stays as it is. `reversed` sends the last first; `twice` sends the first in place of the second; `circle`
 *   makes the second lead to itself; `added` adds the last item after the first page was sent (to a list that has two
 *   pages without it); `removed` removes an item of the first page after that was sent, so that the first item of the
 *   second page moves to the first.
 */

/**
 * @param {object} options
 * @param {string} [options.upstream] the API base of the real server
 * @param {Buffer} [options.ca] the certificate that the real server is trusted by
 * @param {number} [options.tunnelTo] in place of `upstream`: a port of 127.0.0.1 on which https is spoken. Connections
 *   are led there, and their content is neither understood nor recorded.
 * @param {Fault[]} [options.faults] the first that fits is used
 */
async function startFaultyProxy({ upstream, ca, tunnelTo, faults = [] }) {
  const worker = new Worker(path.join(__dirname, 'faulty-proxy.worker.js'), {
    workerData: { upstream, ca, tunnelTo, faults },
  })
  const [{ port }] = await once(worker, 'message')
  const ask = async (question) => {
    const { port1, port2 } = new MessageChannel()
    worker.postMessage({ ...question, port: port2 }, [port2])
    const [answer] = await once(port1, 'message')
    port1.close()
    return answer
  }
  const url = `${tunnelTo === undefined ? 'http' : 'https'}://127.0.0.1:${port}`
  return {
    apiBase: `${url}/locker_secrets`,
    url,
    /** The requests so far: `{ method, path, query, headers }`, with `path` below the API base. */
    requests: () => ask({ type: 'requests' }),
    /** Changes what happens from now on, and forgets the requests so far. */
    reset: (next = []) => ask({ type: 'reset', faults: next }),
    /** How many connections there are. */
    connections: () => ask({ type: 'connections' }),
    /** Ends all connections. Unless `wait` is false, this ends when the clients have closed them as well. */
    endConnections: ({ wait = true } = {}) => ask({ type: 'endConnections', wait }),
    /** Ends all connections, and refuses any other from now on. */
    refuse: () => ask({ type: 'refuse' }),
    /** Ends all connections, and leads any other to another port from now on. */
    tunnelTo: (target) => ask({ type: 'tunnelTo', target }),
    stop: () => worker.terminate(),
  }
}

module.exports = { startFaultyProxy }
