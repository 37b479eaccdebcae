/**
 * Fuzzes the management API with schemathesis, along its own OpenAPI document: no answer may be a 5xx or differ from the
 * document. `node scripts/test-api.mjs SERVER_BINARY [EXAMPLES]`
 */

import { spawn, spawnSync } from 'node:child_process'
import { randomBytes, randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { createInterface } from 'node:readline'

import { fail, root, step } from './setup.mjs'

const VERSION = '4.32.5'
// What the document promises.
const CHECKS = [
  'not_a_server_error',
  'status_code_conformance',
  'content_type_conformance',
  'response_headers_conformance',
  'response_schema_conformance',
]
// These end the session with which they are called.
const SESSION_ENDS = ['sign_in', 'sign_out', 'create_account']

const [binary, examples = '10'] = process.argv.slice(2)
if (!binary) fail('usage: node scripts/test-api.mjs SERVER_BINARY [EXAMPLES]')

const schemathesis = install()
const folder = mkdtempSync(path.join(tmpdir(), 'locker-server-api-'))
const server = spawn(
  binary,
  [
    ...['serve', '--listen', '127.0.0.1:0', '--database', `sqlite:${path.join(folder, 'locker.db')}`],
    ...['--open-sign-up', '--rate-limit', '100000/s'],
  ],
  { stdio: ['ignore', 'ignore', 'pipe'], env: { ...process.env, LOCKER_SERVER_LOG: 'info' } },
)
const exit = once(server, 'exit')
try {
  const { url, errors } = await listening(server)
  const session = await signUp(`${url}/locker_secrets`)
  const headers = [`Cookie: ${session.cookie}`, `X-CSRF-Token: ${session.csrfToken}`]
  const option = (name, values) => values.flatMap((value) => [name, value])
  await fuzz(url, [...option('--header', headers), ...option('--exclude-operation-id', SESSION_ENDS)])
  await fuzz(url, option('--include-operation-id', SESSION_ENDS))
  server.kill('SIGTERM')
  const [code] = await exit
  if (code !== 0) fail(`locker-server ended with ${code}`)
  if (errors.length > 0) fail(`locker-server logged errors:\n${errors.slice(0, 10).join('\n')}`)
} finally {
  server.kill('SIGKILL')
  await exit
  rmSync(folder, { recursive: true, force: true })
}

/** Installs schemathesis in a virtual environment that is kept for the next time, and gives its path. */
function install() {
  const environment = path.join(root, 'target', `schemathesis-${VERSION}`)
  const program = path.join(environment, 'bin', 'schemathesis')
  if (existsSync(program)) return program
  step('Installing schemathesis')
  const command = (name, args) => {
    const { status, error } = spawnSync(name, args, { stdio: ['ignore', 'ignore', 'inherit'] })
    if (error || status !== 0) fail(`"${name} ${args.join(' ')}" failed. Python 3.10 with venv is needed.`)
  }
  command('python3', ['-m', 'venv', environment])
  const pip = path.join(environment, 'bin', 'python')
  command(pip, ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', `schemathesis==${VERSION}`])
  return program
}

/** Waits until the server says where it listens, and gathers what it logs as an error. */
async function listening({ stderr }) {
  const errors = []
  const url = await new Promise((resolve, reject) => {
    const lines = createInterface(stderr)
    lines.on('line', (line) => {
      const address = /serving address=(\S+)/.exec(line.replaceAll(/\x1b\[\d*m/g, ''))?.[1]
      if (address) resolve(`http://${address}`)
      if (/ ERROR /.test(line)) errors.push(line)
    })
    lines.on('close', () => reject(new Error('locker-server did not start')))
  })
  return { url, errors }
}

/** Makes an account, and in it a project with an access key, so that not every path leads to nothing. */
async function signUp(apiBase) {
  const sealed = `2.${base64(16)}|${base64(80)}|${base64(32)}`
  const email = `${randomUUID()}@example.com`
  const kdf = { algorithm: 'argon2id', salt: base64(16), iterations: 3, memory_kib: 65_536, parallelism: 4 }
  const headers = { 'content-type': 'application/json' }
  const post = async (route, body) => {
    const answer = await fetch(apiBase + route, { method: 'POST', headers, body: JSON.stringify(body) })
    if (answer.status !== 201) fail(`POST ${route}: ${answer.status} ${await answer.text()}`)
    return answer
  }
  const account = { email, kdf, sign_in_key: base64(32), sealed_account_key: sealed }
  const answer = await post('/v1/accounts', account)
  const cookie = answer.headers.get('set-cookie').split(';')[0]
  const { csrf_token: csrfToken } = await answer.json()
  Object.assign(headers, { cookie, 'x-csrf-token': csrfToken })
  const workspace = await (await post('/v1/workspaces', { name: 'Home' })).json()
  const project = { workspace_id: workspace.id, name: 'Shop', sealed_project_key: sealed }
  const { id } = await (await post('/v1/projects', project)).json()
  await post(`/v1/projects/${id}/access_keys`, { id: randomUUID(), key: sealed, permission: 'read' })
  return { cookie, csrfToken }
}

function base64(length) {
  return randomBytes(length).toString('base64')
}

/** Runs schemathesis with the given choice of operations. */
async function fuzz(url, choice) {
  const args = ['--checks', CHECKS.join(','), '--max-examples', examples, '--no-color']
  const child = spawn(schemathesis, ['run', `${url}/openapi.json`, ...choice, ...args], {
    stdio: ['ignore', 'inherit', 'inherit'],
    // It leaves notes for its next run in the folder in which it runs.
    cwd: folder,
  })
  const [status] = await once(child, 'exit')
  if (status !== 0) fail('schemathesis found a difference between the API and its document')
}
