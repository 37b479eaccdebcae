/**
 * The strongest client in JavaScript that we could make: kept connections, pages in parallel, and a page opened by one call
 * of AES and a SIMD kernel. What only a list needs is loaded by the first list.
 */

import { Agent, request } from 'node:http'

import { accessKeys, headersOf, isInAll, listPath, nameHash, openText, projectKeys } from '../protocol.mjs'

const PAGE = 2000
const CONNECTIONS = 32

export function open({ apiBase, accessKeyId, accessKeySecret }) {
  const base = new URL(apiBase)
  const agent = new Agent({ keepAlive: true, noDelay: true, maxSockets: CONNECTIONS, scheduling: 'lifo' })
  const shared = { agent, host: base.hostname, port: base.port, headers: headersOf(accessKeyId) }
  let project
  let opener

  const ask = (path) => {
    return new Promise((resolve, reject) => {
      const sent = request({ ...shared, path: base.pathname + path }, (answer) => {
        if (answer.statusCode !== 200) reject(new Error(`the server answers with ${answer.statusCode}`))
        receive(answer, resolve, reject)
      })
      sent.on('error', reject).end()
    })
  }

  const openProject = async () => {
    const { profile } = await ask('/v1/profile')
    return { id: profile.project_id, keys: projectKeys(accessKeys(accessKeySecret), profile.key) }
  }
  const theProject = () => (project ??= openProject())

  return {
    async list() {
      // The first page needs no key, so it is asked for together with the profile.
      const [loaded, { keys }, first] = await Promise.all([
        opener ?? import('./page.mjs'),
        theProject(),
        ask(listPath(1)),
      ])
      opener ??= new loaded.PageOpener(keys)
      const pages = [first]
      const others = Array.from({ length: Math.ceil(first.count / PAGE) - 1 }, (_, at) =>
        ask(listPath(at + 2)),
      )
      const secrets = [opener.open(first.results)]
      await Promise.all(
        others.map(async (asked, at) => {
          const page = await asked
          pages[at + 1] = page
          secrets[at + 1] = opener.open(page.results)
        }),
      )
      opener.forget()
      if (pages.some((page) => page.revision_date !== first.revision_date))
        throw new Error('the list changed')
      const all = secrets.flat()
      if (all.length !== first.count) throw new Error('the count is not the number of items')
      return all
    },

    async get(key) {
      const { id, keys } = await theProject()
      const page = await ask(listPath(1, nameHash(id, key)))
      const found = page.results.find(isInAll)
      if (!found) return undefined
      if (openText(keys, found.key) !== key) throw new Error('the server sent a secret under another name')
      return openText(keys, found.value)
    },
  }
}

/** Reads an answer into one buffer of the length that it names. */
function receive(answer, resolve, reject) {
  const length = Number(answer.headers['content-length'])
  let body
  let at = 0
  answer.on('data', (chunk) => {
    if (chunk.length === length) body = chunk
    else {
      body ??= Buffer.allocUnsafeSlow(length)
      chunk.copy(body, at)
    }
    at += chunk.length
  })
  answer.on('error', reject)
  answer.on('end', () => {
    try {
      resolve(JSON.parse(body.utf8Slice(0, at)))
    } catch (error) {
      reject(error)
    }
  })
}
