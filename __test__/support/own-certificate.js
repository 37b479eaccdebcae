'use strict'

/** Certificates that the dev server does not make. Node cannot make them, so the `openssl` of the machine does. */

const { execFileSync, spawnSync } = require('node:child_process')
const { readFileSync } = require('node:fs')
const path = require('node:path')

const canMakeCertificates = spawnSync('openssl', ['version']).status === 0

/** A certificate that is its own authority, for one DNS name or address such as `DNS:a.example` or `IP:127.0.0.1`. */
function makeCertificate(folder, subjectAltName) {
  const [key, cert] = ['key.pem', 'cert.pem'].map((file) => path.join(folder, file))
  const command =
    'req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=lockerpm-test'
  // Not an authority itself, or it would not be accepted as the certificate of a server.
  const extensions = [
    '-addext',
    `subjectAltName=${subjectAltName}`,
    '-addext',
    'basicConstraints=critical,CA:FALSE',
  ]
  execFileSync('openssl', [...command.split(' '), '-keyout', key, '-out', cert, ...extensions], {
    stdio: 'ignore',
  })
  return { key: readFileSync(key), cert: readFileSync(cert) }
}

module.exports = { canMakeCertificates, makeCertificate }
