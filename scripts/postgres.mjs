/** A PostgreSQL of our own for a script: nothing is left of it, and no service that may be running is touched. */

import { execFileSync, spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'

/** The folder of `initdb` and `pg_ctl`: in PATH, or where Debian and Homebrew keep the newest version. */
export function findPostgres() {
  const inPath = (process.env.PATH ?? '').split(path.delimiter)
  const versions = ['/usr/lib/postgresql', '/opt/homebrew/opt', '/usr/local/opt'].flatMap((folder) =>
    existsSync(folder)
      ? readdirSync(folder)
          .filter((name) => /^(postgresql@)?\d+$/.test(name))
          .sort((a, b) => Number(b.replace(/\D/g, '')) - Number(a.replace(/\D/g, '')))
          .map((name) => path.join(folder, name, 'bin'))
      : [],
  )
  return [...inPath, ...versions].find(
    (folder) => folder && existsSync(path.join(folder, 'initdb')) && existsSync(path.join(folder, 'pg_ctl')),
  )
}

/**
 * Starts a cluster on a free port of this machine. `url` is that of a database in which others may be made; `stop` stops
 * and removes everything, and is called when the process ends, whatever ends it.
 */
export async function startPostgres(bin) {
  const folder = mkdtempSync(path.join(tmpdir(), 'lockerpm-postgres-'))
  const data = path.join(folder, 'data')
  // Whoever may connect may run commands as the user that it runs as.
  const password = randomBytes(16).toString('hex')
  const passwordFile = path.join(folder, 'password')
  writeFileSync(passwordFile, password, { mode: 0o600 })
  const as = notRoot(folder, passwordFile)
  const run = (program, ...args) =>
    execFileSync(...as(path.join(bin, program), args), {
      cwd: folder,
      stdio: ['ignore', 'ignore', 'inherit'],
    })

  const stop = () => {
    // It may not have come as far as running.
    spawnSync(...as(path.join(bin, 'pg_ctl'), ['stop', '-D', data, '-m', 'immediate']), {
      cwd: folder,
      stdio: 'ignore',
    })
    rmSync(folder, { recursive: true, force: true })
  }
  stopAtTheEnd(stop)

  const access = ['-U', 'postgres', '-A', 'scram-sha-256', `--pwfile=${passwordFile}`]
  run('initdb', '-D', data, ...access, '-E', 'UTF8', '--locale=C', '--no-sync')
  const port = await freePort()
  const options = [
    `-p ${port} -h 127.0.0.1 -k ${folder}`,
    // What is lost with the machine is only a test.
    '-c fsync=off -c full_page_writes=off -c max_connections=300',
  ].join(' ')
  run('pg_ctl', 'start', '-w', '-D', data, '-l', path.join(folder, 'log'), '-o', options)
  const url = `postgres://postgres:${password}@127.0.0.1:${port}/postgres`
  return { url, stop }
}

/** PostgreSQL refuses to run as root: gives a way to run it as the user that its package makes. */
function notRoot(...paths) {
  if (process.getuid?.() !== 0) return (program, args) => [program, args]
  const id = (flag) => Number(execFileSync('id', [flag, 'postgres'], { encoding: 'utf8' }))
  const [user, group] = [id('-u'), id('-g')]
  for (const name of paths) chownSync(name, user, group)
  const credentials = [`--reuid=${user}`, `--regid=${group}`, '--clear-groups']
  return (program, args) => ['setpriv', [...credentials, program, ...args]]
}

/** A signal, unlike `process.exit`, would end the process without its exit handlers. */
function stopAtTheEnd(stop) {
  process.once('exit', stop)
  for (const [signal, number] of [
    ['SIGINT', 2],
    ['SIGTERM', 15],
    ['SIGHUP', 1],
  ])
    process.once(signal, () => process.exit(128 + number))
}

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address()
  server.close()
  await once(server, 'close')
  return port
}
