/** `lockerpm` as npm leaves it in an application, which this folder is: its clients import that, and not the sources. */

import { rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import path from 'node:path'

import { stageMain, stagePlatform } from '../scripts/pack.mjs'
import { root } from './bench.mjs'

const { tuples } = createRequire(import.meta.url)('../lib/platform.js')

/** Installs the package with this addon. */
export async function install(addon) {
  const modules = path.join(root, 'bench/node_modules')
  const [tuple] = tuples()
  rmSync(modules, { recursive: true, force: true })
  await stageMain(path.join(modules, 'lockerpm'))
  stagePlatform(
    path.join(modules, `@lockerpm/binding-${tuple}`),
    tuple,
    path.resolve(addon),
    `lockerpm.${tuple}.node`,
  )
}
