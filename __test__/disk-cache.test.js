'use strict'

const { spawnSync } = require('node:child_process')
const { randomBytes } = require('node:crypto')
const {
  appendFileSync,
  chmodSync,
  closeSync,
  constants,
  copyFileSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} = require('node:fs')
const path = require('node:path')
const { setTimeout: sleep } = require('node:timers/promises')

const {
  APIConnectionError,
  AuthenticationError,
  CacheError,
  Locker,
  LogLevel,
  PermissionDeniedError,
  Secret,
} = require('..')
const { useCacheFolder } = require('./support/cache-folder')
const { unique, useDevServer } = require('./support/dev-server')
const { startFaultyProxy } = require('./support/faulty-proxy')
const { failure, forms } = require('./support/outcome')
const { runFixture } = require('./support/run-fixture')
const { credentials, startServer } = require('./support/server')
const { until } = require('./support/until')

const dev = useDevServer()
const folder = useCacheFolder()

const PROFILE = 'GET /v1/profile'
const SECRETS = 'GET /v1/secrets'
const ENVIRONMENTS = 'GET /v1/environments'
const IGNORED = /^the cache file is ignored: /
const FIRST_LINE = 'lockerpm cache 1\n'
const NONCE_LENGTH = 12
const TAG_LENGTH = 16

const isWindows = process.platform === 'win32'
const isRoot = process.getuid?.() === 0
const onUnix = isWindows ? it.skip : it

/** A secret in ALL and in an environment, and that environment. No cache file knows them yet. */
async function make() {
  const locker = dev.locker()
  const [key, name] = [unique('key'), unique('environment')]
  await locker.createEnvironment({ name, externalUrl: 'https://before.example' })
  await locker.create({ key, value: 'value-before' })
  await locker.create({ key, value: 'value-before, own', environmentName: name })
  return { key, name }
}

/** Changes all of them behind the back of every cache file. */
async function change({ key, name }) {
  const locker = dev.locker()
  await locker.modify(key, null, { value: 'value-after' })
  await locker.modify(key, name, { value: 'value-after, own', environmentName: name })
  await locker.modifyEnvironment(name, { externalUrl: 'https://after.example' })
}

/** Options of a `Locker` on the folder of the test whose requests are counted. */
const onDisk = (options, cacheOptions) => ({
  maxRetries: 0,
  logger: () => {},
  ...options,
  cacheOptions: { dir: folder.dir, ...cacheOptions },
})
const diskLocker = (options, cacheOptions) => dev.countedLocker(onDisk(options, cacheOptions))

/** The same for a process of its own. */
const processOptions = (cacheOptions = {}) => ({
  accessKeyId: dev.server.accessKeyId,
  accessKeySecret: dev.server.accessKeySecret,
  apiBase: dev.proxy.apiBase,
  maxRetries: 0,
  cacheOptions,
})

async function inAnotherProcess(calls, { options, cacheOptions = { dir: folder.dir }, env } = {}) {
  const input = { options: { ...processOptions(cacheOptions), ...options }, calls }
  const child = await runFixture('reads.js', { input, env })
  expect(child).toMatchObject({ code: 0, stderr: '' })
  return child.output
}

/** A logger, and what it was told. */
function recorder() {
  const records = []
  return { records, logLevel: LogLevel.DEBUG, logger: (record) => records.push(record) }
}

/** What was logged besides the requests. */
const withoutRequests = (records) => records.filter(({ method }) => method === undefined)

