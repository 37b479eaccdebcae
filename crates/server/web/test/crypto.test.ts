/** The vectors of `locker-core`, which another implementation of the protocol made. */

import { hkdfSync } from 'node:crypto'

import { argon2id } from '@noble/hashes/argon2.js'
import { describe, expect, it } from 'vitest'

import vectors from '../../../core/tests/vectors.json'
import { deriveAccessKey, makeAccessKeySecret } from '../src/crypto/access-key'
import { concat, fromBase64, toBase64, utf8 } from '../src/crypto/bytes'
import { CryptoError } from '../src/crypto/error'
import { checkKdf, makeKdf } from '../src/crypto/kdf'
import { passwordLength, splitMasterKey } from '../src/crypto/master-password'
import { hashName } from '../src/crypto/name-hash'
import { SymmetricKey } from '../src/crypto/symmetric-key'

const keyOf = (encryption: string, mac: string) =>
  SymmetricKey.from(concat(fromBase64(encryption), fromBase64(mac)))

const decoder = new TextDecoder('utf-8', { ignoreBOM: true })

/** Whether a case must be accepted or rejected; `undefined` if both are right. */
const verdict = (must: string) => (must === 'either' ? undefined : must === 'accept')
const accepted = (attempt: Promise<unknown>) =>
  attempt.then(
    () => true,
    (error) => {
      expect(error).toBeInstanceOf(CryptoError)
      return false
    },
  )

describe('access keys of another implementation', () => {
  it.each(vectors.access_keys)('$name', async (vector) => {
    const derived = await deriveAccessKey(vector.secret_b64)
    const expected = await keyOf(vector.stretched_enc_b64, vector.stretched_mac_b64)
    expect(await expected.openText(await derived.sealText('same key'))).toBe('same key')
    expect(toBase64(await derived.open(vector.profile_key))).toBe(vector.project_key_b64)

    const project = await derived.openKey(vector.profile_key)
    for (const item of vector.items)
      expect(toBase64(await project.open(item.enc_string)), item.name).toBe(item.plain_b64)
  })

  it('come in base64 and in nothing else', async () => {
    for (const { input, must, name } of vectors.negative_secrets) {
      const expected = verdict(must)
      if (expected !== undefined) expect(await accepted(deriveAccessKey(input)), name).toBe(expected)
    }
  })

  it('are made of 32 random bytes', () => {
    expect(fromBase64(makeAccessKeySecret())).toHaveLength(32)
    expect(makeAccessKeySecret()).not.toBe(makeAccessKeySecret())
  })
})

describe('altered EncStrings', () => {
  it.each(vectors.negative_items)('$must: $name', async ({ enc_b64, mac_b64, input, must }) => {
    const key = await keyOf(enc_b64, mac_b64)
    const expected = verdict(must)
    if (expected !== undefined) expect(await accepted(key.open(input))).toBe(expected)
  })

  it.each(vectors.negative_profile_keys)('$must as a project key: $name', async (vector) => {
    const key = await keyOf(vector.enc_b64, vector.mac_b64)
    const expected = verdict(vector.must)
    if (expected === undefined) return
    expect(await accepted(key.openKey(vector.input))).toBe(expected)
    expect(await accepted(key.rewrapKey(vector.input, key))).toBe(expected)
  })

  it('are not told apart once their MAC is right', async () => {
    const cases = vectors.negative_items.filter(
      ({ why, must }) => why.startsWith('padding') && must === 'reject',
    )
    expect(cases.length).toBeGreaterThanOrEqual(7)
    for (const { enc_b64, mac_b64, input } of cases) {
      const key = await keyOf(enc_b64, mac_b64)
      await expect(key.open(input)).rejects.toThrow(new CryptoError('the text cannot be decrypted'))
    }
  })
})

describe('request bodies of another client', () => {
  it.each(vectors.request_bodies)('$name', async ({ access_key, body, plain }) => {
    const vector = vectors.access_keys[access_key]!
    const key = await keyOf(vector.project_enc_b64, vector.project_mac_b64)
    const sealed: Record<string, string | undefined> = body
    for (const [field, text] of Object.entries(plain))
      expect(await key.openText(sealed[field]), field).toBe(text)
  })
})

