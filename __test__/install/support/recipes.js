'use strict'

/** The recipes of `docs/bundlers.md`: by heading, the files that the code blocks name and the lines of the shell. */

const { readFileSync } = require('node:fs')
const path = require('node:path')

const page = readFileSync(path.join(__dirname, '../../../docs/bundlers.md'), 'utf8')

const recipes = Object.fromEntries(
  page
    .split(/^## /m)
    .slice(1)
    .map((section) => [section.split('\n', 1)[0], parse(section)]),
)

function parse(section) {
  const files = [...section.matchAll(/^```js\n(\/\/ (\S+)\n.*?)^```$/gms)]
  const [, shell = ''] = /^```sh\n(.*?)^```$/ms.exec(section) ?? []
  return {
    files: Object.fromEntries(files.map(([, code, name]) => [name, code])),
    lines: shell.trim().split('\n'),
  }
}

module.exports = recipes
