'use strict'

/** The snippets of README.md, run as they stand, one after the other, as somebody who pastes them would. */

const { spawnSync } = require('node:child_process')
const fs = require('node:fs')
const os = require('node:os')
const path = require('node:path')

const { binary, startServer } = require('./support/server')

const root = path.join(__dirname, '..')
const readme = fs.readFileSync(path.join(root, 'README.md'), 'utf8')
const snippets = [...readme.matchAll(/^```js\n(.*?)^```$/gms)].map(([, code]) => code)

let server
let folder

beforeAll(async () => {
  server = await startServer()
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'lockerpm-readme-'))
  fs.mkdirSync(path.join(folder, 'node_modules'))
  fs.writeFileSync(
    path.join(folder, '.env'),
    "API_URL='https://staging.example.com'\nLOG_LEVEL=info # or debug\n",
  )
  fs.symlinkSync(root, path.join(folder, 'node_modules/lockerpm'), 'junction')
})

afterAll(async () => {
  await server?.stop()
  fs.rmSync(folder, { recursive: true, force: true })
})

function run(code) {
  const file = path.join(folder, 'snippet.mjs')
  fs.writeFileSync(file, code)
  const env = {
    ...process.env,
    LOCKER_ACCESS_KEY_ID: server.accessKeyId,
    LOCKER_ACCESS_KEY_SECRET: server.accessKeySecret,
    LOCKER_API_BASE: server.apiBase,
    LOCKER_SERVER_BIN: binary,
  }
  const { status, stdout, stderr } = spawnSync(process.execPath, [file], {
    cwd: folder,
    env,
    encoding: 'utf8',
  })
  return { status, stdout, stderr }
}

test('the README has snippets', () => {
  expect(snippets.length).toBeGreaterThanOrEqual(6)
})

test.each(snippets.map((code, index) => [index + 1, code]))('snippet %i runs', (_number, code) => {
  expect(run(code)).toEqual({ status: 0, stdout: expect.any(String), stderr: '' })
})

// A comment behind a call says what it gives.
const claims = snippets.join('\n').matchAll(/^await (locker\.get\(.*\)) \/\/ ('.*?'),?/gm)

test.each([...claims].map(([, call, value]) => [call, value]))('%s gives %s', (call, value) => {
  const program = `import { Locker } from 'lockerpm'
    const locker = Locker.fromEnv()
    await locker.modify('API_URL', 'staging', { value: 'https://staging.example.com', environmentName: 'staging' })
    console.log(await ${call})`
  expect(run(program)).toEqual({ status: 0, stdout: `${value.slice(1, -1)}\n`, stderr: '' })
})

test('every option, error class and code of the public types is in the README', () => {
  const types = fs.readFileSync(path.join(root, 'index.d.ts'), 'utf8')
  const options = /interface LockerOptions \{(.*?)\n\}/s.exec(types)[1]
  const names = [...options.matchAll(/^ {2}(\w+)\?:/gm)].map(([, name]) => name)
  const classes = [...types.matchAll(/class (\w+Error)\b/g)].map(([, name]) => name)
  expect(names.length).toBeGreaterThan(10)
  expect(classes.length).toBeGreaterThan(10)
  for (const name of [...names, ...classes]) expect(readme).toContain(`\`${name}`)
})
