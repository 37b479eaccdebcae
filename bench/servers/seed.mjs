/** Fills a project through the API, as any client would, unless that was done before. */

import { existsSync, writeFileSync } from 'node:fs'
import { Agent, request } from 'node:http'
import path from 'node:path'

import { accessKeys, headersOf, nameHash, projectKeys, sealText } from '../clients/protocol.mjs'
import { ENVIRONMENTS, secretOf } from '../data.mjs'

/** The server writes one after the other, so more would only wait. */
const AT_ONCE = 8

const mark = (folder) => path.join(folder, 'seeded')
export const isSeeded = (folder) => existsSync(mark(folder))

/** @param {{ apiBase: string, accessKeyId: string, accessKeySecret: string }} project */
export async function seed(project, count, folder) {
  if (isSeeded(folder)) return
  process.stderr.write(`Seeding a project with ${count} secrets\n`)
  const agent = new Agent({ keepAlive: true, maxSockets: AT_ONCE })
  const post = (where, body) => ask(agent, project, 'POST', where, body)

  const { profile } = await ask(agent, project, 'GET', '/v1/profile')
  const keys = projectKeys(accessKeys(project.accessKeySecret), profile.key)
  const hash = (name) => nameHash(profile.project_id, name)
  const environments = new Map()
  for (const name of ENVIRONMENTS) {
    const body = { name: sealText(keys, name), hash: hash(name), external_url: '', description: '' }
    environments.set(name, await post('/v1/environments', body))
  }

  let next = 0
  const work = async () => {
    while (next < count) await post('/v1/secrets', bodyOf(next++, keys, hash, environments))
  }
  await Promise.all(Array.from({ length: AT_ONCE }, work))
  agent.destroy()
  writeFileSync(mark(folder), '')
}

function bodyOf(number, keys, hash, environments) {
  const { key, value, description, environmentName } = secretOf(number)
  return {
    key: sealText(keys, key),
    hash: hash(key),
    value: sealText(keys, value),
    description: description && sealText(keys, description),
    ...(environmentName && {
      environment_id: environments.get(environmentName).id,
      environment_name: sealText(keys, environmentName),
    }),
  }
}

function ask(agent, { apiBase, accessKeyId }, method, where, body) {
  return new Promise((resolve, reject) => {
    const headers = { ...headersOf(accessKeyId), 'content-type': 'application/json' }
    const sent = request(apiBase + where, { agent, method, headers }, async (answer) => {
      const text = Buffer.concat(await answer.toArray()).toString()
      if (answer.statusCode < 300) resolve(JSON.parse(text))
      else reject(new Error(`${method} ${where}: ${answer.statusCode} ${text}`))
    })
    sent.on('error', reject).end(body && JSON.stringify(body))
  })
}
