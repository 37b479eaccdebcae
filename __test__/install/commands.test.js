'use strict'

/** The commands of the packages, as they are installed. */

const { once } = require('node:events')
const { readlinkSync } = require('node:fs')
const { createInterface } = require('node:readline')

const { newApplication } = require('./support/application')
const { version } = require('./support/packages')
const { node, nodeMajors, tool } = require('./support/tools')

let application

beforeAll(() => {
  application = newApplication()
  application.install(['lockerpm', '@lockerpm/server'])
})

describe.each(nodeMajors)('on Node.js %s', (major) => {
  const env = { runtime: node(major) }
  const lockerpm = (...args) => application.run('node_modules/.bin/lockerpm', args, { env })

  test('lockerpm says its version, and no word more', async () => {
    expect(await lockerpm('--version')).toEqual({ code: 0, stdout: `${version}\n`, stderr: '' })
  })

  test('lockerpm doctor finds nothing wrong', async () => {
    const { code, stdout } = await lockerpm('doctor')
    expect({ code, failures: stdout.match(/^fail.*$/m) }).toEqual({ code: 0, failures: null })
    expect(stdout).toMatch(/^ok +binary .*node_modules\/@lockerpm\/binding-/m)
  })

  test('lockerpm run gives secrets to a program', async () => {
    const key = `OF_NODE_${major}`
    await lockerpm('secret', 'create', key, '--value', 'four')
    const program = `console.log(process.env.${key}.length)`
    expect(await lockerpm('run', '--', 'node', '-e', program)).toEqual({ code: 0, stdout: '4\n', stderr: '' })
  })

  test('npx @lockerpm/server dev starts a server, which ends when the command is ended', async () => {
    const child = application.start('node_modules/.bin/locker-server', ['dev'], { env })
    let log = ''
    child.stderr.setEncoding('utf8').on('data', (text) => (log += text))
    const [line] = await once(createInterface(child.stdout), 'line')
    const { url, pid } = JSON.parse(line)
    expect((await fetch(url)).ok).toBe(true)
    child.kill('SIGTERM')
    expect(await once(child, 'close')).toEqual([0, null])
    await expect(fetch(url)).rejects.toThrow('fetch failed')
    expect(log).not.toMatch(/warning/i)
  })
})

test('npx finds the command of @lockerpm/server in an application', async () => {
  const npx = tool('npm/bin/npx-cli.js')
  const outcome = await application.run('node', [npx, '--offline', '@lockerpm/server', '--version'])
  expect(outcome).toMatchObject({ code: 0, stdout: `locker-server ${version}\n` })
})

test('where Node.js can become the server, it does: there is one process', async () => {
  const child = application.start('node_modules/.bin/locker-server', ['dev'], { env: { runtime: node(24) } })
  await once(createInterface(child.stdout), 'line')
  const program = process.platform === 'linux' ? readlinkSync(`/proc/${child.pid}/exe`) : 'locker-server'
  child.kill('SIGTERM')
  await once(child, 'close')
  expect(program).toMatch(/locker-server$/)
})
