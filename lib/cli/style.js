'use strict'

/** Colours, for terminals that want them. */

// Node.js has it since 20.12.
const { styleText = (_style, text) => text } = require('node:util')

/** `text` in a style of `util.styleText`, unless the stream is no terminal, or NO_COLOR is set. */
function paint(stream, style, text) {
  return stream.isTTY && stream.hasColors() ? styleText(style, text, { validateStream: false }) : text
}

module.exports = { paint }
