'use strict'

/** `locker-server serve` on a database that is kept, with an account and a project of its own. */

const { execFileSync } = require('node:child_process')
const { randomBytes, randomUUID } = require('node:crypto')
const { mkdtempSync, readFileSync, readdirSync, rmSync } = require('node:fs')
const { tmpdir } = require('node:os')
const path = require('node:path')

/**
 * Everything that a started server needs to look like one that `dev` started.
 *
 * @param {string} binary the server
 * @param {string} database the URL of a PostgreSQL database that many may use, or `sqlite` for a new file
 */
function kept(binary, database) {
  const folder = mkdtempSync(path.join(tmpdir(), 'lockerpm-served-'))
  const url = database === 'sqlite' ? `sqlite:${path.join(folder, 'locker.db')}` : database
  const account = { email: `${randomUUID()}@example.com`, masterPassword: randomBytes(24).toString('base64') }

  const command = (...args) =>
    execFileSync(binary, args, {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, LOCKER_EMAIL: account.email, LOCKER_MASTER_PASSWORD: account.masterPassword },
    })
  const answer = (server, ...args) => JSON.parse(command(...args, '--json', '--server', server))

  return {
    args: ['serve', '--listen', '127.0.0.1:0', '--database', url, '--rate-limit', '100000/s'],
    /** Makes the account, the project and its access keys. */
    ready: (server) => {
      command('account', 'create', '--database', url)
      const { projectId } = answer(server, 'project', 'create', '--name', 'test')
      const accessKey = (permission) => {
        const create = ['access-key', 'create', '--project', String(projectId), '--permission', permission]
        const { accessKeyId, accessKeySecret } = answer(server, ...create)
        return { accessKeyId, accessKeySecret }
      }
      return {
        url: server,
        apiBase: `${server}/locker_secrets`,
        projectId,
        ...accessKey('read-write'),
        readOnly: accessKey('read'),
        account,
        caCertFile: null,
      }
    },
    /** What a thief of the disk would have: the files of SQLite, or a backup of PostgreSQL. */
    content: () => {
      if (database !== 'sqlite') command('backup', '--database', url, '--to', path.join(folder, 'backup.db'))
      return readdirSync(folder).map((name) => readFileSync(path.join(folder, name)))
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  }
}

module.exports = { kept }
