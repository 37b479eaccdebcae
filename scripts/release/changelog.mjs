/** What CHANGELOG.md says of a version. */

import { readFileSync } from 'node:fs'
import path from 'node:path'

import { root } from '../setup.mjs'

/** What is wrong with it, in words. A version that is released has to have a section with a date. */
export function changelogFaults(version, { released }) {
  const heading = sections().find((section) => section.version === version)
  if (!heading) return [`CHANGELOG.md has no section "## ${version} - …"`]
  const { date } = heading
  if (/^\d{4}-\d{2}-\d{2}$/.test(date) || (date === 'unreleased' && !released)) return []
  return [`CHANGELOG.md says "${date}" where the date of ${version} belongs`]
}

/** The text of a version's section, without its heading. */
export function changelogSection(version) {
  return sections().find((section) => section.version === version)?.text
}

function sections() {
  const [, ...parts] = readFileSync(path.join(root, 'CHANGELOG.md'), 'utf8').split(/^## /m)
  return parts.map((part) => {
    const [heading, ...lines] = part.split('\n')
    const [version, date] = heading.split(' - ')
    return { version, date, text: lines.join('\n').trim() }
  })
}
