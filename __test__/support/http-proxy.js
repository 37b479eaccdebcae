'use strict'

/** An HTTP proxy that works and remembers. It has a thread of its own, because a `Sync` call blocks that of the test. */

const { once } = require('node:events')
const path = require('node:path')
const { Worker } = require('node:worker_threads')

/** @param {{ refuse?: number }} [options] `refuse`: the status with which it refuses everything */
async function startHttpProxy(options = {}) {
  const worker = new Worker(path.join(__dirname, 'http-proxy.worker.js'), { workerData: options })
  const [{ port }] = await once(worker, 'message')
  return {
    host: `127.0.0.1:${port}`,
    url: `http://127.0.0.1:${port}`,
    /** What it was asked for, `{ method, target, headers }`, and forgets it. `method` is CONNECT for https. */
    async takeRequests() {
      worker.postMessage('requests')
      const [requests] = await once(worker, 'message')
      return requests
    },
    stop: () => worker.terminate(),
  }
}

module.exports = { startHttpProxy }
