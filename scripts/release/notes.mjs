/** `node scripts/release/notes.mjs`: what CHANGELOG.md says of this version. */

import { fail } from '../setup.mjs'
import { changelogSection } from './changelog.mjs'
import { currentVersion } from './versions.mjs'

const version = currentVersion()
console.log(changelogSection(version) || fail(`CHANGELOG.md says nothing of ${version}`))
