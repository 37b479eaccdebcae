/** What a good Node developer writes first: `fetch`, and `node:crypto` for each field. */

import { accessKeys, headersOf, isInAll, listPath, nameHash, openText, projectKeys } from './protocol.mjs'

export function open({ apiBase, accessKeyId, accessKeySecret }) {
  const headers = headersOf(accessKeyId)
  let project

  const ask = async (path) => {
    const answer = await fetch(apiBase + path, { headers })
    if (!answer.ok) throw new Error(`the server answers with ${answer.status}`)
    return answer.json()
  }

  const openProject = async () => {
    const { profile } = await ask('/v1/profile')
    return { id: profile.project_id, keys: projectKeys(accessKeys(accessKeySecret), profile.key) }
  }
  const theProject = () => (project ??= openProject())

  const pages = async (path) => {
    const items = []
    for (let next = path; next;) {
      const page = await ask(next)
      items.push(...page.results)
      next = page.next
    }
    return items
  }

  return {
    async list() {
      const { keys } = await theProject()
      return (await pages(listPath(1))).map((item) => toSecret(keys, item))
    },

    async get(key) {
      const { id, keys } = await theProject()
      const items = await pages(listPath(1, nameHash(id, key)))
      const found = items.find(isInAll)
      if (!found) return undefined
      const secret = toSecret(keys, found)
      if (secret.key !== key) throw new Error('the server sent a secret under another name')
      return secret.value
    },
  }
}

function toSecret(keys, item) {
  const text = (sealed) => openText(keys, sealed)
  return {
    id: item.id,
    key: text(item.key),
    value: text(item.value),
    description: text(item.description),
    environmentName: text(item.environment_name) || null,
    environmentId: item.environment_id,
    projectId: item.project_id,
    creationDate: item.creation_date,
    revisionDate: item.revision_date,
    updatedDate: item.updated_date,
  }
}
