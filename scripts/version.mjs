/**
 * `npm run release:version VERSION`: writes the version into every file that holds it.
 * `node scripts/version.mjs --check [TAG]`: whether they agree, and with a tag, whether it may be released.
 */

import { parseArgs } from 'node:util'

import { changelogFaults } from './release/changelog.mjs'
import { currentVersion, isVersion, setVersion, versionFaults } from './release/versions.mjs'
import { fail } from './setup.mjs'

const { values, positionals } = parseArgs({ allowPositionals: true, options: { check: { type: 'boolean' } } })
const [wanted] = positionals
if (values.check) check(wanted)
else if (wanted && isVersion(wanted)) setVersion(wanted)
else fail('Usage: npm run release:version VERSION, as in "npm run release:version 1.2.0"')

function check(tag) {
  const version = currentVersion()
  const faults = [
    ...(tag && tag !== `v${version}` ? [`the tag is ${tag}, and package.json is of version ${version}`] : []),
    ...versionFaults(),
    ...changelogFaults(version, { released: Boolean(tag) }),
  ]
  if (faults.length > 0) fail(faults.join('\n'))
  console.log(`Every file is of version ${version}.`)
}
