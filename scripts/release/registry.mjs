/**
 * A registry on 127.0.0.1, where a release is tried. It has our packages from nobody but us, and others from the registry
 * that npm is configured with.
 */

import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { createInterface } from 'node:readline'

import { exec } from '../cross/tools.mjs'
import { root } from '../setup.mjs'
import { npmTool } from './tools.mjs'

const USER = 'release-dry'

/**
 * @param {string} folder an empty one, for everything that the registry and npm keep
 * @returns `publisher` and `user` are what npm needs in its environment: the one may publish, the other is anybody
 */
export async function startRegistry(folder) {
  const upstream = exec('npm', ['config', 'get', 'registry'], { cwd: root }).trim()
  const config = JSON.stringify(configuration(folder, upstream))
  const script = path.join(import.meta.dirname, 'verdaccio.mjs')
  const child = spawn(process.execPath, [script, npmTool('verdaccio'), config], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const exit = once(child, 'exit')
  try {
    const url = await firstLine(child, exit)
    return {
      url,
      publisher: npmEnvironment(folder, 'publisher', url, await addUser(url)),
      user: npmEnvironment(folder, 'user', url),
      stop: () => (child.kill(), exit),
    }
  } catch (error) {
    child.kill()
    throw error
  }
}

function configuration(folder, upstream) {
  const ours = { access: '$all', publish: '$authenticated' }
  return {
    self_path: folder,
    storage: path.join(folder, 'storage'),
    web: { enable: false },
    auth: { htpasswd: { file: path.join(folder, 'users'), max_users: 1 } },
    uplinks: { upstream: { url: upstream } },
    packages: {
      lockerpm: ours,
      '@lockerpm/*': ours,
      '**': { access: '$all', proxy: 'upstream' },
    },
    max_body_size: '100mb',
    log: { type: 'stdout', format: 'pretty', level: 'error' },
  }
}

async function firstLine(child, exit) {
  const lines = createInterface(child.stdout)
  const first = await Promise.race([once(lines, 'line'), exit.then(() => undefined)])
  if (!first) throw new Error('verdaccio ended before it was ready')
  // What it has to say later is for people.
  lines.on('line', (line) => console.error(line))
  return first[0]
}

/** @returns a token of the one user that there can be */
async function addUser(url) {
  const account = { name: USER, password: randomBytes(24).toString('base64url') }
  const response = await fetch(new URL(`-/user/org.couchdb.user:${USER}`, url), {
    method: 'PUT',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(account),
  })
  const { token, error } = await response.json()
  if (!token) throw new Error(`verdaccio gives no token: ${error}`)
  return token
}

/** The environment of an npm that knows this registry, and nothing of how npm is configured on this machine. */
function npmEnvironment(folder, name, url, token) {
  const own = path.join(folder, name)
  mkdirSync(own)
  const userconfig = path.join(own, 'npmrc')
  const credentials = token ? `//${new URL(url).host}/:_authToken=${token}\n` : ''
  writeFileSync(userconfig, `registry=${url}\n${credentials}`, { mode: 0o600 })
  const inherited = Object.entries(process.env).filter(([key]) => !/^npm_|_TOKEN$/i.test(key))
  return {
    ...Object.fromEntries(inherited),
    npm_config_userconfig: userconfig,
    npm_config_cache: path.join(own, 'cache'),
    npm_config_update_notifier: 'false',
    npm_config_audit: 'false',
    npm_config_fund: 'false',
    NO_PROXY: '127.0.0.1',
    no_proxy: '127.0.0.1',
  }
}
