'use strict'

/** A call that fails is logged by the browser itself, and is often what a test is about. */
const REFUSED =
  /^Failed to load resource: (the server responded with a status of (401|403|404|409|429)|net::ERR_FAILED)/

/** What the browser complains of: errors of scripts, and everything that the content security policy blocks. */
class Console {
  complaints = []

  constructor(page) {
    page.on('pageerror', (error) => this.complaints.push(String(error)))
    page.on('console', (message) => {
      const complains = ['error', 'warning'].includes(message.type()) && !REFUSED.test(message.text())
      if (complains) this.complaints.push(message.text())
    })
  }
}

module.exports = { Console }