/** The paths below `root`, from there, of all files but the locks. */
function filesBelow(root) {
  const files = readdirSync(root, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
  const paths = files.map((entry) =>
    path.relative(root, path.join(entry.parentPath ?? entry.path, entry.name)),
  )
  return paths.filter((file) => !file.endsWith('.lock'))
}

describe.each(forms)('%s', (_, call) => {
  const get = (locker, key, options) => call(locker, 'get', key, null, undefined, options)

  /** `[what, how, what it sends on a cold cache]` */
  const reads = [
    ['get', (locker, { key }) => get(locker, key), SECRETS],
    ['get in an environment', (locker, { key, name }) => call(locker, 'get', key, name), SECRETS],
    ['get of what is absent', (locker, { key }) => get(locker, `${key}-absent`), SECRETS],
    ['retrieve', async (locker, { key }) => (await call(locker, 'retrieve', key)).value, SECRETS],
    ['list', async (locker) => (await call(locker, 'list')).map(({ key, value }) => [key, value]), SECRETS],
    [
      'list of an environment',
      async (locker, { name }) => (await call(locker, 'list', name)).map(({ value }) => value),
      SECRETS,
    ],
    [
      'getEnvironment',
      async (locker, { name }) => (await call(locker, 'getEnvironment', name)).externalUrl,
      ENVIRONMENTS,
    ],
    [
      'getEnvironment of what is absent',
      (locker, { name }) => call(locker, 'getEnvironment', `${name}-absent`),
      ENVIRONMENTS,
    ],
    [
      'listEnvironments',
      async (locker) =>
        (await call(locker, 'listEnvironments')).map(({ name, externalUrl }) => [name, externalUrl]),
      ENVIRONMENTS,
    ],
  ]

  it.each(reads)('%s: a second Locker asks for nothing', async (_, read, request) => {
    const made = await make()
    const first = await read(diskLocker(), made)
    expect(await dev.seen()).toEqual([PROFILE, request])
    await change(made)
    const second = diskLocker()
    expect(await read(second, made)).toEqual(first)
    expect(await read(second, made)).toEqual(first)
    expect(await dev.seen()).toEqual([PROFILE, request])
  })

  it('what a list has brought answers every name', async () => {
    const { key, name } = await make()
    const writer = diskLocker()
    await call(writer, 'list')
    await call(writer, 'listEnvironments')
    await dev.proxy.reset()
    const reader = diskLocker()
    expect(await get(reader, key)).toBe('value-before')
    expect(await call(reader, 'get', key, name)).toBe('value-before, own')
    expect(await get(reader, unique('no-key'))).toBeUndefined()
    expect((await call(reader, 'getEnvironment', name)).externalUrl).toBe('https://before.example')
    expect(await dev.seen()).toEqual([])
  })

  it('the profile answers for what was never read', async () => {
    const [one, other] = [await make(), await make()]
    await get(diskLocker(), one.key)
    await dev.proxy.reset()
    expect(await get(diskLocker(), other.key)).toBe('value-before')
    expect(await dev.seen()).toEqual([SECRETS])
  })

  it('what several Lockers have read comes together', async () => {
    const [one, other] = [await make(), await make()]
    const [first, second] = [diskLocker(), diskLocker()]
    // Both know the file before the other writes to it.
    await get(first, unique('no-key'))
    await get(second, unique('no-key'))
    await get(first, one.key)
    await get(second, other.key)
    await dev.proxy.reset()
    const third = diskLocker()
    expect([await get(third, one.key), await get(third, other.key)]).toEqual(['value-before', 'value-before'])
    expect(await dev.seen()).toEqual([])
  })

  it('fetch of a call writes too, and reads past the file', async () => {
    const made = await make()
    await get(diskLocker(), made.key)
    await change(made)
    expect(await get(diskLocker(), made.key, { fetch: true })).toBe('value-after')
    await dev.proxy.reset()
    expect(await get(diskLocker(), made.key)).toBe('value-after')
    expect(await dev.seen()).toEqual([])
  })

  describe('clearCache', () => {
    it('removes the file, and the next read asks', async () => {
      const made = await make()
      const locker = diskLocker()
      await get(locker, made.key)
      const vault = folder.vault()
      await change(made)
      await dev.proxy.reset()
      expect(await call(locker, 'clearCache')).toBeUndefined()
      expect(existsSync(vault)).toBe(false)
      expect(await dev.seen()).toEqual([])
      expect(await get(locker, made.key)).toBe('value-after')
      expect(await dev.seen()).toEqual([PROFILE, SECRETS])
      expect(existsSync(vault)).toBe(true)
    })

    it('removes what another Locker has read', async () => {
      const { key } = await make()
      await get(diskLocker(), key)
      await call(diskLocker(), 'clearCache')
      expect(folder.vaults()).toEqual([])
      await dev.proxy.reset()
      expect(await get(diskLocker(), key)).toBe('value-before')
      expect(await dev.seen()).toEqual([PROFILE, SECRETS])
    })

    it.each([
      ['there is no file', () => ({})],
      ['there is no folder for it', () => ({ dir: null })],
    ])('is no error where %s', async (_, cacheOptions) => {
      expect(await call(diskLocker({}, cacheOptions()), 'clearCache')).toBeUndefined()
      expect(existsSync(folder.dir)).toBe(false)
    })

    it('leaves the files of others alone', async () => {
      const { key } = await make()
      await get(diskLocker(), key)
      const other = dev.readOnlyLocker(onDisk({ apiBase: dev.proxy.apiBase }))
      await get(other, key)
      expect(folder.vaults()).toHaveLength(2)
      await call(other, 'clearCache')
      await dev.proxy.reset()
      expect(await get(diskLocker(), key)).toBe('value-before')
      expect(await dev.seen()).toEqual([])
    })

    it('fails if the file cannot be removed, and forgets nevertheless', async () => {
      const made = await make()
      const locker = diskLocker()
      await get(locker, made.key)
      const vault = folder.vault()
      rmSync(vault)
      mkdirSync(vault)
      writeFileSync(path.join(vault, 'something'), '')
      await change(made)
      const error = await failure(() => call(locker, 'clearCache'))
      expect(error).toBeInstanceOf(CacheError)
      expect(error).toMatchObject({ code: 'cache_error', field: 'cacheOptions.dir' })
      expect(error.message).toContain('cacheOptions.dir')
      expect(await get(locker, made.key)).toBe('value-after')
    })
  })

  describe('a write takes what it made untrue out of the file', () => {
    /** `[what, the read before and after it, the write, the new answer]` */
    const writes = [
      [
        'create',
        (locker, { key }) => get(locker, `${key}-new`),
        (locker, { key }) => call(locker, 'create', { key: `${key}-new`, value: 'value-after' }),
        'value-after',
      ],
      [
        'modify',
        (locker, { key }) => get(locker, key),
        (locker, { key }) => call(locker, 'modify', key, null, { value: 'value-after' }),
        'value-after',
      ],
      [
        'createEnvironment',
        async (locker, { name }) => (await call(locker, 'getEnvironment', `${name}-new`))?.externalUrl,
        (locker, { name }) =>
          call(locker, 'createEnvironment', { name: `${name}-new`, externalUrl: 'https://after.example' }),
        'https://after.example',
      ],
      [
        'modifyEnvironment',
        async (locker, { name }) => (await call(locker, 'getEnvironment', name)).externalUrl,
        (locker, { name }) =>
          call(locker, 'modifyEnvironment', name, { externalUrl: 'https://after.example' }),
        'https://after.example',
      ],
    ]

    it.each(writes)('%s, by the Locker that has read', async (_, read, write, after) => {
      const made = await make()
      const locker = diskLocker()
      expect(await read(locker, made)).not.toBe(after)
      await write(locker, made)
      expect(await read(diskLocker(), made)).toBe(after)
    })

    it.each(writes)('%s, by a Locker that has read nothing yet', async (_, read, write, after) => {
      const made = await make()
      await read(diskLocker(), made)
      await write(diskLocker(), made)
      expect(await read(diskLocker(), made)).toBe(after)
    })

    it.each(writes)('%s, after a list', async (_, read, write, after) => {
      const made = await make()
      const locker = diskLocker()
      await call(locker, 'list')
      await call(locker, 'listEnvironments')
      await write(locker, made)
      expect(await read(diskLocker(), made)).toBe(after)
    })

    it.each(writes)('%s whose answer is lost', async (_, read, write, after) => {
      const made = await make()
      const locker = diskLocker()
      const before = await read(locker, made)
      // Nobody knows whether the server did what it was asked. It does so now.
      await dev.proxy.reset(['POST', 'PUT'].map((method) => ({ method, action: 'reset' })))
      expect(await failure(() => write(locker, made))).toBeInstanceOf(APIConnectionError)
      await dev.proxy.reset()
      await write(dev.locker(), made)
      expect(before).not.toBe(after)
      expect(await read(diskLocker(), made)).toBe(after)
    })
  })

  describe.each([
    [401, AuthenticationError],
    [403, PermissionDeniedError],
  ])('a %i', (status, Class) => {
    it.each([
      ['a read', (locker, { key }) => get(locker, key, { fetch: true })],
      ['a list', (locker) => call(locker, 'list', null, { restTime: 0 })],
      ['a read of environments', (locker) => call(locker, 'listEnvironments')],
    ])('of %s removes the file', async (_, refused) => {
      const made = await make()
      await get(diskLocker(), made.key)
      const vault = folder.vault()
      const locker = diskLocker()
      await dev.proxy.reset([{ status }])
      expect(await failure(() => refused(locker, made))).toBeInstanceOf(Class)
      expect(existsSync(vault)).toBe(false)
      expect(await failure(() => get(diskLocker(), made.key))).toBeInstanceOf(Class)
      await dev.proxy.reset([{ action: 'reset' }])
      const stale = diskLocker({}, { staleIfError: 3600 })
      expect(await failure(() => get(stale, made.key))).toBeInstanceOf(APIConnectionError)
    })
  })

  describe('staleIfError', () => {
    it('answers from the file while the server is down', async () => {
      const made = await make()
      for (const [, read] of reads) await read(diskLocker(), made)
      await dev.proxy.reset([{ action: 'reset' }])
      for (const [, read] of reads) {
        const fresh = await read(dev.locker(), made)
        const { records, ...log } = recorder()
        const locker = diskLocker(log, { restTime: 0, staleIfError: 3600 })
        expect(await read(locker, made)).toEqual(fresh)
        expect(records.filter(({ level }) => level === 'warn')).toHaveLength(1)
      }
    })

    it('is off by default', async () => {
      const { key } = await make()
      await get(diskLocker(), key)
      await dev.proxy.reset([{ action: 'reset' }])
      const locker = diskLocker({}, { restTime: 0 })
      // Such a Locker has no use for a file.
      expect(await failure(() => get(locker, key))).toBeInstanceOf(APIConnectionError)
      const error = await failure(() => get(diskLocker({}), key, { restTime: 0 }))
      expect(error).toBeInstanceOf(APIConnectionError)
    })

    it('ends when the answer in the file is too old', async () => {
      const { key } = await make()
      await get(diskLocker(), key)
      await dev.proxy.reset([{ action: 'reset' }])
      let error
      await until(async () => {
        const locker = diskLocker({}, { restTime: 0, staleIfError: 0.5 })
        error = await get(locker, key).then(
          () => undefined,
          (error) => error,
        )
        return error !== undefined
      })
      expect(error).toBeInstanceOf(APIConnectionError)
      const patient = diskLocker({}, { restTime: 0, staleIfError: 3600 })
      expect(await get(patient, key)).toBe('value-before')
    })
  })
})

describe('another process', () => {
  const calls = ({ key, name }) => [
    ['get', key],
    ['get', key, name],
    ['get', `${key}-absent`],
    ['retrieve', key],
    ['list', name],
    ['getEnvironment', name],
    ['listEnvironments'],
    ['getSync', key],
    ['listSync', name],
  ]
  const answers = async (made) => {
    const { outcomes } = await inAnotherProcess(calls(made))
    return outcomes.map(({ value, error }) => error ?? value)
  }

  it('reads what this one has read, without a request', async () => {
    const made = await make()
    const locker = diskLocker()
    await locker.list()
    const environments = await locker.listEnvironments()
    await change(made)
    await dev.proxy.reset()
    const own = { key: made.key, value: 'value-before, own', environmentName: made.name }
    expect(await answers(made)).toEqual([
      'value-before',
      'value-before, own',
      undefined,
      expect.objectContaining({ key: made.key, value: 'value-before' }),
      [own],
      { name: made.name, externalUrl: 'https://before.example' },
      environments.map(({ name, externalUrl }) => ({ name, externalUrl })),
      'value-before',
      [own],
    ])
    expect(await dev.seen()).toEqual([])
  })

  it('has read what this one reads, without a request', async () => {
    const made = await make()
    const before = await answers(made)
    expect(before).toContain('value-before')
    await change(made)
    await dev.proxy.reset()
    const locker = diskLocker()
    expect(await locker.get(made.key)).toBe('value-before')
    expect(locker.getSync(made.key, made.name)).toBe('value-before, own')
    expect((await locker.getEnvironment(made.name)).externalUrl).toBe('https://before.example')
    expect(await answers(made)).toEqual(before)
    expect(await dev.seen()).toEqual([])
  })

  it('answers from the file while the server is down', async () => {
    const { key } = await make()
    const own = await startFaultyProxy({ upstream: dev.server.apiBase })
    const options = { apiBase: own.apiBase }
    await diskLocker(options).get(key)
    await own.stop()
    const cacheOptions = { dir: folder.dir, restTime: 0, staleIfError: 3600 }
    const { outcomes, records } = await inAnotherProcess([['get', key]], { options, cacheOptions })
    expect(outcomes).toEqual([{ value: 'value-before' }])
    expect(records).toContainEqual(expect.objectContaining({ level: 'warn' }))
    const without = await inAnotherProcess([['get', key, null, null, { restTime: 0 }]], { options })
    expect(without.outcomes).toEqual([{ error: expect.objectContaining({ code: 'http_error' }) }])
  })
})

describe('restTime counts from the first read on', () => {
  const REST_TIME = 1
  /** The clock beside the wall's ticks so often, and what is taken over counts as older by up to that each time. */
  const TICK_MS = 10

  it.each([
    [
      'Lockers',
      async (calls, cacheOptions) => {
        const locker = diskLocker({}, cacheOptions)
        const values = []
        for (const [verb, ...args] of calls) values.push(await locker[verb](...args))
        return values
      },
    ],
    [
      'processes',
      async (calls, cacheOptions) => {
        const { outcomes } = await inAnotherProcess(calls, { cacheOptions })
        return outcomes.map(({ value }) => value)
      },
    ],
  ])('however often other %s save what they have taken over', async (_, run) => {
    const made = await make()
    const cacheOptions = { dir: folder.dir, restTime: REST_TIME }
    const started = Date.now()
    expect(await run([['get', made.key]], cacheOptions)).toEqual(['value-before'])
    await change(made)
    let takenOver = 0
    const again = () => {
      takenOver += 1
      // What is absent is new to the file each time, so that it is written again.
      return run(
        [
          ['get', made.key],
          ['get', unique('no-key')],
        ],
        cacheOptions,
      )
    }
    await until(async () => (await again())[0] === 'value-after')
    expect(Date.now() - started).toBeGreaterThanOrEqual(REST_TIME * 1000 - (1 + takenOver) * TICK_MS)
  })

  it('and each Locker has its own', async () => {
    const made = await make()
    await diskLocker({}, { restTime: 0.001 }).get(made.key)
    await change(made)
    expect(await diskLocker({}, { restTime: 3600 }).get(made.key)).toBe('value-before')
    expect(await diskLocker({}, { restTime: 0.001 }).get(made.key)).toBe('value-after')
  })
})

describe('where the file goes', () => {
  /** On this platform, below a home folder. */
  const inHome = process.platform === 'darwin' ? 'Library/Caches/lockerpm' : '.cache/lockerpm'
  const forLinux = process.platform === 'linux' ? it.each : it.skip.each

  async function foldersOf(variables, cacheOptions, key) {
    const names = ['LOCKER_CACHE_DIR', 'XDG_CACHE_HOME', 'HOME', 'LOCALAPPDATA']
    // An empty variable counts as none. The process must not touch the home of whoever runs the tests.
    const nothing = Object.fromEntries(names.map((name) => [name, '']))
    const own = Object.entries(variables).map(([name, value]) => [name, value.replace('ROOT', folder.root)])
    const { outcomes } = await inAnotherProcess([['get', key]], {
      env: { ...nothing, ...Object.fromEntries(own) },
      cacheOptions,
    })
    expect(outcomes).toEqual([{ value: 'value-before' }])
    return filesBelow(folder.root).map((file) => {
      expect(file).toMatch(/\.vault$/)
      return path.dirname(file)
    })
  }

  forLinux([
    ['LOCKER_CACHE_DIR', { LOCKER_CACHE_DIR: 'ROOT/chosen' }, 'chosen'],
    ['XDG_CACHE_HOME', { XDG_CACHE_HOME: 'ROOT/xdg' }, 'xdg/lockerpm'],
    ['HOME', { HOME: 'ROOT/home' }, 'home/.cache/lockerpm'],
    [
      'HOME, as XDG_CACHE_HOME is relative',
      { XDG_CACHE_HOME: 'xdg', HOME: 'ROOT/home' },
      'home/.cache/lockerpm',
    ],
    [
      'LOCKER_CACHE_DIR before XDG_CACHE_HOME and HOME',
      { LOCKER_CACHE_DIR: 'ROOT/chosen', XDG_CACHE_HOME: 'ROOT/xdg', HOME: 'ROOT/home' },
      'chosen',
    ],
    ['XDG_CACHE_HOME before HOME', { XDG_CACHE_HOME: 'ROOT/xdg', HOME: 'ROOT/home' }, 'xdg/lockerpm'],
  ])('%s', async (_, variables, expected) => {
    const { key } = await make()
    expect(await foldersOf(variables, {}, key)).toEqual([expected])
  })

  onUnix('cacheOptions.dir before the environment', async () => {
    const { key } = await make()
    const variables = { LOCKER_CACHE_DIR: 'ROOT/chosen', HOME: 'ROOT/home' }
    expect(await foldersOf(variables, { dir: path.join(folder.root, 'own') }, key)).toEqual(['own'])
  })

  onUnix('cacheOptions.dir before LOCKER_CACHE_DIR=none', async () => {
    const { key } = await make()
    const variables = { LOCKER_CACHE_DIR: 'none', HOME: 'ROOT/home' }
    expect(await foldersOf(variables, { dir: path.join(folder.root, 'own') }, key)).toEqual(['own'])
  })

  onUnix('staleIfError alone needs the file', async () => {
    const { key } = await make()
    const cacheOptions = { restTime: 0, staleIfError: 1 }
    expect(await foldersOf({ HOME: 'ROOT/home' }, cacheOptions, key)).toEqual([`home/${inHome}`])
  })

  it.each([
    ['dir: null', { HOME: 'ROOT/home', LOCKER_CACHE_DIR: 'ROOT/chosen' }, { dir: null }],
    ['LOCKER_CACHE_DIR=none', { HOME: 'ROOT/home', LOCKER_CACHE_DIR: 'none' }, {}],
    ['restTime 0', { HOME: 'ROOT/home' }, { restTime: 0 }],
    ['fetch', { HOME: 'ROOT/home' }, { fetch: true }],
    ['fetch, whatever else', { HOME: 'ROOT/home' }, { fetch: true, restTime: 3600, staleIfError: 3600 }],
    ['no home', {}, {}],
  ])('nowhere: %s', async (_, variables, cacheOptions) => {
    const { key } = await make()
    expect(await foldersOf(variables, cacheOptions, key)).toEqual([])
    expect(readdirSync(folder.root)).toEqual([])
  })

  it.each([
    ['dir: null', { dir: null }],
    ['restTime 0', { restTime: 0 }],
    ['fetch', { fetch: true }],
  ])('nowhere, also of a Locker in this process: %s', async (_, cacheOptions) => {
    const { key } = await make()
    await diskLocker({}, cacheOptions).get(key)
    await diskLocker({}, cacheOptions).list()
    expect(readdirSync(folder.root)).toEqual([])
  })
})

describe('what the folder gives away', () => {
  onUnix('it is for its owner only', async () => {
    const mask = process.umask(0)
    try {
      const dir = path.join(folder.root, 'a', 'b')
      await diskLocker({}, { dir }).list()
      const mode = (file) => (statSync(file).mode & 0o777).toString(8)
      expect(mode(path.join(folder.root, 'a'))).toBe('700')
      expect(mode(dir)).toBe('700')
      const files = readdirSync(dir)
      expect(files.filter((name) => name.endsWith('.vault'))).toHaveLength(1)
      for (const file of files) expect([file, mode(path.join(dir, file))]).toEqual([file, '600'])
    } finally {
      process.umask(mask)
    }
  })

  it('nothing in it tells a value, a name or a key', async () => {
    const mark = randomBytes(12).toString('hex')
    const secret = {
      key: `KEY-${mark}`,
      value: `VALUE-${mark}`,
      description: `NOTE-${mark}`,
      environmentName: `ENVIRONMENT-${mark}`,
    }
    const { accessKeySecret } = dev.server
    const writer = dev.locker()
    const environment = { name: secret.environmentName, externalUrl: `https://url-${mark}.example` }
    await writer.createEnvironment({ ...environment, description: `ABOUT-${mark}` })
    await writer.create(secret)
    const locker = diskLocker()
    await locker.get(secret.key, secret.environmentName)
    expect(await locker.list(secret.environmentName)).toEqual([expect.any(Secret)])
    await locker.getEnvironment(secret.environmentName)
    await locker.listEnvironments()

    const plain = [...Object.values(secret), ...Object.values(environment), `ABOUT-${mark}`, mark]
    const bytes = [...plain, accessKeySecret].map((text) => Buffer.from(text))
    bytes.push(Buffer.from(accessKeySecret, 'base64'))
    const forms = bytes.flatMap((content) => [
      content,
      Buffer.from(content.toString('utf8'), 'utf16le'),
      Buffer.from(content.toString('hex')),
      Buffer.from(content.toString('base64').replace(/=+$/, '').slice(0, -1)),
    ])
    const found = () => {
      const names = readdirSync(folder.dir)
      const contents = names.map((name) => readFileSync(path.join(folder.dir, name)))
      const haystack = Buffer.concat([Buffer.from(names.join('\n')), ...contents])
      return forms.filter((needle) => haystack.includes(needle)).map((needle) => needle.toString())
    }
    expect(found()).toEqual([])
    // The search finds what is there: the id of the access key, which is no secret, and each form of each text.
    expect(readFileSync(folder.vault()).includes(dev.server.accessKeyId)).toBe(true)
    for (const needle of forms) {
      const file = path.join(folder.dir, 'control')
      writeFileSync(file, Buffer.concat([randomBytes(10), needle, randomBytes(10)]))
      expect(found()).toContain(needle.toString())
    }
  })

  it('each writing has a nonce of its own', async () => {
    const nonces = new Set()
    for (let count = 0; count < 8; count++) {
      await diskLocker().get(unique('no-key'))
      nonces.add(parts(readFileSync(folder.vault())).nonce.toString('hex'))
    }
    expect(nonces.size).toBe(8)
  })
})

/** The regions of a cache file. */
function parts(bytes) {
  const headerEnd = bytes.indexOf('\n', FIRST_LINE.length) + 1
  const body = bytes.subarray(headerEnd)
  return {
    headerEnd,
    firstLine: bytes.subarray(0, FIRST_LINE.length),
    header: bytes.subarray(FIRST_LINE.length, headerEnd),
    nonce: body.subarray(0, NONCE_LENGTH),
    ciphertext: body.subarray(NONCE_LENGTH, -TAG_LENGTH),
    tag: body.subarray(-TAG_LENGTH),
    body,
  }
}

describe('a file that is not as it was written', () => {
  const cutTo = (where) => (bytes) => bytes.subarray(0, where(parts(bytes), bytes))
  const flipped = (where) => (bytes) => {
    const changed = Buffer.from(bytes)
    changed[where(parts(bytes), bytes)] ^= 1
    return changed
  }
  /** Where a text of the header begins. */
  const at = (text) => (_, bytes) => {
    const index = bytes.indexOf(text())
    if (index < FIRST_LINE.length) throw new Error(`the header does not hold ${text()}`)
    return index
  }
  const withHeader = (alter) => (bytes) => {
    const { firstLine, header, body } = parts(bytes)
    const before = JSON.parse(header)
    const after = alter(structuredClone(before))
    const line = typeof after === 'string' ? after : JSON.stringify(after)
    if (`${line}\n` === header.toString()) throw new Error('the header must change')
    return Buffer.concat([firstLine, Buffer.from(`${line}\n`), body])
  }
  const later = (seconds) => (header) => {
    header.savedAt.wall.secs += seconds
    if (header.savedAt.uptime) header.savedAt.uptime.since_boot.secs += seconds
    return header
  }

  /** `[what, the bytes in place of those of the file]` */
  const damages = [
    ['cut to nothing', cutTo(() => 0)],
    ['cut to one byte', cutTo(() => 1)],
    ['cut in the first line', cutTo(() => 9)],
    ['cut before the end of the first line', cutTo(() => FIRST_LINE.length - 1)],
    ['cut after the first line', cutTo(() => FIRST_LINE.length)],
    ['cut in the header', cutTo(({ headerEnd }) => Math.floor((FIRST_LINE.length + headerEnd) / 2))],
    ['cut before the end of the header', cutTo(({ headerEnd }) => headerEnd - 1)],
    ['cut after the header', cutTo(({ headerEnd }) => headerEnd)],
    ['cut in the nonce', cutTo(({ headerEnd }) => headerEnd + 5)],
    ['cut before the end of the nonce', cutTo(({ headerEnd }) => headerEnd + NONCE_LENGTH - 1)],
    ['cut after the nonce', cutTo(({ headerEnd }) => headerEnd + NONCE_LENGTH)],
    ['cut after a tag without ciphertext', cutTo(({ headerEnd }) => headerEnd + NONCE_LENGTH + TAG_LENGTH)],
    ['cut in the ciphertext', cutTo(({ headerEnd }, { length }) => Math.floor((headerEnd + length) / 2))],
    ['cut by the tag', cutTo((_, { length }) => length - TAG_LENGTH)],
    ['cut by a byte', cutTo((_, { length }) => length - 1)],
    ['longer by a byte', (bytes) => Buffer.concat([bytes, Buffer.alloc(1)])],
    ['twice in a row', (bytes) => Buffer.concat([bytes, bytes])],
    ['flipped in its first byte', flipped(() => 0)],
    ['flipped in its version', flipped(() => FIRST_LINE.length - 2)],
    ['flipped in the end of its first line', flipped(() => FIRST_LINE.length - 1)],
    ['flipped in the first byte of the header', flipped(() => FIRST_LINE.length)],
    ['flipped in the name of apiBase', flipped(at(() => 'apiBase'))],
    ['flipped in apiBase', flipped(at(() => dev.proxy.apiBase))],
    ['flipped in accessKeyId', flipped(at(() => dev.server.accessKeyId))],
    ['flipped in the name of savedAt', flipped(at(() => 'savedAt'))],
    [
      'flipped in savedAt',
      flipped(({ headerEnd }, bytes) => {
        const digits = bytes
          .subarray(0, headerEnd)
          .toString('latin1')
          .match(/"secs":(\d+)/)
        return digits.index + digits[0].length - 1
      }),
    ],
    ['flipped in the end of the header', flipped(({ headerEnd }) => headerEnd - 1)],
    ['flipped in the first byte of the nonce', flipped(({ headerEnd }) => headerEnd)],
    ['flipped in the last byte of the nonce', flipped(({ headerEnd }) => headerEnd + NONCE_LENGTH - 1)],
    ['flipped in the first byte of the ciphertext', flipped(({ headerEnd }) => headerEnd + NONCE_LENGTH)],
    [
      'flipped in the ciphertext',
      flipped(({ headerEnd }, { length }) => Math.floor((headerEnd + length) / 2)),
    ],
    ['flipped in the first byte of the tag', flipped((_, { length }) => length - TAG_LENGTH)],
    ['flipped in its last byte', flipped((_, { length }) => length - 1)],
    [
      'of another apiBase, by its header',
      withHeader((header) => ({ ...header, apiBase: 'https://a.example' })),
    ],
    ['of another access key, by its header', withHeader((header) => ({ ...header, accessKeyId: 'another' }))],
    ['made younger', withHeader(later(1))],
    ['made older', withHeader(later(-1))],
    ['put into the future', withHeader(later(86_400))],
    ['without savedAt', withHeader(({ savedAt, ...header }) => header)],
    [
      'without uptime',
      withHeader((header) => ({ ...header, savedAt: { ...header.savedAt, uptime: null, x: 1 } })),
    ],
    [
      'with a header of the same meaning',
      withHeader((header) => JSON.stringify(header, null, ' ').replaceAll('\n', '')),
    ],
    ['with more in its header', withHeader((header) => ({ ...header, more: 1 }))],
    ['with a header that is a list', withHeader(() => '[]')],
    ['with an empty header', withHeader(() => '')],
    [
      'of the next version',
      (bytes) => Buffer.concat([Buffer.from('lockerpm cache 2\n'), bytes.subarray(FIRST_LINE.length)]),
    ],
    ['of no version', (bytes) => bytes.subarray(FIRST_LINE.length)],
    ['all zeros', (bytes) => Buffer.alloc(bytes.length)],
    ['garbage', ({ length }) => randomBytes(length)],
    [
      'garbage after the first line',
      ({ length }) => Buffer.concat([Buffer.from(FIRST_LINE), randomBytes(length)]),
    ],
    [
      'garbage after the header',
      (bytes) => {
        const { headerEnd } = parts(bytes)
        return Buffer.concat([bytes.subarray(0, headerEnd), randomBytes(bytes.length - headerEnd)])
      },
    ],
    ['a long line', () => Buffer.concat([Buffer.from(FIRST_LINE), Buffer.alloc(1024 * 1024, '{')])],
    ['JSON', () => Buffer.from('{"profile":null}')],
  ]

  let made

  /** A file that says `value-before`, and a server that says `value-after`. */
  beforeEach(async () => {
    made = await make()
    await diskLocker().get(made.key)
    await change(made)
    await dev.proxy.reset()
  })

  /** The file is ignored: the server is asked, and the file replaced. Nothing else comes of it. */
  async function expectIgnored(why = IGNORED) {
    const { records, ...log } = recorder()
    expect(await diskLocker(log).get(made.key)).toBe('value-after')
    expect(await dev.seen()).toEqual([PROFILE, SECRETS])
    expect(withoutRequests(records)).toEqual([{ level: 'debug', message: expect.stringMatching(why) }])
    await dev.proxy.reset()
    const { records: later, ...laterLog } = recorder()
    expect(await diskLocker(laterLog).get(made.key)).toBe('value-after')
    expect(await dev.seen()).toEqual([])
    expect(later).toEqual([])
  }

  it('is used if it is as it was written', async () => {
    const { records, ...log } = recorder()
    writeFileSync(folder.vault(), readFileSync(folder.vault()))
    expect(await diskLocker(log).get(made.key)).toBe('value-before')
    expect(await dev.seen()).toEqual([])
    expect(records).toEqual([])
  })

  it.each(damages)('is ignored and replaced: %s', async (_, damage) => {
    const vault = folder.vault()
    const before = readFileSync(vault)
    const after = damage(before)
    expect(before.equals(after)).toBe(false)
    writeFileSync(vault, after)
    await expectIgnored()
  })

  it('is ignored whichever byte is flipped', async () => {
    const vault = folder.vault()
    const before = readFileSync(vault)
    const step = Math.max(1, Math.floor(before.length / 40))
    for (let index = 0; index < before.length; index += step) {
      const changed = Buffer.from(before)
      changed[index] ^= 1 << (index % 8)
      writeFileSync(vault, changed)
      expect([index, await diskLocker().get(made.key)]).toEqual([index, 'value-after'])
    }
    writeFileSync(vault, before)
    expect(await diskLocker().get(made.key)).toBe('value-before')
  })

  it('is ignored with the header of a later writing', async () => {
    const vault = folder.vault()
    const old = parts(readFileSync(vault))
    await diskLocker().get(made.key, null, undefined, { fetch: true })
    const { firstLine, header } = parts(readFileSync(vault))
    expect(header.equals(old.header)).toBe(false)
    writeFileSync(vault, Buffer.concat([firstLine, header, old.body]))
    await dev.proxy.reset()
    await expectIgnored()
  })

  it.each([
    ['another access key', () => dev.readOnlyLocker(onDisk({ apiBase: dev.proxy.apiBase }))],
    ['another apiBase', () => dev.locker(onDisk())],
  ])('is ignored if it is that of %s', async (_, locker) => {
    const vault = folder.vault()
    await locker().get(made.key)
    const [other] = folder.vaults().filter((name) => name !== path.basename(vault))
    copyFileSync(path.join(folder.dir, other), vault)
    await dev.proxy.reset()
    await expectIgnored()
  })

  it('is ignored though it is a folder, and cannot be replaced', async () => {
    const vault = folder.vault()
    rmSync(vault)
    mkdirSync(vault)
    writeFileSync(path.join(vault, 'something'), '')
    const { records, ...log } = recorder()
    const locker = diskLocker(log)
    expect(await locker.get(made.key)).toBe('value-after')
    expect(await locker.get(made.key)).toBe('value-after')
    expect(await locker.list()).toContainEqual(expect.objectContaining({ key: made.key }))
    const levels = records.map(({ level }) => level)
    expect(levels.filter((level) => level === 'warn')).toHaveLength(1)
    expect(levels).not.toContain('error')
    expect(records).toContainEqual({ level: 'debug', message: expect.stringMatching(IGNORED) })
    expect(readdirSync(vault)).toEqual(['something'])
  })

  onUnix('is replaced if it is a link to nowhere, and nothing is written there', async () => {
    const vault = folder.vault()
    rmSync(vault)
    const target = path.join(folder.root, 'target')
    symlinkSync(target, vault)
    expect(await diskLocker().get(made.key)).toBe('value-after')
    expect(existsSync(target)).toBe(false)
    await dev.proxy.reset()
    expect(await diskLocker().get(made.key)).toBe('value-after')
    expect(await dev.seen()).toEqual([])
  })

  onUnix('is ignored if it is a pipe, which nobody writes to', async () => {
    const vault = folder.vault()
    rmSync(vault)
    expect(spawnSync('mkfifo', [vault]).status).toBe(0)
    try {
      const answer = diskLocker({ timeoutMs: 2000 }).get(made.key)
      expect(await Promise.race([answer, sleep(5000, 'none', { ref: false })])).toBe('value-after')
    } finally {
      // Whoever waits for a writer goes on.
      closeSync(openSync(vault, constants.O_RDWR | constants.O_NONBLOCK))
    }
  })

  // Root may read every file.
  const unlessRoot = isWindows || isRoot ? it.skip : it
  unlessRoot(
    'is ignored and replaced: not readable (skipped for root, who may read everything)',
    async () => {
      chmodSync(folder.vault(), 0)
      await expectIgnored(/cannot be read/)
    },
  )

  it('never answers while the server is down', async () => {
    const vault = folder.vault()
    const bytes = readFileSync(vault)
    const stale = () => diskLocker({}, { restTime: 0, staleIfError: 3600 })
    await dev.proxy.reset([{ action: 'reset' }])
    expect(await stale().get(made.key)).toBe('value-before')
    for (const damage of [flipped((_, { length }) => length - 1), withHeader(later(60)), cutTo(() => 100)]) {
      writeFileSync(vault, damage(bytes))
      expect(await failure(() => stale().get(made.key))).toBeInstanceOf(APIConnectionError)
    }
  })

  it('is replaced while a Locker is at work, and that goes on', async () => {
    const locker = diskLocker()
    expect(await locker.get(made.key)).toBe('value-before')
    writeFileSync(folder.vault(), randomBytes(500))
    expect(await locker.get(made.key)).toBe('value-before')
    expect(await locker.get(made.key, null, undefined, { restTime: 0 })).toBe('value-after')
    await dev.proxy.reset()
    expect(await diskLocker().get(made.key)).toBe('value-after')
    expect(await dev.seen()).toEqual([])
  })
})

describe('another secret of the same access key', () => {
  const wrong = () => ({ accessKeySecret: randomBytes(32).toString('base64') })

  it('does not open the file, and does not take it from its owner', async () => {
    const { key } = await make()
    await diskLocker().get(key)
    const before = readFileSync(folder.vault())
    await dev.proxy.reset()
    expect(await failure(() => diskLocker(wrong()).get(key))).toBeInstanceOf(AuthenticationError)
    expect(await dev.seen()).toEqual([PROFILE])
    expect(folder.vaults()).toHaveLength(1)
    expect(readFileSync(folder.vault()).equals(before)).toBe(true)
    await dev.proxy.reset()
    expect(await diskLocker().get(key)).toBe('value-before')
    expect(await dev.seen()).toEqual([])
  })

  it('does not open the file while the server is down', async () => {
    const { key } = await make()
    await diskLocker().get(key)
    await dev.proxy.reset([{ action: 'reset' }])
    const error = await failure(() => diskLocker(wrong(), { staleIfError: 3600 }).get(key))
    expect(error).toBeInstanceOf(APIConnectionError)
    expect(await diskLocker({}, { restTime: 0, staleIfError: 3600 }).get(key)).toBe('value-before')
  })
})

describe('a folder that cannot be used', () => {
  /** A file, where a folder has to be. */
  const blocked = () => {
    const file = path.join(folder.root, 'file')
    writeFileSync(file, 'of somebody else')
    return file
  }

  it.each([
    ['it is a file', () => blocked()],
    ['it is below a file', () => path.join(blocked(), 'cache')],
  ])('%s: reads and writes work, and each Locker warns once', async (_, place) => {
    const dir = place()
    for (let count = 0; count < 2; count++) {
      const made = await make()
      const { records, ...log } = recorder()
      const locker = diskLocker(log, { dir })
      expect(await locker.get(made.key)).toBe('value-before')
      expect(locker.getSync(made.key, made.name)).toBe('value-before, own')
      await locker.modify(made.key, null, { value: 'value-after' })
      expect(await locker.get(made.key)).toBe('value-after')
      await locker.list()
      await locker.listEnvironments()
      const warnings = records.filter(({ level }) => level === 'warn')
      expect(warnings).toEqual([
        { level: 'warn', message: expect.stringMatching(/^the cache folder cannot be used/) },
      ])
      expect(records.filter(({ level }) => level === 'error')).toEqual([])
    }
    expect(readFileSync(path.join(folder.root, 'file'), 'utf8')).toBe('of somebody else')
  })

  onUnix('nobody chose it: there is no warning', async () => {
    const { key } = await make()
    const home = blocked()
    const env = { HOME: home, XDG_CACHE_HOME: '', LOCKER_CACHE_DIR: '' }
    const { outcomes, records } = await inAnotherProcess([['get', key]], { env, cacheOptions: {} })
    expect(outcomes).toEqual([{ value: 'value-before' }])
    expect(records).toContainEqual({ level: 'debug', message: expect.stringMatching(/^the cache folder/) })
    expect(records.filter(({ level }) => level !== 'debug')).toEqual([])
  })

  onUnix('LOCKER_CACHE_DIR chose it: there is one warning', async () => {
    const { key } = await make()
    const env = { LOCKER_CACHE_DIR: blocked() }
    const calls = [['get', key], ['list'], ['listEnvironments']]
    const { outcomes, records } = await inAnotherProcess(calls, { env, cacheOptions: {} })
    expect(outcomes[0]).toEqual({ value: 'value-before' })
    expect(records.filter(({ level }) => level !== 'debug')).toEqual([
      expect.objectContaining({ level: 'warn' }),
    ])
  })
})

describe('what ended processes have left', () => {
  it('is removed by the next save', async () => {
    await diskLocker().list()
    const name = path.basename(folder.vault(), '.vault')
    const [remains, foreign] = [`${name}.${process.pid}.tmp`, `${name}.1.tmp`].map((file) =>
      path.join(folder.dir, file),
    )
    const other = path.join(folder.dir, `${'0'.repeat(name.length)}.1.tmp`)
    for (const file of [remains, foreign, other]) writeFileSync(file, 'half')
    // To read what is in the file already is no reason to save.
    await diskLocker().list()
    expect([remains, foreign, other].filter(existsSync)).toEqual([remains, foreign, other])
    await diskLocker().get('any', null, undefined, { fetch: true })
    // Of other files somebody else may be writing just now.
    expect([remains, foreign, other].filter(existsSync)).toEqual([other])
  })

  it('a lock file that nobody holds is no lock', async () => {
    const { key } = await make()
    await diskLocker().get(key)
    const name = path.basename(folder.vault(), '.vault')
    for (const lock of ['save', 'refresh'])
      appendFileSync(path.join(folder.dir, `${name}.${lock}.lock`), '1\n')
    await dev.proxy.reset()
    const locker = diskLocker()
    expect(await locker.get(unique('no-key'))).toBeUndefined()
    expect(await diskLocker().get(key)).toBe('value-before')
    expect(await dev.seen()).toEqual([SECRETS])
  })
})

describe('a Locker reads its own writes, though another one reads the whole project just before them', () => {
  const ROUNDS = 6
  let server, proxy

  // A project that takes its time to be read from the file, apart from those of the other tests.
  beforeAll(async () => {
    server = await startServer()
    const locker = new Locker({ ...credentials(server), cacheOptions: { dir: null } })
    const keys = Array.from({ length: 300 }, (_, number) => `FILLER_${number}`)
    proxy = await startFaultyProxy({ upstream: server.apiBase, ca: credentials(server).caCert })
    await Promise.all(keys.map((key) => locker.create({ key, value: 'x'.repeat(1000) })))
  })

  afterAll(async () => {
    await proxy?.stop()
    await server?.stop()
  })

  it(`${ROUNDS} times`, async () => {
    const cacheOptions = { dir: folder.dir, restTime: 3600 }
    const locker = () => new Locker({ ...credentials(server), apiBase: proxy.apiBase, cacheOptions })
    const seen = []
    for (let round = 0; round < ROUNDS; round++) {
      const [writer, reader] = [locker(), locker()]
      const key = unique('OWN')
      await reader.list()
      await writer.get(key)
      await proxy.reset()
      const listing = reader.list(null, { restTime: 0 })
      // It has asked whether anything changed.
      await until(async () => (await proxy.requests()).length === 2)
      await writer.create({ key, value: 'own' })
      seen.push(await writer.get(key))
      await listing
      seen.push(await writer.get(key))
      rmSync(folder.dir, { recursive: true })
    }
    expect(seen).toEqual(Array(2 * ROUNDS).fill('own'))
  })
})
