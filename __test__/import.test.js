'use strict'

/** `import`: the secrets of a source are brought into an environment, and nothing is sent that is there already. */

const { mkdtempSync, rmSync, writeFileSync } = require('node:fs')
const { tmpdir } = require('node:os')
const path = require('node:path')

const {
  AuthenticationError,
  APIConnectionError,
  Locker,
  PermissionDeniedError,
  ResourceNotFoundError,
  ValidationError,
} = require('..')
const { unique, useDevServer } = require('./support/dev-server')
const { failure } = require('./support/outcome')
const { credentials, startServer } = require('./support/server')
const { until } = require('./support/until')

const dev = useDevServer()

const HUNDREDS = 300
const THOUSANDS = 10_000
const NOTHING = { created: [], changed: [], kept: [], refused: [] }

let folder

beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'lockerpm-import-'))
})

afterAll(() => rmSync(folder, { recursive: true, force: true }))

function makeFile(name, content) {
  const file = path.join(folder, name)
  writeFileSync(file, content)
  return file
}

async function makeEnvironment(secrets = {}) {
  const name = unique('environment')
  await dev.locker().createEnvironment({ name, externalUrl: '' })
  for (const [key, value] of Object.entries(secrets)) {
    await dev.locker().create({ key, value, description: 'a note', environmentName: name })
  }
  return name
}

/** What an environment holds, as `{ key: value }`. */
async function stored(environment) {
  const secrets = await dev.locker().list(environment)
  return Object.fromEntries(secrets.map(({ key, value }) => [key, value]))
}

const writes = async () => (await dev.seen()).filter((request) => !request.startsWith('GET'))
const numbered = (count, value = 'value') =>
  Object.fromEntries(Array.from({ length: count }, (_, index) => [`KEY_${index}`, `${value} ${index}`]))
const asSource = (values) => ({ content: JSON.stringify(values), format: 'json' })

describe('what is imported', () => {
  it.each([
    ['an env file', 'some.env', 'A=1\nexport B="2\\n"\n'],
    ['an env file without a name', '.env', 'A=1\nexport B="2\\n"\n'],
    ['an env file with another extension', '.env.prod', 'A=1\nexport B="2\\n"\n'],
    ['an INI file', 'some.INI', '; comment\nA = 1\nB = "2\\n"\n'],
    ['a JSON file', 'some.json', '{ "A": "1", "B": "2\\n" }'],
  ])('is %s', async (_, name, content) => {
    const environmentName = await makeEnvironment()
    const result = await dev.locker().import(makeFile(name, content), { environmentName })
    expect(result).toEqual({ ...NOTHING, created: ['A', 'B'] })
    expect(await stored(environmentName)).toEqual({ A: '1', B: '2\n' })
  })

  it('is a text', async () => {
    const environmentName = await makeEnvironment()
    await dev.locker().import({ content: 'A=1' }, { environmentName })
    await dev.locker().import({ content: 'B=2 ; two', format: 'ini' }, { environmentName })
    await dev.locker().import({ content: '{"C":"3"}' }, { environmentName, format: 'json' })
    expect(await stored(environmentName)).toEqual({ A: '1', B: '2', C: '3' })
  })

  it('is in the format that is named, whatever the file is called', async () => {
    const environmentName = await makeEnvironment()
    await dev.locker().import(makeFile('json.env', '{"A":"1"}'), { environmentName, format: 'json' })
    expect(await stored(environmentName)).toEqual({ A: '1' })
  })

  it('is the last value of a key', async () => {
    const environmentName = await makeEnvironment()
    const result = await dev.locker().import({ content: 'A=1\nB=2\nA=3' }, { environmentName })
    expect(result).toEqual({ ...NOTHING, created: ['A', 'B'] })
    expect(await stored(environmentName)).toEqual({ A: '3', B: '2' })
  })

  it('is nothing, if the source is empty', async () => {
    expect(await dev.locker().import({ content: '# nothing' })).toEqual(NOTHING)
  })

  it.each([undefined, null, ''])('goes to ALL for the environment %j', async (environmentName) => {
    const key = unique('KEY')
    await dev.locker().import({ content: `${key}=1` }, { environmentName })
    expect(await dev.locker().retrieve(key)).toMatchObject({ value: '1', environmentName: null })
    expect(await dev.locker().import({ content: `${key}=1` }, { environmentName })).toEqual({
      ...NOTHING,
      kept: [key],
    })
  })
})

