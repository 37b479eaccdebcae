import { argon2id } from './argon2id'
import { type Bytes, toBase64, utf8 } from './bytes'
import { checkKdf, type Kdf } from './kdf'
import { SymmetricKey } from './symmetric-key'

export const MIN_PASSWORD_LENGTH = 12
export const MAX_PASSWORD_LENGTH = 1024

/** What the master password gives: a proof for the server, and the key that only this browser has. */
export interface PasswordKeys {
  signInKey: string
  wrappingKey: SymmetricKey
}

/** How many characters the server's other clients would count. */
export function passwordLength(password: string): number {
  return [...password.normalize('NFKC')].length
}

export async function deriveFromPassword(
  password: string,
  kdf: Kdf,
  onProgress: (progress: number) => void,
): Promise<PasswordKeys> {
  const masterKey = await argon2id(utf8(password.normalize('NFKC')), checkKdf(kdf), onProgress)
  return splitMasterKey(masterKey)
}

/** Takes over the master key, and wipes it. */
export async function splitMasterKey(masterKey: Bytes): Promise<PasswordKeys> {
  try {
    const key = await crypto.subtle.importKey('raw', masterKey, 'HKDF', false, ['deriveBits'])
    return {
      signInKey: toBase64(await hkdf(key, 'locker-server sign-in', 32)),
      wrappingKey: await SymmetricKey.from(await hkdf(key, 'locker-server account key', 64)),
    }
  } finally {
    masterKey.fill(0)
  }
}

async function hkdf(key: CryptoKey, info: string, length: number): Promise<Bytes> {
  const params = { name: 'HKDF', hash: 'SHA-256', salt: new Uint8Array(), info: utf8(info) }
  return new Uint8Array(await crypto.subtle.deriveBits(params, key, 8 * length))
}
