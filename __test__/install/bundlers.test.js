'use strict'

/** The recipes of `docs/bundlers.md`, carried out as they stand, and bundles for where there is no native code. */

const { once } = require('node:events')
const { cpSync, rmSync } = require('node:fs')
const { createInterface } = require('node:readline')

const { newApplication } = require('./support/application')
const { bundlers } = require('./support/applications.json')
const recipes = require('./support/recipes')
const smoke = require('./support/smoke')
const { node, nodeMajors, tool } = require('./support/tools')

const MESSAGE = 'lockerpm runs in Node.js, and this code was built for a browser or for an edge runtime.'

/** All bundlers are installed in one application, and each recipe finds no output of another. */
let application, elsewhere

beforeAll(() => {
  application = newApplication()
  application.install(['lockerpm'], bundlers)
  application.write('src/server.js', smoke.esm)
  application.write('.programs/npx', `#!/bin/sh\nexec node ${tool('npm/bin/npx-cli.js')} "$@"\n`)
  application.shell = (line, env) => application.run(line, [], { shell: true, env })
})

beforeEach(() => {
  rmSync(application.path('dist'), { recursive: true, force: true })
  elsewhere = newApplication()
})

/** Writes the files of a recipe and runs its lines but the last, which starts what was built. Gives that one. */
async function carryOut(title, env) {
  const { files, lines } = recipes[title]
  for (const [name, code] of Object.entries(files)) application.write(name, code)
  for (const line of lines.slice(0, -1)) await mustSucceed(line, env)
  return lines.at(-1)
}

async function mustSucceed(line, env) {
  const { code, stdout, stderr } = await application.shell(line, env)
  if (code !== 0) throw new Error(`${line}: ${stdout}${stderr}`)
}

const works = { code: 0, stdout: smoke.output, stderr: '' }

test.each(['esbuild', 'esbuild, without node_modules', 'webpack', 'Vite'])('%s', async (title) => {
  expect(await application.shell(await carryOut(title))).toEqual(works)
})

test('what esbuild makes without node_modules runs anywhere', async () => {
  const line = await carryOut('esbuild, without node_modules')
  cpSync(application.path('dist'), elsewhere.path('dist'), { recursive: true })
  expect(await elsewhere.run(line, [], { shell: true })).toEqual(works)
})

test('Next.js, with standalone output that runs anywhere', async () => {
  application.write(
    'app/layout.js',
    'export default function Layout({ children }) { return <html><body>{children}</body></html> }',
  )
  const line = await carryOut('Next.js')
  cpSync(application.path('.next/standalone'), elsewhere.path('.next/standalone'), {
    recursive: true,
    verbatimSymlinks: true,
  })
  const env = { HOSTNAME: '127.0.0.1', PORT: '0' }
  const [command, ...args] = line.split(' ')
  const child = elsewhere.start(command, args, { env })
  try {
    const answer = await fetch(`${await addressOf(child)}/api`)
    expect({ status: answer.status, body: await answer.json() }).toEqual({
      status: 200,
      body: { secrets: expect.any(Number) },
    })
  } finally {
    child.kill()
    await once(child, 'exit')
  }
})

async function addressOf(child) {
  let log = ''
  child.stderr.setEncoding('utf8').on('data', (text) => (log += text))
  for await (const line of createInterface(child.stdout)) {
    const [address] = /http:\/\/127\.0\.0\.1:\d+/.exec(line) ?? []
    if (address) return address
  }
  throw new Error(`the server ended: ${log}`)
}

describe('one executable file', () => {
  const withSea = nodeMajors.filter((major) => Number(major) >= 22)

  test.each(withSea)('of Node.js %s', async (major) => {
    const env = { runtime: node(major) }
    const line = await carryOut('One executable file', env)
    cpSync(application.path(line), elsewhere.path('app'))
    expect(await elsewhere.run('./app', [], { env: { TMPDIR: elsewhere.folder } })).toEqual(works)
  })

  test('of Node.js 26, which builds it by itself', async () => {
    const env = { runtime: node(26) }
    const { files, lines } = recipes['One executable file']
    for (const [name, code] of Object.entries(files)) application.write(name, code)
    await mustSucceed(lines[0], env)
    const configuration = JSON.parse(application.read('dist/sea.json'))
    application.write('dist/sea.json', { ...configuration, output: 'dist/app' })
    await mustSucceed('node --build-sea dist/sea.json', env)
    cpSync(application.path('dist/app'), elsewhere.path('app'))
    expect(await elsewhere.run('./app')).toEqual(works)
  })
})

describe.each(['lockerpm', 'lockerpm/preload', 'lockerpm/testing'])('%s where no native code is', (name) => {
  test.each(['browser', 'workerd', 'edge-light'])(
    'throws one clear error in a bundle for %s',
    async (condition) => {
      application.write('src/elsewhere.js', `import '${name}'`)
      const options = { entryPoints: ['src/elsewhere.js'], bundle: true, outfile: 'dist/elsewhere.mjs' }
      const target = { platform: 'neutral', conditions: [condition], format: 'esm' }
      const text = JSON.stringify({ ...options, ...target })
      application.write('build.mjs', `import { build } from 'esbuild'\nawait build(${text})`)
      await mustSucceed('node build.mjs')
      const { code, stderr } = await application.run('node', ['dist/elsewhere.mjs'])
      expect(code).toBe(1)
      expect(stderr.split(`Error: ${MESSAGE}`)).toHaveLength(2)
    },
  )
})

test.each(['webpack --target web', 'vite build'])('what %s makes throws it too', async (command) => {
  application.write('src/page.js', "import { Locker } from 'lockerpm'\nnew Locker()")
  application.write(
    'vite.config.mjs',
    "export default { build: { lib: { entry: 'src/page.js', formats: ['es'], fileName: () => 'page.js' } } }",
  )
  application.write(
    'webpack.config.mjs',
    "export default { mode: 'production', entry: './src/page.js', output: { filename: 'page.js' } }",
  )
  await mustSucceed(`npx ${command}`)
  const { code, stderr } = await application.run('node', ['dist/page.js'])
  expect(code).toBe(1)
  expect(stderr).toContain(`Error: ${MESSAGE}`)
})
