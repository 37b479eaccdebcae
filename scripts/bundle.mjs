/**
 * What every program loads of `lockerpm`, in one file. Node.js needs as long to find and read a small file as to run what is
 * in it, and ten of them were a third of an import.
 *
 * The modules stay where they are, each as a line that takes it from that file: so the others find them as before, and
 * nothing is there twice.
 */

import { readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'

/**
 * The modules of `lib` that an import runs, each behind those that it requires. Another one would still work, as a file of
 * its own.
 */
const MODULES = [
  'errors',
  'arguments',
  'elf',
  'platform',
  'native',
  'logging',
  'objects',
  'options',
  'under-way',
  'locker',
]
const BUNDLE = 'bundle'

/** Changes a package that is staged in `folder`. */
export function bundle(folder) {
  const lib = (name) => path.join(folder, 'lib', `${name}.js`)
  const entry = path.join(folder, 'index.js')
  const blocks = MODULES.map((name) => block(name, body(lib(name))))
  writeFileSync(lib(BUNDLE), joined(blocks, body(entry)))
  for (const name of MODULES) writeFileSync(lib(name), takes(`./${BUNDLE}`, name))
  writeFileSync(entry, takes(`./lib/${BUNDLE}`, 'index'))
  change(path.join(folder, 'index.mjs'), "require('./index.js')", `require('./lib/${BUNDLE}.js').index`)
}

const takes = (file, name) => `'use strict'\n\nmodule.exports = require('${file}')['${name}']\n`

/** The text of a module, as it reads within the bundle. */
function body(file) {
  const text = readFileSync(file, 'utf8').replace(/^'use strict'\n+/, '')
  return text.replace(/require\('\.\/(?:lib\/)?([\w-]+)'\)/g, (taken, name) =>
    MODULES.includes(name) ? `modules['${name}']` : taken,
  )
}

/** Keeps the names of a module to itself. Node.js would read the text of a function twice: to find its end, and to run it. */
const block = (name, text) => `// lib/${name}.js
{
const module = {}
${text}
modules['${name}'] = module.exports
}
`

/** The entry is a function, because it fails where there is no native code, and the command line works there too. */
const joined = (blocks, entry) => `'use strict'

const modules = {}

${blocks.join('\n')}
let index

function enter() {
const module = {}
${entry}
return module.exports
}

module.exports = { ...modules, get index() { return (index ??= enter()) } }
`

function change(file, from, to) {
  const text = readFileSync(file, 'utf8')
  if (!text.includes(from)) throw new Error(`${file} has no ${from}`)
  writeFileSync(file, text.replace(from, to))
}
