import { type Bytes, concat, fromBase64, toBase64 } from './bytes'
import { CryptoError } from './error'

const TYPE = '2.'
const IV_LENGTH = 16
const BLOCK_LENGTH = 16
const MAC_LENGTH = 32

/** The parts of `2.<iv>|<ct>|<mac>`: AES-256-CBC with PKCS#7, and HMAC-SHA256 over iv and ct. */
export interface EncString {
  iv: Bytes
  ciphertext: Bytes
  mac: Bytes
}

/**
 * Reads the form only; nothing is known to be authentic yet.
 *
 * @throws {CryptoError} for any other form, plain text too
 */
export function parseEncString(text: string): EncString {
  const parts = text.startsWith(TYPE) ? text.slice(TYPE.length).split('|') : []
  const [iv, ciphertext, mac] = parts
  if (parts.length !== 3 || iv === undefined || ciphertext === undefined || mac === undefined)
    throw new CryptoError('this is no EncString')
  const parsed = { iv: fromBase64(iv), ciphertext: fromBase64(ciphertext), mac: fromBase64(mac) }
  if (parsed.mac.length !== MAC_LENGTH) throw new CryptoError('this is no EncString')
  return parsed
}

export function formatEncString({ iv, ciphertext, mac }: EncString): string {
  return `${TYPE}${toBase64(iv)}|${toBase64(ciphertext)}|${toBase64(mac)}`
}

/** What the MAC covers. */
export function authenticated({ iv, ciphertext }: Pick<EncString, 'iv' | 'ciphertext'>): Bytes {
  return concat(iv, ciphertext)
}

/** The MAC does not cover where iv ends, so a block could have moved across. */
export function hasRightLengths({ iv, ciphertext }: EncString): boolean {
  return iv.length === IV_LENGTH && ciphertext.length > 0 && ciphertext.length % BLOCK_LENGTH === 0
}
