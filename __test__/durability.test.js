'use strict'

const { mkdtempSync, rmSync } = require('node:fs')
const os = require('node:os')
const path = require('node:path')

const { APIConnectionError, Locker, LogLevel } = require('..')
const { credentials, startServer } = require('./support/server')

const WRITES = 200
/** After so many acknowledged writes the server is ended. */
const ENOUGH = 50

let folder, server

beforeEach(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'lockerpm-durability-'))
})

afterEach(async () => {
  await server?.kill()
  rmSync(folder, { recursive: true, force: true })
})

const start = async () => (server = await startServer(['dev', '--data-dir', folder]))

/**
 * Writes until the server is gone, and gives the acknowledged keys with their values, the errors of the others,
 * and how many were left when the end began.
 */
async function writeUntilTheEnd(locker, write, end) {
  const [acknowledged, errors] = [new Map(), []]
  let ended, left
  const writes = Array.from({ length: WRITES }, async (_, number) => {
    try {
      const { key, value } = await write(locker, `KEY_${number}`, `value ${number}`)
      acknowledged.set(key, value)
    } catch (error) {
      errors.push(error)
    }
    if (acknowledged.size + errors.length >= ENOUGH && !ended) {
      left = WRITES - acknowledged.size - errors.length
      ended = end()
    }
  })
  await Promise.all(writes)
  return { acknowledged, errors, left, exit: await ended }
}

const create = (locker, key, value) => locker.create({ key, value })
const modify = (locker, key, value) => locker.modify(key, null, { value })

const values = async (locker) => new Map((await locker.list()).map(({ key, value }) => [key, value]))

describe.each([
  ['SIGKILL', () => server.kill(), { code: null, signal: 'SIGKILL' }],
  ['SIGTERM', () => server.stop(), { code: 0, signal: null }],
])('%s', (_signal, end, expectedExit) => {
  test.each([
    ['created', create],
    ['changed', modify],
  ])('what was acknowledged is still %s after a restart', async (_what, write) => {
    const before = await start()
    const locker = new Locker({ ...credentials(before), logLevel: LogLevel.NONE })
    if (write === modify) {
      await Promise.all(Array.from({ length: WRITES }, (_, number) => create(locker, `KEY_${number}`, 'old')))
    }

    const { acknowledged, errors, left, exit } = await writeUntilTheEnd(locker, write, end)

    expect(exit).toEqual(expectedExit)
    expect(acknowledged.size).toBeGreaterThanOrEqual(ENOUGH)
    expect(left).toBe(WRITES - ENOUGH)
    // A killed server cannot have answered all. One that is asked to stop may finish what has begun.
    if (exit.signal) expect(errors).not.toEqual([])
    for (const error of errors) expect(error).toBeInstanceOf(APIConnectionError)

    const after = await start()
    const sameKeys = { accessKeyId: before.accessKeyId, accessKeySecret: before.accessKeySecret }
    expect(credentials(after)).toEqual({ ...sameKeys, apiBase: after.apiBase })
    const found = await values(new Locker(credentials(after)))
    for (const [key, value] of acknowledged) expect([key, found.get(key)]).toEqual([key, value])
    // Whole or not at all.
    const possible = new Set(['old', ...Array.from({ length: WRITES }, (_, number) => `value ${number}`)])
    for (const [key, value] of found) expect([key, possible.has(value)]).toEqual([key, true])
  })

  test('the environments are still there, and can be written to', async () => {
    const before = await start()
    const { id } = await new Locker(credentials(before)).createEnvironment({
      name: 'prod',
      externalUrl: 'https://p.example',
    })
    expect(await end()).toEqual(expectedExit)

    const locker = new Locker(credentials(await start()))

    expect(await locker.getEnvironment('prod')).toMatchObject({
      id,
      name: 'prod',
      externalUrl: 'https://p.example',
    })
    await locker.create({ key: 'KEY', value: 'value', environmentName: 'prod' })
    expect(await locker.get('KEY', 'prod')).toBe('value')
  })
})
