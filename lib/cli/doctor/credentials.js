'use strict'

const { fail, ok } = require('./finding')
const { findSettings, requireSettings } = require('../settings')

const NAME = 'credentials'

/** Which access key there is and where it comes from. The server says whether it is a good one. */
function examineCredentials(options) {
  try {
    const found = findSettings(options)
    const settings = requireSettings(options, found)
    const { accessKeyId, accessKeySecret } = found
    const text = `id ${accessKeyId.value} from ${accessKeyId.source}, secret from ${accessKeySecret.source}`
    return { findings: [ok(NAME, text)], settings: { ...settings, apiBaseSource: found.apiBase?.source } }
  } catch (error) {
    if (error.exitCode === undefined) throw error
    return { findings: [fail(NAME, error.message, error.hint)] }
  }
}

module.exports = { examineCredentials }
