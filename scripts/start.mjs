/**
 * `npm start`: sets everything up, starts a server, and runs the quickstart against it. With LOCKER_ACCESS_KEY_ID set it
 * uses that account and starts no server.
 */

import { spawnSync } from 'node:child_process'
import path from 'node:path'

import { startServer } from './server.mjs'
import { buildAddon, buildServer, installPackages, requireRust, root, step } from './setup.mjs'

requireRust()
installPackages()
buildAddon('release')

if (process.env.LOCKER_ACCESS_KEY_ID) {
  step('Running the quickstart with the account of LOCKER_ACCESS_KEY_ID')
  process.exitCode = quickstart({})
} else {
  const binary = buildServer('release')
  step('Starting locker-server dev')
  const server = await startServer(binary)
  step(`Running the quickstart against ${server.url}`)
  process.exitCode = quickstart({
    LOCKER_ACCESS_KEY_ID: server.accessKeyId,
    LOCKER_ACCESS_KEY_SECRET: server.accessKeySecret,
    LOCKER_API_BASE: server.apiBase,
  })
  await server.stop()
}

/** Runs the example, and gives its exit code. */
function quickstart(env) {
  const example = path.join(root, 'examples/quickstart/index.mjs')
  return (
    spawnSync(process.execPath, [example], { env: { ...process.env, ...env }, stdio: 'inherit' }).status ?? 1
  )
}
