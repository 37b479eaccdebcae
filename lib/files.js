'use strict'

/** Files that hold secrets. What is written is readable by its owner only, and never half there. */

const { randomBytes } = require('node:crypto')
const fs = require('node:fs')
const path = require('node:path')

const { ValidationError } = require('./errors').classes

const NO_HARD_LINKS = ['EPERM', 'ENOSYS', 'ENOTSUP', 'EOPNOTSUPP']

/** The text of a file, which has to be in UTF-8. `field` is what names it. */
async function readText(field, file, signal) {
  const bytes = await fs.promises.readFile(file, { signal }).catch((cause) => {
    throw signal?.aborted ? signal.reason : unreadable(field, file, cause)
  })
  return decode(field, file, bytes)
}

function readTextSync(field, file) {
  let bytes
  try {
    bytes = fs.readFileSync(file)
  } catch (cause) {
    throw unreadable(field, file, cause)
  }
  return decode(field, file, bytes)
}

function decode(field, file, bytes) {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    throw new ValidationError(`${field}: ${file} is not in UTF-8`, { field })
  }
}

function unreadable(field, file, cause) {
  return new ValidationError(`${field}: ${file} cannot be read: ${cause.message}`, { field, cause })
}

/** Refuses a name that is taken, or that a link or a folder has. */
function refuseTaken(file, force) {
  const found = fs.lstatSync(file, { throwIfNoEntry: false })
  if (found === undefined) return
  if (!found.isFile()) throw refused(`${file} is no regular file, and is not replaced`)
  if (!force) throw refused(`${file} exists already; \`force\` replaces it`)
}

/**
 * Writes a file with mode 0600. Until it is complete it has another name, in the same folder, and if it cannot be
 * completed nothing of it stays.
 */
function writePrivately(file, text, force) {
  try {
    refuseTaken(file, force)
    const name = `.${path.basename(file)}.${randomBytes(6).toString('hex')}`
    const draft = path.join(path.dirname(file), name)
    try {
      writeThrough(draft, text)
      if (force) fs.renameSync(draft, file)
      else nameWithoutReplacing(draft, file)
    } finally {
      fs.rmSync(draft, { force: true })
    }
  } catch (cause) {
    if (cause instanceof ValidationError) throw cause
    if (cause.code === 'EEXIST') return refuseTaken(file, force)
    throw refused(`${file} cannot be written: ${cause.message}`, cause)
  }
}

/** Writes a new file, down to the disk. */
function writeThrough(file, text) {
  const opened = fs.openSync(file, 'wx', 0o600)
  try {
    fs.writeFileSync(opened, text)
    fs.fsyncSync(opened)
  } finally {
    fs.closeSync(opened)
  }
}

/** Gives a file another name, unless somebody else has taken that name meanwhile. */
function nameWithoutReplacing(draft, file) {
  try {
    fs.linkSync(draft, file)
  } catch (error) {
    if (!NO_HARD_LINKS.includes(error.code)) throw error
    refuseTaken(file, false)
    fs.renameSync(draft, file)
  }
}

function refused(problem, cause) {
  return new ValidationError(`file: ${problem}`, { field: 'file', cause })
}

module.exports = { readText, readTextSync, refuseTaken, writePrivately }
