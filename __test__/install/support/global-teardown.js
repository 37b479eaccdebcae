'use strict'

module.exports = () => globalThis.stopServer?.()
