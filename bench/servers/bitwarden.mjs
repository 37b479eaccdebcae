/**
 * What stands in for the server of Bitwarden's Secrets Manager: the calls that `@bitwarden/sdk-napi` needs to sign in, to
 * list and to get, with the same secrets. The ciphers are those of our protocol. Started by `fork`: `bitwarden.mjs COUNT`
 */

import { createHmac, randomBytes, randomUUID } from 'node:crypto'
import { createServer } from 'node:http'

import { sealText } from '../clients/protocol.mjs'
import { secretOf } from '../data.mjs'

const count = Number(process.argv[2])
const organization = randomUUID()
const projectKey = randomBytes(64)
const keys = { aes: projectKey.subarray(0, 32), mac: projectKey.subarray(32) }
const tokenSecret = randomBytes(16)
const accessToken = `0.${randomUUID()}.${randomBytes(22).toString('base64url')}:${tokenSecret.toString('base64')}`
const JSON_TYPE = { 'content-type': 'application/json' }

const secrets = new Map(
  Array.from({ length: count }, (_, number) => secret(number)).map((one) => [one.id, one]),
)
const ids = [...secrets.keys()]
const all = Buffer.from(
  JSON.stringify({
    object: 'SecretsWithProjectsList',
    secrets: [...secrets.values()].map(({ value: _, note: __, ...identifier }) => identifier),
    projects: [],
  }),
)
/** The answer to the question for all values, which takes longer to write than to read. */
const allValues = Buffer.from(
  JSON.stringify({ object: 'list', data: [...secrets.values()], continuationToken: null }),
)
const single = new Map([...secrets].map(([id, one]) => [id, Buffer.from(JSON.stringify(one))]))

function secret(number) {
  const { key, value, description } = secretOf(number)
  const date = '2026-01-01T00:00:00.000000Z'
  return {
    object: 'secret',
    id: randomUUID(),
    organizationId: organization,
    key: sealText(keys, key),
    value: sealText(keys, value),
    note: sealText(keys, description),
    creationDate: date,
    revisionDate: date,
    projects: [],
    read: true,
    write: false,
  }
}

/** The key that the access token gives: an HMAC of its secret under a fixed name, and HKDF-Expand of two blocks. */
function tokenKeys() {
  const prk = createHmac('sha256', 'bitwarden-accesstoken').update(tokenSecret).digest()
  const first = createHmac('sha256', prk).update('sm-access-token\x01').digest()
  const second = createHmac('sha256', prk).update(first).update('sm-access-token\x02').digest()
  return { aes: first, mac: second }
}

function signIn() {
  const part = (value) => Buffer.from(JSON.stringify(value)).toString('base64url')
  const claims = { organization, sub: randomUUID(), exp: 4_000_000_000, scope: ['api.secrets'] }
  return JSON.stringify({
    access_token: `${part({ alg: 'none', typ: 'JWT' })}.${part(claims)}.${part('')}`,
    expires_in: 3600,
    token_type: 'Bearer',
    scope: 'api.secrets',
    encrypted_payload: sealText(
      tokenKeys(),
      JSON.stringify({ encryptionKey: projectKey.toString('base64') }),
    ),
  })
}

const signedIn = signIn()

async function answerTo(request) {
  const { url } = request
  const body = await request.toArray()
  if (url === '/identity/connect/token') return signedIn
  if (url === `/api/organizations/${organization}/secrets`) return all
  if (url.startsWith('/api/secrets/get-by-ids')) {
    const asked = JSON.parse(Buffer.concat(body)).ids
    if (asked.length !== count) throw new Error('all are asked for, or one')
    return allValues
  }
  return single.get(url.slice('/api/secrets/'.length))
}

const server = createServer({ keepAliveTimeout: 60_000 }, async (request, response) => {
  const answer = await answerTo(request)
  response.writeHead(answer ? 200 : 404, { ...JSON_TYPE, 'content-length': Buffer.byteLength(answer ?? '') })
  response.end(answer)
})
process.on('disconnect', () => process.exit())
server.listen(0, '127.0.0.1', () => {
  const url = `http://127.0.0.1:${server.address().port}`
  // The SDK reads by id; whoever uses it knows the ids of the names.
  const idOf = Object.fromEntries(ids.map((id, number) => [secretOf(number).key, id]))
  process.send({ url, accessToken, organization, idOf: count <= 1000 ? idOf : {} })
})
