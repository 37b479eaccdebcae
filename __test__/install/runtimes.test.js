'use strict'

/** The installed package in every runtime, as ESM and as CommonJS. */

const { newApplication } = require('./support/application')
const smoke = require('./support/smoke')
const { bun, deno, node, nodeMajors } = require('./support/tools')

const runtimes = [
  ...nodeMajors.map((major) => [`Node.js ${major}`, node(major), []]),
  ['Bun', bun(), ['run']],
  ['Deno', deno(), ['run', '--no-prompt', '--allow-env', '--allow-read', '--allow-ffi', '--allow-sys']],
]

let application

beforeAll(() => {
  application = newApplication()
  application.install(['lockerpm'])
  application.write('smoke.mjs', smoke.esm)
  application.write('smoke.cjs', smoke.cjs)
})

describe.each(runtimes)('%s', (_name, program, args) => {
  test.each(['smoke.mjs', 'smoke.cjs'])('runs %s', async (file) => {
    const outcome = await application.run(program, [...args, file])
    expect(outcome).toEqual({ code: 0, stdout: smoke.output, stderr: '' })
  })
})
