import { type Bytes, concat, fromBase64, randomBytes, toBase64, utf8 } from './bytes'
import { CryptoError } from './error'
import { SymmetricKey } from './symmetric-key'

const SECRET_LENGTH = 32
const MIN_SECRET_LENGTH = 16

/** An access key as its user gets it. The secret never leaves the browser. */
export interface AccessKeyCredentials {
  id: string
  secret: string
}

/** Makes the secret of an access key: 32 random bytes in base64. */
export function makeAccessKeySecret(): string {
  return toBase64(randomBytes(SECRET_LENGTH))
}

/** Derives the key that wraps the project key: HKDF-Expand with SHA-256, the secret being the pseudo-random key. */
export async function deriveAccessKey(secret: string): Promise<SymmetricKey> {
  const bytes = fromBase64(secret)
  if (bytes.length < MIN_SECRET_LENGTH) throw new CryptoError('the secret of the access key is too short')
  try {
    const hmac = { name: 'HMAC', hash: 'SHA-256' }
    const key = await crypto.subtle.importKey('raw', bytes, hmac, false, ['sign'])
    return await SymmetricKey.from(concat(await expand(key, 'enc'), await expand(key, 'mac')))
  } finally {
    bytes.fill(0)
  }
}

/** The first block of HKDF-Expand. WebCrypto's HKDF always extracts first. */
async function expand(key: CryptoKey, info: string): Promise<Bytes> {
  return new Uint8Array(await crypto.subtle.sign('HMAC', key, concat(utf8(info), new Uint8Array([1]))))
}
