'use strict'

const path = require('node:path')

const { fail, ok } = require('./finding')
const { engines } = require('../../../package.json')

/** Node.js, and the native code for this platform. */
function examineInstallation() {
  return [examineNode(), examineBinary()]
}

function examineNode() {
  const oldest = Number(engines.node.match(/\d+/)[0])
  if (Number(process.versions.node.split('.')[0]) >= oldest) return ok('Node.js', process.version)
  return fail('Node.js', `${process.version} is too old`, `Install Node.js ${oldest} or later.`)
}

function examineBinary() {
  const platform = [process.platform, process.arch, libc()].filter(Boolean).join('-')
  try {
    require('../../../binding.js')
  } catch (error) {
    return fail(
      'binary',
      `there is none for ${platform}, or it cannot be loaded: ${firstLine(error.message)}`,
      'Install lockerpm again on this machine, with optional dependencies: node_modules of another platform do not fit.',
    )
  }
  const file = Object.keys(require.cache).find((name) => /lockerpm[^/\\]*\.node$/.test(name))
  return ok('binary', `${platform}, ${file ? path.normalize(file) : 'loaded before'}`)
}

function libc() {
  if (process.platform !== 'linux') return undefined
  const { glibcVersionRuntime } = process.report.getReport().header
  return glibcVersionRuntime ? `glibc ${glibcVersionRuntime}` : 'musl'
}

function firstLine(text) {
  return text.split('\n', 1)[0]
}

module.exports = { examineInstallation }
