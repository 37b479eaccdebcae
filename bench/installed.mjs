/** `lockerpm` as npm leaves it in an application, which this folder is: its clients import that, and not the sources. */

import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import path from 'node:path'

import { stageMain, stagePlatform } from '../scripts/pack.mjs'
import { root } from './bench.mjs'

const { tuples } = createRequire(import.meta.url)('../lib/platform.js')

/** Installs the package with this addon. */
export function install(addon) {
  const modules = path.join(root, 'bench/node_modules')
  const [tuple] = tuples()
  rmSync(modules, { recursive: true, force: true })
  stageMain(path.join(modules, 'lockerpm'))
  stagePlatform(
    path.join(modules, `@lockerpm/binding-${tuple}`),
    tuple,
    path.resolve(addon),
    `lockerpm.${tuple}.node`,
  )
  installEmpty(path.join(modules, 'empty'))
}

/** A package of the same form with nothing in it: what its import costs is Node.js. */
function installEmpty(folder) {
  const files = {
    'package.json': JSON.stringify({ name: 'empty', version: '1.0.0', exports: './index.mjs' }),
    'index.mjs': `import module from 'node:module'
const require = module.createRequire(import.meta.url)
export const { nothing } = require('./lib/bundle.js')
`,
    'lib/bundle.js': 'module.exports = { nothing: undefined }\n',
  }
  mkdirSync(path.join(folder, 'lib'), { recursive: true })
  for (const [name, text] of Object.entries(files)) writeFileSync(path.join(folder, name), text)
}
