/** What the JavaScript clients share: keys, EncStrings one by one, name hashes. See `docs/` of the protocol. */

import {
  createCipheriv,
  createDecipheriv,
  createHash,
  createHmac,
  randomBytes,
  timingSafeEqual,
} from 'node:crypto'

const FORM = /^2\.([A-Za-z0-9+/]{22}==)\|([A-Za-z0-9+/]+={0,2})\|([A-Za-z0-9+/]{43}=)$/

/** The keys of an access key: HKDF-Expand of one block each. */
export function accessKeys(accessKeySecret) {
  const secret = Buffer.from(accessKeySecret, 'base64')
  const expand = (info) => createHmac('sha256', secret).update(info).update('\x01').digest()
  return { aes: expand('enc'), mac: expand('mac') }
}

export function projectKeys(accessKey, sealed) {
  const bytes = openBytes(accessKey, sealed)
  if (bytes.length !== 64) throw new Error('the project key is not 64 bytes long')
  return { aes: bytes.subarray(0, 32), mac: bytes.subarray(32) }
}

/** Verifies the MAC in constant time, then decrypts. */
export function openBytes({ aes, mac }, sealed) {
  const parts = FORM.exec(sealed)
  if (!parts) throw new Error('this is no EncString')
  const [iv, ciphertext, tag] = parts.slice(1).map((part) => Buffer.from(part, 'base64'))
  const expected = createHmac('sha256', mac).update(iv).update(ciphertext).digest()
  if (!timingSafeEqual(expected, tag)) throw new Error('the MAC does not match')
  const decipher = createDecipheriv('aes-256-cbc', aes, iv)
  return Buffer.concat([decipher.update(ciphertext), decipher.final()])
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** Null and empty both mean the empty text. */
export function openText(keys, sealed) {
  return sealed ? utf8.decode(openBytes(keys, sealed)) : ''
}

export function sealText({ aes, mac }, text) {
  const iv = randomBytes(16)
  const cipher = createCipheriv('aes-256-cbc', aes, iv)
  const ciphertext = Buffer.concat([cipher.update(text), cipher.final()])
  const tag = createHmac('sha256', mac).update(iv).update(ciphertext).digest()
  return `2.${[iv, ciphertext, tag].map((part) => part.toString('base64')).join('|')}`
}

export function nameHash(projectId, name) {
  return createHash('sha256').update(`${projectId}${name}`).digest('base64url')
}

export const headersOf = (accessKeyId) => ({
  authorization: `Bearer ${accessKeyId}`,
  accept: 'application/json',
  'user-agent': 'lockerpm-bench/1',
})

export const listPath = (page, hash = '') =>
  `/v1/secrets?count_secrets=1&page=${page}&paging=1&revision_date=0&size=2000&hash=${hash}`

export const isInAll = (item) => item.environment_id === null && item.environment_hash === null
