'use strict'

/** A registry of npm on 127.0.0.1 that has the packed packages and nothing else. */

const { spawnSync } = require('node:child_process')
const { createHash } = require('node:crypto')
const { once } = require('node:events')
const { readFileSync } = require('node:fs')
const http = require('node:http')
const path = require('node:path')

const { packages } = require('./packages')

/** What a package says of itself. */
function manifestOf(file) {
  const { stdout, status, stderr } = spawnSync('tar', ['-xzOf', file, 'package/package.json'], {
    encoding: 'utf8',
  })
  if (status !== 0) throw new Error(stderr)
  return JSON.parse(stdout)
}

/** Starts it. `url` is where it is; `requests` lists the paths that it was asked for and does not have. */
async function startRegistry() {
  const unknown = []
  const server = http.createServer((request, response) => {
    const { pathname } = new URL(request.url, 'http://localhost')
    const wanted = decodeURIComponent(pathname)
    const file = packages.find((one) => wanted === `/-/${path.basename(one.file)}`)?.file
    if (file) return response.end(readFileSync(file))
    const found = packages.find(({ name }) => wanted === `/${name}`)
    if (!found) unknown.push(wanted)
    response.writeHead(found ? 200 : 404, { 'content-type': 'application/json' })
    response.end(JSON.stringify(found ? describe(found, url) : {}))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const url = `http://127.0.0.1:${server.address().port}`
  return { url, unknown, stop: () => (server.closeAllConnections(), server.close()) }
}

/** The document about a package: https://github.com/npm/registry/blob/main/docs/responses/package-metadata.md */
function describe({ name, version, file }, url) {
  const content = readFileSync(file)
  const hash = (algorithm, encoding) => createHash(algorithm).update(content).digest(encoding)
  const dist = {
    tarball: `${url}/-/${path.basename(file)}`,
    shasum: hash('sha1', 'hex'),
    integrity: `sha512-${hash('sha512', 'base64')}`,
  }
  const long = { ...manifestOf(file), _id: `${name}@${version}`, dist }
  return {
    name,
    'dist-tags': { latest: version },
    versions: { [version]: long },
    time: { [version]: new Date(0).toISOString() },
  }
}

module.exports = { manifestOf, startRegistry }
