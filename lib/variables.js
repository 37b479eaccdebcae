'use strict'

/** Whether every shell and every system takes a key for the name of an environment variable. */
function isVariableName(key) {
  return /^[A-Za-z_][A-Za-z0-9_]*$/.test(key)
}

module.exports = { isVariableName }
