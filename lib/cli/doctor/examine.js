'use strict'

const { examineCache } = require('./cache')
const { examineConnection } = require('./connection')
const { examineCredentials } = require('./credentials')
const { examineInstallation } = require('./installation')
const { examineProxy } = require('./proxy')

/**
 * Everything that a call needs, in the order in which it needs it.
 *
 * @typedef {{ name: string, level: 'ok' | 'warn' | 'fail', text: string, advice?: string }} Finding
 * @returns {Promise<Finding[]>}
 */
async function examine(options) {
  const installation = examineInstallation()
  const { findings: credentials, settings } = examineCredentials(options)
  const isNativeCodeThere = installation.every(({ level }) => level !== 'fail')
  const connection = await examineConnection(isNativeCodeThere ? settings : undefined, options)
  return [...installation, ...credentials, ...examineProxy(), ...connection, ...examineCache()]
}

module.exports = { examine }
