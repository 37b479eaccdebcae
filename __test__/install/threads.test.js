'use strict'

/** Worker threads, and two copies of the package in one process. */

const { newApplication } = require('./support/application')
const smoke = require('./support/smoke')
const { node, nodeMajors } = require('./support/tools')

/** Copies in two folders of one application, as when two of its dependencies bring one each. */
let first, second

beforeAll(() => {
  first = newApplication()
  second = newApplication()
  for (const application of [first, second]) {
    application.install(['lockerpm'])
    application.write('smoke.cjs', smoke.cjs)
  }
  first.write(
    'workers.cjs',
    `
    const { once } = require('node:events')
    const { Worker } = require('node:worker_threads')
    async function run(files) {
      const workers = files.map((file) => new Worker(file))
      const codes = await Promise.all(workers.map((worker) => once(worker, 'exit').then(([code]) => code)))
      console.log('codes', codes.join())
    }
    async function main() {
      const [own, other] = ['${first.path('smoke.cjs')}', '${second.path('smoke.cjs')}']
      // Twice, so that the second workers find what the first have left.
      await run([own, own, other])
      await run([other, own])
    }
    main()`,
  )
  first.write(
    'copies.cjs',
    `
    const one = require('lockerpm')
    const two = require('${second.path('node_modules/lockerpm')}')
    console.log(one.Locker === two.Locker, one.LockerError === two.LockerError)
    const errors = [one, two].map(({ Locker }) => {
      try {
        Locker.fromEnv().retrieveSync('NO_SUCH_KEY_AT_ALL')
      } catch (error) {
        return error
      }
    })
    console.log(errors.map((error) => [error instanceof one.LockerError, error instanceof two.LockerError]).join())
    require('./smoke.cjs')
    require('${second.path('smoke.cjs')}')`,
  )
})

describe.each(nodeMajors)('on Node.js %s', (major) => {
  const env = { runtime: node(major) }

  test('worker threads run, with two copies of the package', async () => {
    const { code, stdout, stderr } = await first.run('node', ['workers.cjs'], { env })
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    const lines = stdout.trimEnd().split('\n')
    expect(lines.filter((line) => `${line}\n` === smoke.output)).toHaveLength(5)
    expect(lines.filter((line) => line.startsWith('codes'))).toEqual(['codes 0,0,0', 'codes 0,0'])
  })

  test('two copies in one thread get along, and know their own errors', async () => {
    expect(await first.run('node', ['copies.cjs'], { env })).toEqual({
      code: 0,
      stdout: `false false\ntrue,false,false,true\n${smoke.output}${smoke.output}`,
      stderr: '',
    })
  })
})
