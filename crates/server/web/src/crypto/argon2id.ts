import workerUrl from './argon2id.worker?worker&url'
import type { Argon2idReport } from './argon2id.worker'
import type { Bytes } from './bytes'
import { CryptoError } from './error'
import type { Kdf } from './kdf'

interface TrustedTypes {
  createPolicy(
    name: string,
    rules: { createScriptURL(url: string): string },
  ): {
    createScriptURL(url: string): string
  }
}

/** The one script that the page starts by its address, as the content security policy wants to be told. */
function trustedWorkerUrl(): string {
  const { trustedTypes } = globalThis as { trustedTypes?: TrustedTypes }
  policy ??= trustedTypes?.createPolicy('argon2id', { createScriptURL: () => workerUrl })
  return policy?.createScriptURL('') ?? workerUrl
}

let policy: ReturnType<TrustedTypes['createPolicy']> | undefined

/** Argon2id, in a thread of its own that ends with it. */
export function argon2id(password: Bytes, kdf: Kdf, onProgress: (progress: number) => void): Promise<Bytes> {
  const worker = new Worker(trustedWorkerUrl(), { type: 'module' })
  const derived = new Promise<Bytes>((resolve, reject) => {
    worker.onmessage = ({ data }: MessageEvent<Argon2idReport>) =>
      'key' in data ? resolve(data.key) : onProgress(data.progress)
    worker.onerror = () =>
      reject(
        new CryptoError(
          'The master password could not be stretched; perhaps the browser has too little memory. Close other tabs and try again.',
        ),
      )
  })
  worker.postMessage({ password, kdf })
  return derived.finally(() => worker.terminate())
}
