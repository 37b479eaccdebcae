'use strict'

/** Every entry of the installed package, as ESM and as CommonJS. */

const { newApplication } = require('./support/application')
const { node, nodeMajors } = require('./support/tools')

let application

beforeAll(() => {
  application = newApplication()
  application.install(['lockerpm', '@lockerpm/server'])
})

describe.each(nodeMajors)('on Node.js %s', (major) => {
  const env = { runtime: node(major) }
  const evaluate = (type, text, options = []) =>
    application.run('node', [...options, `--input-type=${type}`, '--eval', text], { env })

  test('both forms of lockerpm have the same names, which are the same things', async () => {
    const text = `
      import { createRequire } from 'node:module'
      import * as own from 'lockerpm'
      const required = createRequire(import.meta.url)('./node_modules/lockerpm/index.js')
      const names = Object.keys(own).filter((name) => own[name] !== required[name])
      console.log(names.join(), Object.keys(required).every((name) => name in own))`
    expect(await evaluate('module', text)).toEqual({ code: 0, stdout: ' true\n', stderr: '' })
  })

  test('lockerpm/testing starts the server of @lockerpm/server', async () => {
    const body = `
      const server = await startLockerServer()
      console.log(await new Locker(server).get('NO_SUCH_KEY', null, 'a default'))
      await server.stop()`
    const names = [
      ['{ Locker }', 'lockerpm'],
      ['{ startLockerServer }', 'lockerpm/testing'],
    ]
    const esm = names.map(([name, from]) => `import ${name} from '${from}'`).join('\n') + body
    const cjs = names.map(([name, from]) => `const ${name} = require('${from}')`).join('\n')
    const works = { code: 0, stdout: 'a default\n', stderr: '' }
    expect(await evaluate('module', esm)).toEqual(works)
    expect(await evaluate('commonjs', `${cjs}\nasync function main() {${body}}\nmain()`)).toEqual(works)
  })

  test.each(['--import', '--require'])('lockerpm/preload with %s fills the environment', async (option) => {
    const key = `PRELOADED_${major}_${option.slice(2).toUpperCase()}`
    await application.run('node_modules/.bin/lockerpm', ['secret', 'create', key, '--value', 'a value'], {
      env,
    })
    const outcome = await evaluate('commonjs', `console.log(process.env.${key})`, [
      option,
      'lockerpm/preload',
    ])
    expect(outcome).toEqual({ code: 0, stdout: 'a value\n', stderr: '' })
  })

  test('what is not an entry cannot be imported', async () => {
    const { code, stderr } = await evaluate('commonjs', "require('lockerpm/lib/native')")
    expect(code).toBe(1)
    expect(stderr).toContain('ERR_PACKAGE_PATH_NOT_EXPORTED')
  })
})
