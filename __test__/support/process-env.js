'use strict'

/**
 * Takes what a `Locker` looks at out of `process.env` before each test of the file, and puts everything back after it. A
 * test may then set what it likes.
 */
function useOwnEnvironment() {
  let before

  beforeEach(() => {
    before = { ...process.env }
    for (const name of Object.keys(process.env)) {
      if (
        /^(locker_(?!cache_dir).*|node_extra_ca_certs|ssl_cert_.*|(https?|all|no)_proxy|request_method)$/i.test(
          name,
        )
      )
        delete process.env[name]
    }
  })

  afterEach(() => {
    for (const name of Object.keys(process.env)) {
      if (!(name in before)) delete process.env[name]
    }
    Object.assign(process.env, before)
  })
}

module.exports = { useOwnEnvironment }
