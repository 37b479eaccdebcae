'use strict'

/**
 * A text in double quotes, as JSON, YAML and INI files take it: what only some of them allow inside of quotes is escaped.
 */
function quote(text) {
  const escape = (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
  return JSON.stringify(text).replace(/[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]/g, escape)
}

module.exports = { quote }
