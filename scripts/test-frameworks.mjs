/**
 * `npm run test:frameworks`: installs the frameworks of `docs/` in an empty folder, makes applications of the code on those
 * pages, and runs them against a server.
 */

import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { createInterface } from 'node:readline'

import { startServer } from './server.mjs'
import { buildAddon, buildServer, fail, installPackages, requireRust, root, run, step } from './setup.mjs'

const PASSWORD = 'a password for mail'

/** What the pages leave to the reader. */
const OWN_FILES = {
  'nestjs/src/main.ts': `
    import 'reflect-metadata'
    import { NestFactory } from '@nestjs/core'
    import { AppModule } from './app.module.js'
    import { Mailer } from './mailer.js'

    const application = await NestFactory.createApplicationContext(AppModule, { logger: false, abortOnError: false })
    console.log(application.get(Mailer).password)
    await application.close()`,
  'nextjs/package.json': '{ "type": "module" }',
  'nextjs/app/layout.js': `
    export default function Layout({ children }) {
      return <html><body>{children}</body></html>
    }`,
  'nextjs/app/api/variable/route.js': `
    export const dynamic = 'force-dynamic'
    export const GET = () => new Response(process.env.SMTP_PASSWORD)`,
}

requireRust()
installPackages()
const binary = buildServer('debug')
buildAddon('debug')

const folder = mkdtempSync(path.join(tmpdir(), 'lockerpm-frameworks-'))
let server
// `fail` leaves at once, and a `finally` would not run then.
process.once('exit', () => {
  server?.stop()
  rmSync(folder, { recursive: true, force: true })
})
server = await startServer(binary)
const env = await project(server)
install()
nestjs()
await nextjs()
console.log('\nThe code of docs/nestjs.md and docs/nextjs.md works.')
await server.stop()

/** Makes a secret, and gives the environment variables of the applications. */
async function project({ accessKeyId, accessKeySecret, apiBase }) {
  const { Locker } = await import('../index.mjs')
  const locker = new Locker({ accessKeyId, accessKeySecret, apiBase, cacheOptions: { dir: null } })
  await locker.createEnvironment({ name: 'prod', externalUrl: '' })
  await locker.create({ key: 'SMTP_PASSWORD', value: PASSWORD, environmentName: 'prod' })
  return {
    ...process.env,
    LOCKER_ACCESS_KEY_ID: accessKeyId,
    LOCKER_ACCESS_KEY_SECRET: accessKeySecret,
    LOCKER_API_BASE: apiBase,
    LOCKER_CACHE_DIR: 'none',
    LOCKER_ENVIRONMENT: 'prod',
    NEXT_TELEMETRY_DISABLED: '1',
  }
}

/** Installs the frameworks, and lockerpm as npm would: a bundler may refuse a link to somewhere else. */
function install() {
  step('Installing the frameworks')
  cpSync(path.join(root, '__test__/frameworks/package.json'), path.join(folder, 'package.json'))
  const flags = ['--no-audit', '--no-fund', '--ignore-scripts', '--loglevel=error']
  const installed = spawnSync('npm', ['install', ...flags], { cwd: folder, stdio: 'inherit' })
  if (installed.status !== 0) fail('npm install failed')

  const { files } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'))
  const addons = readdirSync(root).filter((name) => name.endsWith('.node'))
  for (const name of [...files, ...addons, 'package.json'])
    cpSync(path.join(root, name), path.join(folder, 'node_modules/lockerpm', name), { recursive: true })

  for (const name of ['nestjs', 'nextjs']) writeCode(name)
  for (const [name, code] of Object.entries(OWN_FILES)) write(name, code)
}

/** Writes each block of code of a page whose first line names a file. */
function writeCode(name) {
  const page = readFileSync(path.join(root, 'docs', `${name}.md`), 'utf8')
  const blocks = [...page.matchAll(/^```[jt]s\n(\/\/ (\S+)\n.*?)^```$/gms)]
  if (blocks.length === 0) fail(`docs/${name}.md has no code`)
  for (const [, code, file] of blocks) write(path.join(name, file), code)
}

function write(name, content) {
  const file = path.join(folder, name)
  mkdirSync(path.dirname(file), { recursive: true })
  writeFileSync(file, content)
}

function nestjs() {
  step('NestJS')
  const application = path.join(folder, 'nestjs')
  const options = [
    ['--target', 'es2022', '--module', 'nodenext', '--strict', '--skipLibCheck'],
    ['--experimentalDecorators', '--emitDecoratorMetadata'],
    ['--types', 'node', '--typeRoots', path.join(root, 'node_modules/@types')],
    ['--rootDir', path.join(application, 'src'), '--outDir', path.join(application, 'dist')],
  ]
  run('npx', ['tsc', ...options.flat(), path.join(application, 'src/main.ts')])
  const start = (variables) =>
    spawnSync(process.execPath, ['dist/main.js'], {
      cwd: application,
      env: { ...env, ...variables },
      encoding: 'utf8',
    })

  const started = start()
  expect('its output', started.stdout + started.stderr, `${PASSWORD}\n`)
  const { status, stderr } = start({ LOCKER_ENVIRONMENT: 'prdo' })
  expect('its exit code without secrets', status, 1)
  if (!stderr.includes('the environment "prdo" does not exist: there are prod'))
    fail(`NestJS hides why: ${stderr}`)
}

async function nextjs() {
  step('Next.js')
  const application = path.join(folder, 'nextjs')
  const next = path.join(folder, 'node_modules/next/dist/bin/next')
  const { LOCKER_ACCESS_KEY_ID, LOCKER_ACCESS_KEY_SECRET, ...withoutCredentials } = env
  const built = spawnSync(process.execPath, [next, 'build'], {
    cwd: application,
    env: withoutCredentials,
    stdio: 'inherit',
  })
  if (built.status !== 0) fail('next build failed')

  const answers = async (variables, ask) => {
    const child = spawn(process.execPath, [next, 'start', '--hostname', '127.0.0.1', '--port', '0'], {
      cwd: application,
      env: { ...env, ...variables },
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    try {
      return await ask(await addressOf(child))
    } finally {
      child.kill()
      await once(child, 'exit')
    }
  }
  const mail = await answers({}, (url) =>
    fetch(`${url}/api/mail`, { method: 'POST' }).then((answer) => answer.json()),
  )
  expect('its answer', JSON.stringify(mail), JSON.stringify({ sent: true, withPasswordOf: PASSWORD.length }))
  const preload = { NODE_OPTIONS: '--import lockerpm/preload' }
  const variable = await answers(preload, (url) =>
    fetch(`${url}/api/variable`).then((answer) => answer.text()),
  )
  expect('its variable', variable, PASSWORD)
}

/** Where a server says that it is. */
async function addressOf(child) {
  for await (const line of createInterface(child.stdout)) {
    const [address] = /http:\/\/127\.0\.0\.1:\d+/.exec(line) ?? []
    if (address) return address
  }
  return fail('next start ended')
}

function expect(what, found, wanted) {
  if (found !== wanted) fail(`${what} is ${JSON.stringify(found)} in place of ${JSON.stringify(wanted)}`)
}
