'use strict'

/** The dev server of a test file, and the faulty listener before it: started before its tests, ended after them. */

const { once } = require('node:events')
const http = require('node:http')
const https = require('node:https')
const { json } = require('node:stream/consumers')

const { Locker } = require('../..')
const { startFaultyProxy } = require('./faulty-proxy')
const { credentials, readOnlyCredentials, startServer } = require('./server')
const trail = require('./trail')

/** Call it at the top of a test file. */
function useDevServer() {
  let server, proxy

  beforeAll(async () => {
    server = await startServer()
    if (server.content) trail.follow()
    proxy = await startFaultyProxy({ upstream: server.apiBase, ca: credentials(server).caCert })
  })

  beforeEach(() => proxy.reset())

  afterAll(async () => {
    await proxy?.stop()
    const traces = server?.content ? findTraces(server) : []
    if (server) expect(await server.stop()).toEqual({ code: 0, signal: null })
    expect(traces).toEqual([])
  })

  return {
    get server() {
      return server
    },
    get proxy() {
      return proxy
    },
    /** A new `Locker`, which has read nothing yet. */
    locker: (options) => new Locker({ ...credentials(server), ...options }),
    readOnlyLocker: (options) => new Locker({ ...readOnlyCredentials(server), ...options }),
    /** A new `Locker` whose requests go through the faulty listener, which counts them. */
    countedLocker: (options) => new Locker({ ...credentials(server), apiBase: proxy.apiBase, ...options }),
    /** `METHOD path` of each request that the faulty listener has seen since its last reset. */
    seen: async () => (await proxy.requests()).map(({ method, path }) => `${method} ${path}`),
    /** The answer of the server itself to a GET, to be altered and given as a fault. */
    answer: async (path, { accessKeyId } = server) => {
      const { request } = server.apiBase.startsWith('https') ? https : http
      const headers = { authorization: `Bearer ${accessKeyId}` }
      const question = request(`${server.apiBase}${path}`, { headers, ca: credentials(server).caCert }).end()
      const [answer] = await once(question, 'response')
      return json(answer)
    },
  }
}

/** What the server has kept or logged of all that the tests of the file wrote, and of what opens it. */
function findTraces({ content, log, account, accessKeySecret, readOnly }) {
  expect(trail.size()).toBeGreaterThan(0)
  trail.add([account.masterPassword, accessKeySecret, readOnly.accessKeySecret])
  return [...content(), log()].flatMap(trail.foundIn)
}

let made = 0

/** A name that no other test of the file uses. */
function unique(name) {
  made += 1
  return `${name}-${made}`
}

module.exports = { unique, useDevServer }
