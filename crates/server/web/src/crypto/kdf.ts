import { fromBase64, randomBytes, toBase64 } from './bytes'
import { CryptoError } from './error'

const SALT_LENGTH = 16

/** How the master password of an account is stretched; stored with the account. */
export interface Kdf {
  algorithm: 'argon2id'
  salt: string
  iterations: number
  memory_kib: number
  parallelism: number
}

/** The second recommended option of RFC 9106, section 4, with a new salt. */
export function makeKdf(): Kdf {
  return {
    algorithm: 'argon2id',
    salt: toBase64(randomBytes(SALT_LENGTH)),
    iterations: 3,
    memory_kib: 64 * 1024,
    parallelism: 4,
  }
}

/** A server could ask for less, to guess the password, or for more, to exhaust the browser. */
const BOUNDS = {
  iterations: [2, 10],
  memory_kib: [19_456, 1_048_576],
  parallelism: [1, 16],
} as const

/** @throws {CryptoError} if the settings that the server sent are not safe to use */
export function checkKdf(kdf: Kdf): Kdf {
  if (kdf.algorithm !== 'argon2id') throw unsafe('the algorithm')
  if (typeof kdf.salt !== 'string' || fromBase64(kdf.salt).length !== SALT_LENGTH) throw unsafe('the salt')
  for (const [name, [least, most]] of Object.entries(BOUNDS)) {
    const value = kdf[name as keyof typeof BOUNDS]
    if (!Number.isInteger(value) || value < least || value > most) throw unsafe(name)
  }
  return kdf
}

function unsafe(what: string): CryptoError {
  return new CryptoError(
    `The server asks for an unsafe way to stretch the master password (${what}). Do not go on; ask who runs it.`,
  )
}
