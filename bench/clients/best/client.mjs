/**
 * The strongest client in JavaScript that we could make: kept connections, pages in parallel, and a page opened by one call
 * of AES and a SIMD kernel. What only a list needs is loaded by the first list.
 */

import { accessKeys, isInAll, listPath, nameHash, openText, projectKeys } from '../protocol.mjs'

const PAGE = 2000

/** @param {(server: object) => (path: string) => Promise<object>} connect gives what asks for JSON */
export function openWith(connect, server) {
  const ask = connect(server)
  let project
  let opener

  const openProject = async () => {
    const { profile } = await ask('/v1/profile')
    return { id: profile.project_id, keys: projectKeys(accessKeys(server.accessKeySecret), profile.key) }
  }
  const theProject = () => (project ??= openProject())

  /** Costs more than it saves until the second read. */
  const loadOpener = async (keys) => (opener ??= new (await import('./page.mjs')).PageOpener(keys))
  let isFirst = true

  return {
    async list() {
      // The first page needs no key, so it is asked for together with the profile.
      const [, { keys }, first] = await Promise.all([import('./page.mjs'), theProject(), ask(listPath(1))])
      await loadOpener(keys)
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
      const secret = isFirst ? openOne(keys, found) : (opener ?? (await loadOpener(keys))).open([found])[0]
      isFirst = false
      if (secret.key !== key) throw new Error('the server sent a secret under another name')
      return secret.value
    },
  }
}

const openOne = (keys, item) => ({ key: openText(keys, item.key), value: openText(keys, item.value) })