it('names hash as elsewhere', async () => {
  for (const { project_id_str, key_b64, hash } of vectors.hashes)
    expect(await hashName(BigInt(project_id_str), decoder.decode(fromBase64(key_b64)))).toBe(hash)
})

describe('a key', () => {
  const made = () => SymmetricKey.from(crypto.getRandomValues(new Uint8Array(64)))

  it('opens what it sealed, and never seals alike', async () => {
    const key = await made()
    for (const text of ['', 'a', '0123456789abcdef', 'Mật khẩu 😀', '\uFEFFwith a byte order mark']) {
      const sealed = await key.sealText(text)
      expect(await key.openText(sealed)).toBe(text)
      expect(await key.sealText(text)).not.toBe(sealed)
      await expect((await made()).openText(sealed)).rejects.toThrow(CryptoError)
    }
  })

  it('refuses a text that is not UTF-8', async () => {
    const key = await made()
    const sealed = await key.seal(new Uint8Array([0xff, 0xfe]))
    await expect(key.openText(sealed)).rejects.toThrow(CryptoError)
  })

  it('wipes the bytes of which it is made', async () => {
    const bytes = crypto.getRandomValues(new Uint8Array(64))
    await SymmetricKey.from(bytes)
    expect(bytes.every((byte) => byte === 0)).toBe(true)
    await expect(SymmetricKey.from(new Uint8Array(63))).rejects.toThrow(CryptoError)
  })

  it('makes and hands on other keys as ciphertext', async () => {
    const [account, accessKey] = [await made(), await made()]
    const sealed = await account.makeSealedKey()
    const project = await account.openKey(sealed)
    const again = await accessKey.openKey(await account.rewrapKey(sealed, accessKey))
    expect(await again.openText(await project.sealText('one key'))).toBe('one key')
  })
})

describe('the master password', () => {
  it('gives a sign-in key and a wrapping key that have nothing in common', async () => {
    const master = utf8('0123456789abcdef0123456789abcdef')
    const expand = (info: string, length: number) =>
      new Uint8Array(hkdfSync('sha256', master, '', info, length))
    const signIn = toBase64(expand('locker-server sign-in', 32))
    const wrapping = await SymmetricKey.from(expand('locker-server account key', 64))
    const keys = await splitMasterKey(master)
    expect(keys.signInKey).toBe(signIn)
    expect(await wrapping.openText(await keys.wrappingKey.sealText('same key'))).toBe('same key')
    expect(master.every((byte) => byte === 0)).toBe(true)
  })

  it('is stretched as RFC 9106 says', () => {
    // Section 5.3, with its own secret and associated data.
    const key = argon2id(new Uint8Array(32).fill(1), new Uint8Array(16).fill(2), {
      t: 3,
      m: 32,
      p: 4,
      key: new Uint8Array(8).fill(3),
      personalization: new Uint8Array(12).fill(4),
      dkLen: 32,
    })
    expect(Buffer.from(key).toString('hex')).toBe(
      '0d640df58d78766c08c037a34a8b53c9d01ef0452d75b65eb52520e96b01e659',
    )
  })

  it('is counted in characters after normalisation', () => {
    expect(passwordLength('😀😀')).toBe(2)
    expect(passwordLength('e\u0301')).toBe(1)
  })

  it('is never stretched less, more or otherwise than is safe', () => {
    const kdf = makeKdf()
    expect(checkKdf(kdf)).toEqual(kdf)
    expect(checkKdf({ ...kdf, iterations: 2, memory_kib: 19_456, parallelism: 1 })).toBeTruthy()
    expect(checkKdf({ ...kdf, iterations: 10, memory_kib: 1_048_576, parallelism: 16 })).toBeTruthy()
    for (const change of [
      { algorithm: 'pbkdf2' as 'argon2id' },
      { salt: toBase64(new Uint8Array(8)) },
      { salt: 'not base64' },
      { iterations: 1 },
      { iterations: 11 },
      { iterations: 2.5 },
      { memory_kib: 19_455 },
      { memory_kib: 1_048_577 },
      { parallelism: 0 },
      { parallelism: 17 },
    ])
      expect(() => checkKdf({ ...kdf, ...change }), JSON.stringify(change)).toThrow(CryptoError)
  })
})
