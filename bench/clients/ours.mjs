/** This package, as an application uses it that has installed it: see `installed.mjs`. */

import { Locker } from 'lockerpm'

export function open({ apiBase, accessKeyId, accessKeySecret, cacheDir = null, logger }) {
  const locker = new Locker({
    apiBase,
    accessKeyId,
    accessKeySecret,
    cacheOptions: { dir: cacheDir },
    logger,
  })
  const asking = { fetch: true }
  return {
    list: () => locker.list(null, asking),
    get: (key) => locker.get(key, null, undefined, asking),
    getSync: (key) => locker.getSync(key, null, undefined, asking),
    /** From the vault, if it is there. */
    listKept: () => locker.list(),
    getKept: (key) => locker.get(key),
    getKeptSync: (key) => locker.getSync(key),
  }
}
