'use strict'

/** A folder for cache files: new for each test, gone after it. */

const { existsSync, mkdtempSync, readdirSync, rmSync } = require('node:fs')
const os = require('node:os')
const path = require('node:path')

/** Call it at the top of a test file. */
function useCacheFolder() {
  let root

  beforeEach(() => {
    root = mkdtempSync(path.join(os.tmpdir(), 'lockerpm-cache-'))
  })

  afterEach(() => rmSync(root, { recursive: true, force: true }))

  const folder = {
    /** Where the test may make whatever it needs. */
    get root() {
      return root
    },
    /** For `cacheOptions.dir`. Nobody has made it yet. */
    get dir() {
      return path.join(root, 'cache')
    },
    /** The names of the cache files, without the locks beside them. */
    vaults: (dir = folder.dir) =>
      existsSync(dir) ? readdirSync(dir).filter((name) => name.endsWith('.vault')) : [],
    /** The path of the only cache file. */
    vault: (dir = folder.dir) => {
      const vaults = folder.vaults(dir)
      if (vaults.length !== 1) throw new Error(`${dir} holds ${vaults.length} cache files, not one`)
      return path.join(dir, vaults[0])
    },
  }
  return folder
}

module.exports = { useCacheFolder }
