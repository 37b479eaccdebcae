import { CryptoError } from '../crypto/error'
import type { SymmetricKey } from '../crypto/symmetric-key'

/** Opens texts of one item. One damaged item must not hide the others. */
export async function readable<T extends readonly (string | null)[]>(
  key: SymmetricKey,
  sealed: T,
): Promise<{ texts: { [I in keyof T]: string }; unreadable: boolean }> {
  try {
    const texts = await Promise.all(sealed.map((text) => key.openText(text)))
    return { texts: texts as { [I in keyof T]: string }, unreadable: false }
  } catch (error) {
    if (!(error instanceof CryptoError)) throw error
    return { texts: sealed.map(() => '') as { [I in keyof T]: string }, unreadable: true }
  }
}
