'use strict'

const finding = (level) => (name, text, advice) => ({ name, level, text, ...(advice && { advice }) })

module.exports = { fail: finding('fail'), ok: finding('ok'), warn: finding('warn') }
