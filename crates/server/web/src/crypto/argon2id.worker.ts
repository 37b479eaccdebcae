/** Stretches one password away from the page's own thread, which would stand still for seconds. */

import { argon2id } from '@noble/hashes/argon2.js'

import { type Bytes, fromBase64 } from './bytes'
import type { Kdf } from './kdf'

export interface Argon2idJob {
  password: Bytes
  kdf: Kdf
}

export type Argon2idReport = { progress: number } | { key: Bytes }

addEventListener('message', ({ data: { password, kdf } }: MessageEvent<Argon2idJob>) => {
  const report = (message: Argon2idReport) => postMessage(message)
  const key = argon2id(password, fromBase64(kdf.salt), {
    t: kdf.iterations,
    m: kdf.memory_kib,
    p: kdf.parallelism,
    version: 0x13,
    dkLen: 32,
    maxmem: 2 ** 31,
    onProgress: (progress) => report({ progress }),
  })
  password.fill(0)
  report({ key: new Uint8Array(key) })
})
