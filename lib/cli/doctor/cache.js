'use strict'

const fs = require('node:fs')
const os = require('node:os')
const path = require('node:path')

const { fail, ok, warn } = require('./finding')

const NAME = 'cache'
const ADVICE = 'LOCKER_CACHE_DIR names another folder, and LOCKER_CACHE_DIR=none keeps everything in memory.'

/** The folder where what was read is kept for other processes. */
function examineCache() {
  const folder = cacheFolder()
  if (folder === undefined)
    return [ok(NAME, 'in memory only: LOCKER_CACHE_DIR is none, or there is no home folder')]
  try {
    return [examineFolder(folder)]
  } catch (error) {
    return [fail(NAME, `${folder} cannot be used: ${error.code}`, ADVICE)]
  }
}

function examineFolder(folder) {
  const stats = fs.statSync(folder, { throwIfNoEntry: false })
  if (stats === undefined) {
    fs.accessSync(nearestFolder(folder), fs.constants.W_OK)
    return ok(NAME, `${folder} will be made when something is read`)
  }
  if (!stats.isDirectory()) return fail(NAME, `${folder} is no folder`, ADVICE)
  fs.accessSync(folder, fs.constants.R_OK | fs.constants.W_OK | fs.constants.X_OK)
  const files = fs
    .readdirSync(folder)
    .map((name) => fs.statSync(path.join(folder, name), { throwIfNoEntry: false }))
  const size = files.reduce((sum, file) => sum + (file?.size ?? 0), 0)
  const mode = (stats.mode & 0o777).toString(8).padStart(4, '0')
  const text = `${folder}, mode ${mode}, ${files.length} files, ${(size / 1024).toFixed(0)} KiB`
  if (process.platform === 'win32' || (stats.mode & 0o022) === 0) return ok(NAME, text)
  return warn(NAME, `${text}: others can write to it`, `Run: chmod 700 ${folder}`)
}

function nearestFolder(folder) {
  return fs.existsSync(folder) ? folder : nearestFolder(path.dirname(folder))
}

/** Where the core puts it. */
function cacheFolder() {
  const { LOCKER_CACHE_DIR, LOCALAPPDATA, XDG_CACHE_HOME, HOME } = process.env
  if (LOCKER_CACHE_DIR === 'none') return undefined
  if (LOCKER_CACHE_DIR) return path.resolve(LOCKER_CACHE_DIR)
  const bases = {
    win32: LOCALAPPDATA,
    darwin: HOME && path.join(HOME, 'Library/Caches'),
  }
  const xdg =
    XDG_CACHE_HOME && path.isAbsolute(XDG_CACHE_HOME) ? XDG_CACHE_HOME : HOME && path.join(HOME, '.cache')
  const base = os.platform() in bases ? bases[os.platform()] : xdg
  return base && path.join(base, 'lockerpm')
}

module.exports = { examineCache }
