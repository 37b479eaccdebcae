'use strict'

const path = require('node:path')

const { fail, ok } = require('./finding')
const { describePlatform } = require('../../native-failure')
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
  try {
    require('../../native').native()
  } catch ({ message, attempts = [message], remedy }) {
    return fail('binary', `${describePlatform()}: ${attempts.join('; ')}`, remedy)
  }
  const file = Object.keys(require.cache).find((name) => /lockerpm[^/\\]*\.node$/.test(name))
  return ok('binary', `${describePlatform()}, ${file ? path.normalize(file) : 'loaded before'}`)
}

module.exports = { examineInstallation }
