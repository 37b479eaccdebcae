'use strict'

const { once } = require('node:events')
const http = require('node:http')
const https = require('node:https')
const { json } = require('node:stream/consumers')

const TIMEOUT_MS = 5_000

/**
 * One GET by Node.js itself.
 *
 * @param {string} url
 * @param {import('node:https').RequestOptions} options
 * @returns {Promise<{ date?: string, body?: any }>}
 */
async function probe(url, options) {
  const { get } = url.startsWith('https:') ? https : http
  const [answer] = await once(get(url, { ...options, signal: AbortSignal.timeout(TIMEOUT_MS) }), 'response')
  return { date: answer.headers.date, body: await json(answer).catch(() => undefined) }
}

module.exports = { probe }