describe('what is there already', () => {
  it('is kept if it is the same, and changed in its place if it is not', async () => {
    const environmentName = await makeEnvironment({ SAME: '1', OTHER: '1', REST: '1' })
    const locker = dev.countedLocker()
    const result = await locker.import({ content: 'OTHER=2\nNEW=2\nSAME=1' }, { environmentName })
    expect(result).toEqual({ created: ['NEW'], changed: ['OTHER'], kept: ['SAME'], refused: [] })
    expect(await writes()).toHaveLength(2)
    expect(await stored(environmentName)).toEqual({ SAME: '1', OTHER: '2', REST: '1', NEW: '2' })
    expect((await dev.locker().retrieve('OTHER', environmentName)).description).toBe('a note')
  })

  it('counts only in its own environment', async () => {
    const environmentName = await makeEnvironment()
    const key = unique('KEY')
    await dev.locker().create({ key, value: '1' })
    expect(await dev.locker().import({ content: `${key}=1` }, { environmentName })).toMatchObject({
      created: [key],
    })
    expect(await dev.locker().import({ content: `${key}=2` })).toMatchObject({ changed: [key] })
    expect(await stored(environmentName)).toEqual({ [key]: '1' })
  })

  it('stays without overwrite', async () => {
    const environmentName = await makeEnvironment({ SAME: '1', OTHER: '1' })
    const result = await dev
      .locker()
      .import({ content: 'OTHER=2\nNEW=2\nSAME=1' }, { environmentName, overwrite: false })
    expect(result).toEqual({ ...NOTHING, created: ['NEW'], kept: ['OTHER', 'SAME'] })
    expect(await stored(environmentName)).toEqual({ SAME: '1', OTHER: '1', NEW: '2' })
  })

  it('is read from the server, whatever was read before', async () => {
    const environmentName = await makeEnvironment({ A: '1' })
    const locker = dev.locker()
    await locker.list()
    await dev.locker().modify('A', environmentName, { value: '2', environmentName })
    expect(await locker.import({ content: 'A=1' }, { environmentName })).toMatchObject({ changed: ['A'] })
    expect(await stored(environmentName)).toEqual({ A: '1' })
  })

  it('is only compared by a dry run', async () => {
    const environmentName = await makeEnvironment({ SAME: '1', OTHER: '1' })
    const source = { content: 'OTHER=2\nNEW=2\nSAME=1' }
    const result = await dev.countedLocker().import(source, { environmentName, dryRun: true })
    expect(result).toEqual({ created: ['NEW'], changed: ['OTHER'], kept: ['SAME'], refused: [] })
    expect(await writes()).toEqual([])
    expect(await stored(environmentName)).toEqual({ SAME: '1', OTHER: '1' })
  })
})

describe(`${HUNDREDS} secrets`, () => {
  it('are sent with bounded concurrency, with progress, and only once', async () => {
    const environmentName = await makeEnvironment()
    const values = numbered(HUNDREDS)
    const locker = dev.countedLocker()
    const progress = []
    let [running, most] = [0, 0]
    for (const verb of ['create', 'modify']) {
      locker[verb] = async (...args) => {
        most = Math.max(most, (running += 1))
        return Locker.prototype[verb].apply(locker, args).finally(() => (running -= 1))
      }
    }
    const options = { environmentName, concurrency: 5, onProgress: (...step) => progress.push(step) }
    const result = await locker.import(asSource(values), options)
    expect(result).toEqual({ ...NOTHING, created: Object.keys(values) })
    expect(most).toBe(5)
    expect(progress).toEqual(Array.from({ length: HUNDREDS }, (_, index) => [index + 1, HUNDREDS]))
    expect(await stored(environmentName)).toEqual(values)

    await dev.proxy.reset()
    expect(await locker.import(asSource(values), options)).toEqual({ ...NOTHING, kept: Object.keys(values) })
    expect(await writes()).toEqual([])
  })

  it('go on where they were stopped', async () => {
    const environmentName = await makeEnvironment()
    const values = numbered(HUNDREDS)
    const controller = new AbortController()
    const onProgress = (done) => done === 100 && controller.abort(new Error('stop'))
    const stopped = await failure(() =>
      dev.locker().import(asSource(values), { environmentName, onProgress, signal: controller.signal }),
    )
    expect(stopped).toBe(controller.signal.reason)
    const sent = Object.keys(await stored(environmentName)).length
    expect(sent).toBeGreaterThanOrEqual(100)
    expect(sent).toBeLessThan(HUNDREDS)

    const result = await dev.locker().import(asSource(values), { environmentName })
    expect(result.refused).toEqual([])
    expect([result.created.length, result.kept.length]).toEqual([HUNDREDS - sent, sent])
    expect(await stored(environmentName)).toEqual(values)
  })

  it('stop when progress throws', async () => {
    const environmentName = await makeEnvironment()
    const onProgress = (done) => {
      if (done === 10) throw new Error('no more')
    }
    const locker = dev.countedLocker()
    const error = await failure(() =>
      locker.import(asSource(numbered(HUNDREDS)), { environmentName, onProgress }),
    )
    expect(error.message).toBe('no more')
    // Time enough for many more, if there were any.
    for (let count = 0; count < 10; count += 1) await locker.listEnvironments({ fetch: true })
    expect((await writes()).length).toBeLessThanOrEqual(1 + 10 + 16)
  })
})

