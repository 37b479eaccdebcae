/** The SDK of Bitwarden's Secrets Manager: the same ciphers, in native code. */

import { createRequire } from 'node:module'

export function open({ sdk, url, accessToken, organization, idOf }) {
  const { BitwardenClient } = createRequire(import.meta.url)(sdk)
  let client
  const signIn = async () => {
    const made = new BitwardenClient(
      {
        apiUrl: `${url}/api`,
        identityUrl: `${url}/identity`,
        userAgent: 'lockerpm-bench/1',
        deviceType: 'SDK',
      },
      // Errors only.
      4,
    )
    await made.auth().loginAccessToken(accessToken)
    return made
  }
  const signedIn = () => (client ??= signIn())

  return {
    /** What it has of ours. */
    fields: ['key', 'value', 'description'],

    async list() {
      const secrets = (await signedIn()).secrets()
      const { data } = await secrets.list(organization)
      const found = await secrets.getByIds(data.map(({ id }) => id))
      return found.data.map(({ id, key, value, note, creationDate, revisionDate }) => ({
        id,
        key,
        value,
        description: note,
        creationDate: Number(creationDate),
        revisionDate,
      }))
    },

    async get(key) {
      return (await (await signedIn()).secrets().get(idOf[key])).value
    },
  }
}
