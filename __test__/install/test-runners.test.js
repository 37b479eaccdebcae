'use strict'

/** The package in the tests of an application. Nothing may keep a test run from ending by itself. */

const { rmSync } = require('node:fs')

const { until } = require('../support/until')
const { newApplication } = require('./support/application')
const { testRunners } = require('./support/applications.json')
const { node, nodeMajors } = require('./support/tools')

/** What an application might test: the server is that of `lockerpm/testing`, so no variable is needed. */
const body = `
test('reads what it wrote', async () => {
  const server = await startLockerServer()
  appendFileSync('urls', server.url + ' ')
  const locker = new Locker(server)
  await locker.create({ key: 'A_KEY', value: 'a value' })
  assert.equal(await locker.get('A_KEY'), 'a value')
  assert.equal(locker.getSync('A_KEY'), 'a value')
  const error = await locker.retrieve('ABSENT').catch((error) => error)
  assert.ok(error instanceof ResourceNotFoundError && error instanceof Error)
  // It is not stopped: neither it nor a Locker may keep the process alive.
})
`
const names = '{ Locker, ResourceNotFoundError }'
const esm = `
import assert from 'node:assert/strict'
import { appendFileSync } from 'node:fs'
import ${names} from 'lockerpm'
import { startLockerServer } from 'lockerpm/testing'
${body}`
const cjs = `
const assert = require('node:assert/strict')
const { appendFileSync } = require('node:fs')
const ${names} = require('lockerpm')
const { startLockerServer } = require('lockerpm/testing')
${body}`

let application

beforeAll(() => {
  application = newApplication()
  application.install(['lockerpm', '@lockerpm/server'], testRunners)
  application.write('jest/a.test.js', cjs)
  application.write('jest/b.test.js', cjs)
  application.write('jest/package.json', { jest: { testEnvironment: 'node' } })
  application.write('vitest/a.test.mjs', `import { test } from 'vitest'\n${esm}`)
  application.write('vitest/b.test.mjs', `import { test } from 'vitest'\n${esm}`)
  application.write('node/a.test.mjs', `import test from 'node:test'\n${esm}`)
  application.write('node/b.test.cjs', `const test = require('node:test')\n${cjs}`)
})

/** Runners end their workers by force. The servers have to end with them. */
async function serversHaveEnded(folder) {
  const urls = application.read(`${folder}/urls`).trim().split(' ')
  expect(urls.length).toBeGreaterThanOrEqual(2)
  await until(async () => {
    const answers = await Promise.allSettled(urls.map((url) => fetch(url)))
    return answers.every(({ status }) => status === 'rejected')
  })
  rmSync(application.path(folder, 'urls'))
}

const modules = (name) => application.path('node_modules', name)

const options = (cwd, runtime = node(24)) => ({ cwd, env: { runtime } })

test.each(['--detectOpenHandles', '--maxWorkers=2'])('jest %s ends by itself', async (mode) => {
  const { code, stderr } = await application.run('node', [modules('jest/bin/jest.js'), mode], options('jest'))
  expect(stderr).toMatch(/Tests: +2 passed, 2 total/)
  expect(stderr).not.toMatch(/open handle|did not exit|force exited|failed to exit/)
  expect(code).toBe(0)
  await serversHaveEnded('jest')
})

test.each(['threads', 'forks', 'vmThreads'])('vitest --pool %s ends by itself', async (pool) => {
  const args = [modules('vitest/vitest.mjs'), 'run', '--pool', pool, '--no-color']
  const { code, stdout, stderr } = await application.run('node', args, options('vitest'))
  expect(stdout).toMatch(/Tests +2 passed \(2\)/)
  expect(stdout + stderr).not.toMatch(/hanging|close timed out|Unhandled/)
  expect(code).toBe(0)
  await serversHaveEnded('vitest')
})

test.each(nodeMajors)('node --test of Node.js %s ends by itself', async (major) => {
  const files = ['a.test.mjs', 'b.test.cjs']
  const { code, stdout } = await application.run('node', ['--test', ...files], options('node', node(major)))
  expect(stdout).toMatch(/^. pass 2$/m)
  expect(code).toBe(0)
  await serversHaveEnded('node')
})
