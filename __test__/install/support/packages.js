'use strict'

/** The packed packages under test, as `npm run test:install` has made them. */

const { readFileSync } = require('node:fs')
const path = require('node:path')

const { tuples } = require('../../../lib/platform')

const folder = process.env.LOCKERPM_INSTALL
if (!folder) throw new Error('these tests are run by "npm run test:install"')

/** `packages`: name, version and file of each. `release`: whether the addon is as users get it. */
const { packages, release } = JSON.parse(readFileSync(path.join(folder, 'packages.json'), 'utf8'))
const [tuple] = tuples()
const binding = `@lockerpm/binding-${tuple}`
const { version } = find('lockerpm')

function find(name) {
  const found = packages.find((one) => one.name === name)
  if (!found) throw new Error(`${name} was not packed`)
  return found
}

/** Of a packed package, its file. */
const tarball = (name) => find(name).file

module.exports = { binding, packages, release, tarball, tuple, version }
