/** A sealed text, a key or a setting of the key derivation cannot be used. The message never holds a secret. */
export class CryptoError extends Error {
  override name = 'CryptoError'
}
