import { type Bytes, concat, randomBytes, utf8 } from './bytes'
import { authenticated, formatEncString, hasRightLengths, parseEncString } from './enc-string'
import { CryptoError } from './error'

const HALF = 32
const IV_LENGTH = 16

/** A key of 64 bytes: the first half for AES-256-CBC, the second for HMAC-SHA256. The browser does not give it back. */
export class SymmetricKey {
  readonly #aes: CryptoKey
  readonly #hmac: CryptoKey

  private constructor(aes: CryptoKey, hmac: CryptoKey) {
    this.#aes = aes
    this.#hmac = hmac
  }

  /** Takes over the bytes, and wipes them. */
  static async from(bytes: Bytes): Promise<SymmetricKey> {
    try {
      if (bytes.length !== 2 * HALF) throw new CryptoError('the key has not 64 bytes')
      const [aes, hmac] = await Promise.all([
        crypto.subtle.importKey('raw', bytes.slice(0, HALF), 'AES-CBC', false, ['encrypt', 'decrypt']),
        crypto.subtle.importKey('raw', bytes.slice(HALF), { name: 'HMAC', hash: 'SHA-256' }, false, [
          'sign',
          'verify',
        ]),
      ])
      return new SymmetricKey(aes, hmac)
    } finally {
      bytes.fill(0)
    }
  }

  async seal(plain: Bytes): Promise<string> {
    const iv = randomBytes(IV_LENGTH)
    const ciphertext = new Uint8Array(await crypto.subtle.encrypt({ name: 'AES-CBC', iv }, this.#aes, plain))
    const mac = new Uint8Array(await crypto.subtle.sign('HMAC', this.#hmac, concat(iv, ciphertext)))
    return formatEncString({ iv, ciphertext, mac })
  }

  sealText(text: string): Promise<string> {
    return this.seal(utf8(text))
  }

  /**
   * Checks the MAC before anything else. What is wrong after it is not told apart.
   *
   * @throws {CryptoError} if the text was altered, or was sealed with another key
   */
  async open(sealed: string): Promise<Bytes> {
    const parts = parseEncString(sealed)
    if (!(await crypto.subtle.verify('HMAC', this.#hmac, parts.mac, authenticated(parts))))
      throw new CryptoError('the text was altered, or sealed with another key')
    if (!hasRightLengths(parts)) throw undecryptable()
    try {
      const { iv, ciphertext } = parts
      return new Uint8Array(await crypto.subtle.decrypt({ name: 'AES-CBC', iv }, this.#aes, ciphertext))
    } catch {
      throw undecryptable()
    }
  }

  /** Opens a text. The wire writes the empty one also as null or as an empty string. */
  async openText(sealed: string | null | undefined): Promise<string> {
    if (!sealed) return ''
    const plain = await this.open(sealed)
    try {
      return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(plain)
    } catch {
      throw undecryptable()
    }
  }

  async openKey(sealed: string): Promise<SymmetricKey> {
    return SymmetricKey.from(await this.open(sealed))
  }

  /** Seals for `other` the key that is sealed with this one. */
  async rewrapKey(sealed: string, other: SymmetricKey): Promise<string> {
    const bytes = await this.open(sealed)
    try {
      if (bytes.length !== 2 * HALF) throw undecryptable()
      return await other.seal(bytes)
    } finally {
      bytes.fill(0)
    }
  }

  /** Makes a new key, and gives it only as sealed with this one. */
  async makeSealedKey(): Promise<string> {
    const bytes = randomBytes(2 * HALF)
    try {
      return await this.seal(bytes)
    } finally {
      bytes.fill(0)
    }
  }
}

function undecryptable(): CryptoError {
  return new CryptoError('the text cannot be decrypted')
}