const long = process.env.LOCKER_TEST_LONG ? describe : describe.skip

long(`${THOUSANDS} secrets`, () => {
  it('are imported, kept, changed and loaded', async () => {
    const environmentName = await makeEnvironment()
    const [before, after] = [numbered(THOUSANDS), numbered(THOUSANDS, 'other')]
    const timed = async (name, run) => {
      const start = performance.now()
      const result = await run()
      console.log(`${name}: ${((performance.now() - start) / 1000).toFixed(1)} s`)
      return result
    }
    const run = (values) => dev.locker().import(asSource(values), { environmentName })
    const keys = Object.keys(before)
    expect(await timed('create', () => run(before))).toEqual({ ...NOTHING, created: keys })
    expect(await timed('keep', () => run(before))).toEqual({ ...NOTHING, kept: keys })
    expect(await timed('change', () => run(after))).toEqual({ ...NOTHING, changed: keys })
    expect({ ...(await timed('load', () => dev.locker().load(environmentName))) }).toMatchObject(after)
  }, 600_000)
})

describe('a rate limit', () => {
  it('of the server is waited for', async () => {
    const server = await startServer(['dev', '--rate-limit', '50/s'])
    try {
      const locker = new Locker({ ...credentials(server), logLevel: 0 })
      const values = numbered(80)
      expect(await locker.import(asSource(values))).toEqual({ ...NOTHING, created: Object.keys(values) })
    } finally {
      await server.stop()
    }
  })

  it('stops all requests for as long as the server says', async () => {
    const environmentName = await makeEnvironment()
    const limit = { status: 429, headers: { 'retry-after': '1' }, body: '{}' }
    await dev.proxy.reset([{ ...limit, method: 'POST', path: '/v1/secrets', times: 4 }])
    const start = performance.now()
    const result = await dev
      .countedLocker({ logLevel: 0 })
      .import(asSource(numbered(20)), { environmentName, concurrency: 4 })
    expect(result.created).toHaveLength(20)
    expect(performance.now() - start).toBeGreaterThanOrEqual(990)
    expect(performance.now() - start).toBeLessThan(4_000)
    expect(await writes()).toHaveLength(24)
  })

  it('is waited for when it says no time', async () => {
    const environmentName = await makeEnvironment()
    await dev.proxy.reset([{ status: 429, body: '{}', method: 'POST', path: '/v1/secrets', times: 4 }])
    const locker = dev.countedLocker({ logLevel: 0 })
    const start = performance.now()
    const result = await locker.import(asSource(numbered(20)), { environmentName, concurrency: 4 })
    expect(result.created).toHaveLength(20)
    // A pause is longer than the one before it, but these four refusals are one.
    expect(performance.now() - start).toBeGreaterThanOrEqual(990)
    expect(performance.now() - start).toBeLessThan(4_000)
  })

  it('is not waited for after the signal', async () => {
    const environmentName = await makeEnvironment()
    await dev.proxy.reset([{ status: 429, headers: { 'retry-after': '3600' }, body: '{}', method: 'POST' }])
    const controller = new AbortController()
    const importing = failure(() =>
      dev
        .countedLocker({ logLevel: 0 })
        .import(asSource(numbered(20)), { environmentName, signal: controller.signal }),
    )
    await until(async () => (await writes()).length > 0)
    controller.abort(new Error('stop'))
    expect(await importing).toBe(controller.signal.reason)
  })
})

