/**
 * What every program loads of `lockerpm`, in one file. Node.js needs as long to find and read a small file as to run what is
 * in it, and ten of them were a third of an import.
 *
 * The modules stay where they are, each as a line that takes it from that file: so the others find them as before, and
 * nothing is there twice.
 */

import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'

/** The modules of `lib` that an import runs. Another one would still work, as a file of its own. */
const MODULES = [
  'arguments',
  'elf',
  'errors',
  'locker',
  'logging',
  'native',
  'objects',
  'options',
  'platform',
  'under-way',
]
const BUNDLE = 'bundle'

/** Changes a package that is staged in `folder`. */
export async function bundle(folder) {
  const lib = (name) => path.join(folder, 'lib', name)
  const entry = lib('all.js')
  const members = [...MODULES.map((name) => [name, `./${name}`]), ['index', '../index']]
  const getters = members.map(([name, file]) => `get '${name}'() { return require('${file}') },`)
  writeFileSync(entry, `module.exports = {\n${getters.join('\n')}\n}`)
  // By now the packages that a checkout needs are installed.
  const { rolldown } = await import('rolldown')
  const bundled = await rolldown({ input: entry, cwd: folder, platform: 'node', external: isApart })
  const { output } = await bundled.generate({ format: 'cjs', exports: 'auto', strict: true })
  rmSync(entry)
  if (output.length !== 1) throw new Error('what every program loads is more than one file')
  writeFileSync(lib(`${BUNDLE}.js`), output[0].code)
  for (const name of MODULES) writeFileSync(lib(`${name}.js`), takes(`./${BUNDLE}`, name))
  writeFileSync(path.join(folder, 'index.js'), takes(`./lib/${BUNDLE}`, 'index'))
  change(path.join(folder, 'index.mjs'), "require('./index.js')", `require('./lib/${BUNDLE}.js').index`)
}

const takes = (file, name) => `'use strict'\n\nmodule.exports = require('${file}')['${name}']\n`

/** Whether a module stays a file of its own: what only some programs load, and the addon. */
function isApart(id) {
  const [, name] = /^\.\/([\w-]+)$/.exec(id) ?? []
  return id.startsWith('@lockerpm/') || (name !== undefined && !MODULES.includes(name))
}

function change(file, from, to) {
  const text = readFileSync(file, 'utf8')
  if (!text.includes(from)) throw new Error(`${file} has no ${from}`)
  writeFileSync(file, text.replace(from, to))
}
