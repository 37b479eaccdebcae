'use strict'

/** `@lockerpm/server`: the command that finds the executable of this platform and becomes it. */

const { spawn } = require('node:child_process')
const { once } = require('node:events')
const { mkdtempSync, rmSync, writeFileSync } = require('node:fs')
const { tmpdir } = require('node:os')
const path = require('node:path')
const { createInterface } = require('node:readline')
const { text } = require('node:stream/consumers')

const { environment } = require('./support/run-fixture')
const { installServerPackage, installWithoutExecutable } = require('./support/server-package')
const { version } = require('../package.json')

let folder

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'lockerpm-server-package-'))
})

afterEach(() => rmSync(folder, { recursive: true, force: true }))

function start(command, args) {
  return spawn(process.execPath, [command, ...args], { env: environment({}) })
}

async function run(command, args) {
  const child = start(command, args)
  const [[code], stdout, stderr] = await Promise.all([
    once(child, 'close'),
    text(child.stdout),
    text(child.stderr),
  ])
  return { code, stdout, stderr }
}

test('gives the arguments on, and what comes back', async () => {
  const command = installServerPackage(folder)
  expect(await run(command, ['--version'])).toEqual({
    code: 0,
    stdout: `locker-server ${version}\n`,
    stderr: '',
  })
  const unknown = await run(command, ['no-such-command'])
  expect(unknown).toMatchObject({ code: 2, stderr: expect.stringContaining('no-such-command') })
})

test.each(['SIGTERM', 'SIGINT'])('ends the server at %s, as the server itself ends', async (signal) => {
  const child = start(installServerPackage(folder), ['dev'])
  const [line] = await once(createInterface(child.stdout), 'line')
  const { url } = JSON.parse(line)
  child.kill(signal)
  expect(await once(child, 'close')).toEqual([0, null])
  await expect(fetch(url)).rejects.toThrow('fetch failed')
})

const wanted = `@lockerpm/server-${process.platform}-${process.arch}@${version}`

test.each([
  ['npm', { 'node_modules/.package-lock.json': '' }, `npm install --no-save ${wanted}`],
  ['pnpm', { 'node_modules/.modules.yaml': '', 'package-lock.json': '' }, 'pnpm install'],
  ['yarn classic', { 'node_modules/.yarn-integrity': '' }, 'yarn install --force'],
  ['yarn', { 'node_modules/.yarn-state.yml': '', '.yarnrc.yml': 'nodeLinker: node-modules' }, 'yarn install'],
  [
    'yarn that installs for others',
    { 'node_modules/.yarn-state.yml': '', '.yarnrc.yml': 'supportedArchitectures:\n  cpu: [arm64]' },
    'yarn config unset supportedArchitectures && yarn install',
  ],
  ['bun', { 'bun.lock': '' }, `bun add --no-save ${wanted}`],
  ['one that left no trace', {}, `npm install --no-save ${wanted}`],
])('says what to install where the executable is missing, in the words of %s', async (_, traces, line) => {
  const command = path.join(installWithoutExecutable(folder), 'bin/locker-server.js')
  for (const [file, content] of Object.entries(traces)) writeFileSync(path.join(folder, file), content)
  expect(await run(command, ['dev'])).toMatchObject({
    code: 1,
    stderr: expect.stringContaining(`\n${line}\n`),
  })
})

test.each([
  ['npm install --global', 'lib', `npm install --global @lockerpm/server@${version}`],
  [
    'npx',
    '_npx/0123456789abcdef',
    `npx --package=@lockerpm/server@${version} --package=${wanted} locker-server`,
  ],
])('says it for the folder of %s', async (_, name, line) => {
  const command = path.join(installWithoutExecutable(path.join(folder, name)), 'bin/locker-server.js')
  expect(await run(command, ['dev'])).toMatchObject({
    code: 1,
    stderr: expect.stringContaining(`\n${line}\n`),
  })
})