describe('what is refused', () => {
  it('is told with its reason, and the rest is done', async () => {
    const environmentName = await makeEnvironment()
    await dev.proxy.reset([{ method: 'POST', path: '/v1/secrets', action: 'reset', real: true, times: 1 }])
    const locker = dev.countedLocker({ logLevel: 0 })
    const { created, refused } = await locker.import(asSource(numbered(5)), {
      environmentName,
      concurrency: 1,
    })
    expect(created).toEqual(['KEY_1', 'KEY_2', 'KEY_3', 'KEY_4'])
    expect(refused).toEqual([{ key: 'KEY_0', error: expect.any(APIConnectionError) }])
    const again = await locker.import(asSource(numbered(5)), { environmentName })
    expect(again.refused).toEqual([])
    expect(await stored(environmentName)).toEqual(numbered(5))
  })

  it('is everything after the first answer that nothing may be written', async () => {
    const environmentName = await makeEnvironment({ KEY_1: 'value 1' })
    const locker = dev.readOnlyLocker({ apiBase: dev.proxy.apiBase, logLevel: 0 })
    const { kept, refused } = await locker.import(asSource(numbered(50)), { environmentName, concurrency: 2 })
    expect(kept).toEqual(['KEY_1'])
    expect(refused).toHaveLength(49)
    for (const { error } of refused) expect(error).toBeInstanceOf(PermissionDeniedError)
    expect((await writes()).length).toBeLessThanOrEqual(2)
  })

  it('is everything after a server that does not answer any more', async () => {
    const environmentName = await makeEnvironment()
    await dev.proxy.reset([{ method: 'POST', path: '/v1/secrets', action: 'reset' }])
    const locker = dev.countedLocker({ logLevel: 0 })
    const { refused } = await locker.import(asSource(numbered(50)), { environmentName, concurrency: 4 })
    expect(refused.map(({ key }) => key)).toEqual(Object.keys(numbered(50)))
    for (const { error } of refused) expect(error).toBeInstanceOf(APIConnectionError)
    expect((await writes()).length).toBeLessThanOrEqual(8)
  })
})

describe('nothing is sent', () => {
  it.each([
    ['a line that cannot be read', 'lines.env', 'A=1\njust words\n', 'lines.env, line 2: '],
    ['a JSON value that is no text', 'number.json', '{"A":"1","B":2}', 'number.json: the value of B'],
    ['bytes that are not UTF-8', 'bytes.env', Buffer.from([0x41, 0x3d, 0xff]), 'UTF-8'],
  ])('for %s', async (_, name, content, part) => {
    const error = await failure(() => dev.countedLocker().import(makeFile(name, content)))
    expect(error).toBeInstanceOf(ValidationError)
    expect(error.message).toContain(part)
    expect(await dev.seen()).toEqual([])
  })

  it('for a file that is not there', async () => {
    const error = await failure(() => dev.countedLocker().import(path.join(folder, 'none.env')))
    expect(error).toMatchObject({ name: 'ValidationError', field: 'source' })
    expect(error.message).toContain('none.env')
    expect(error.cause.code).toBe('ENOENT')
  })

  it('for an environment that does not exist', async () => {
    const known = await makeEnvironment()
    const error = await failure(() =>
      dev.countedLocker().import({ content: 'A=1' }, { environmentName: 'prdo' }),
    )
    expect(error).toBeInstanceOf(ResourceNotFoundError)
    expect(error.message).toContain(known)
    expect(await writes()).toEqual([])
  })

  it('for credentials that are wrong', async () => {
    const error = await failure(() =>
      dev.locker({ accessKeyId: dev.server.readOnly.accessKeyId, logLevel: 0 }).import({ content: 'A=1' }),
    )
    expect(error).toBeInstanceOf(AuthenticationError)
  })

  it('for a signal that has aborted before', async () => {
    const reason = new Error('stop')
    const signal = AbortSignal.abort(reason)
    expect(await failure(() => dev.countedLocker().import({ content: 'A=1' }, { signal }))).toBe(reason)
    expect(await dev.seen()).toEqual([])
  })

  it.each([
    ['source', [undefined]],
    ['source', [7]],
    ['source.content', [{}]],
    ['format', [{ content: 'A=1', format: 'toml' }]],
    ['format', [{ content: 'A=1' }, { format: 'yaml' }]],
    ['options', [{ content: 'A=1' }, 'prod']],
    ['environmentName', [{ content: 'A=1' }, { environmentName: 7 }]],
    ['dryRun', [{ content: 'A=1' }, { dryRun: 'yes' }]],
    ['overwrite', [{ content: 'A=1' }, { overwrite: 0 }]],
    ['concurrency', [{ content: 'A=1' }, { concurrency: 0 }]],
    ['concurrency', [{ content: 'A=1' }, { concurrency: 1.5 }]],
    ['onProgress', [{ content: 'A=1' }, { onProgress: true }]],
    ['signal', [{ content: 'A=1' }, { signal: {} }]],
    ['timeoutMs', [{ content: 'A=1' }, { timeoutMs: '1' }]],
  ])('for a wrong %s', async (field, args) => {
    const error = await failure(() => dev.countedLocker().import(...args))
    expect(error).toMatchObject({ name: 'ValidationError', field })
    expect(await dev.seen()).toEqual([])
  })
})
