/** What JavaScript needs to block on an answer: a worker that waits for it, and shared memory to be woken by. */

import { once } from 'node:events'
import { MessageChannel, Worker, isMainThread, receiveMessageOnPort, workerData } from 'node:worker_threads'

const WAITING = 0
const ANSWERED = 1

/** `getSync` of the client in this module. */
export function openSync(module, server) {
  const signal = new Int32Array(new SharedArrayBuffer(4))
  const { port1, port2 } = new MessageChannel()
  const worker = new Worker(new URL(import.meta.url), {
    workerData: { module, server, signal, port: port2 },
    transferList: [port2],
  })
  worker.unref()
  return {
    getSync(key) {
      Atomics.store(signal, 0, WAITING)
      port1.postMessage(key)
      Atomics.wait(signal, 0, WAITING)
      const { value, error } = receiveMessageOnPort(port1).message
      if (error) throw error
      return value
    },
    close: () => (port1.close(), once(worker, 'exit')),
  }
}

if (!isMainThread && workerData?.signal) {
  const { module, server, signal, port } = workerData
  const { open } = await import(module)
  const client = open(server)
  port.on('message', async (key) => {
    const answer = await client.get(key).then(
      (value) => ({ value }),
      (error) => ({ error }),
    )
    port.postMessage(answer)
    Atomics.store(signal, 0, ANSWERED)
    Atomics.notify(signal, 0)
  })
}
