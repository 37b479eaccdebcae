'use strict'

const { Locker } = require('..')
const binding = require('../lib/native').native()
const { runFixture } = require('./support/run-fixture')
const { credentials, startServer } = require('./support/server')

const VALUE = 'a value'

let server

beforeAll(async () => {
  server = await startServer()
  await new Locker(credentials(server)).create({ key: 'KEY', value: VALUE })
})

afterAll(() => server?.stop())

// A release build has no way to panic on purpose.
const testDebugBuild = binding.panicSync ? test : test.skip

// In a process of its own, because a panic writes to stderr, and because a process that aborts would take jest along.
testDebugBuild('a panic in native code is an error of the call, and everything else goes on', async () => {
  const { code, signal, output } = await runFixture('panics.js', {
    input: credentials(server),
    env: { RUST_BACKTRACE: '0' },
  })

  expect({ code, signal }).toEqual({ code: 0, signal: null })
  expect(output.errors).toHaveLength(100)
  for (const error of output.errors)
    expect(error).toEqual({ isError: true, message: expect.stringMatching(/panic/i) })
  expect(output.values).toEqual(Array(53).fill(VALUE))
})
