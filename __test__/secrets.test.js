'use strict'

const {
  APIConnectionError,
  APIServerError,
  AlreadyExistsError,
  AuthenticationError,
  IntegrityError,
  LockerError,
  PermissionDeniedError,
  ResourceNotFoundError,
  Secret,
  ValidationError,
} = require('..')
const { unique, useDevServer } = require('./support/dev-server')
const { failure, forms } = require('./support/outcome')

const dev = useDevServer()

const ALL = [
  ['null', null],
  ['undefined', undefined],
  ['the empty text', ''],
]
const ABSENT = { code: 'not_found', statusCode: 404 }
const TAKEN = { code: 'already_exists', statusCode: 409 }

async function makeEnvironment(name = unique('environment')) {
  return (await dev.locker().createEnvironment({ name, externalUrl: 'https://environment.example' })).name
}

/** Makes `{ environment: value }` of one key, where the name `ALL` stands for ALL. */
async function makeSecret(values, key = unique('key')) {
  const locker = dev.locker()
  for (const [environment, value] of Object.entries(values)) {
    await locker.create({ key, value, environmentName: environment === 'ALL' ? null : environment })
  }
  return key
}

/** What a Locker that has read nothing yet sees of a key, as `{ environment: value }`. */
async function stored(key) {
  const found = (await dev.locker().list()).filter((secret) => secret.key === key)
  return Object.fromEntries(found.map(({ environmentName, value }) => [environmentName ?? 'ALL', value]))
}

const names = (secrets) => secrets.map(({ key, environmentName }) => [key, environmentName])

describe.each(forms)('%s', (_, call) => {
  describe('list', () => {
    it('gives every secret of the project', async () => {
      const [one, two] = [await makeEnvironment(), await makeEnvironment()]
      const key = await makeSecret({ ALL: 'a', [one]: 'b', [two]: 'c' })
      const other = await makeSecret({ [two]: 'd' })
      const secrets = await call(dev.locker(), 'list')
      const made = secrets.filter((secret) => [key, other].includes(secret.key))
      expect(Object.fromEntries(made.map(({ value, ...secret }) => [value, secret]))).toMatchObject({
        a: { key, environmentName: null },
        b: { key, environmentName: one },
        c: { key, environmentName: two },
        d: { key: other, environmentName: two },
      })
      expect(made).toHaveLength(4)
      for (const secret of made) expect(secret).toBeInstanceOf(Secret)
    })

    it('gives those of one environment only', async () => {
      const [one, two] = [await makeEnvironment(), await makeEnvironment()]
      const key = await makeSecret({ ALL: 'a', [one]: 'b', [two]: 'c' })
      const other = await makeSecret({ [one]: 'd' })
      const secrets = await call(dev.locker(), 'list', one)
      expect(names(secrets).sort()).toEqual(
        [
          [key, one],
          [other, one],
        ].sort(),
      )
    })

    it.each(ALL)('takes %s for the whole project', async (_, environment) => {
      const own = await makeEnvironment()
      const key = await makeSecret({ ALL: 'a', [own]: 'b' })
      const secrets = await call(dev.locker(), 'list', environment)
      expect(secrets.filter((secret) => secret.key === key)).toHaveLength(2)
    })

    it('gives nothing for an environment that is empty or does not exist', async () => {
      await makeSecret({ ALL: 'a' })
      expect(await call(dev.locker(), 'list', await makeEnvironment())).toEqual([])
      expect(await call(dev.locker(), 'list', unique('no-environment'))).toEqual([])
    })
  })

  // A read of the value, and the name of the value in what it gives.
  const reads = [
    ['get', (value) => value],
    ['retrieve', (secret) => secret.value],
  ]
  describe.each(reads)('%s', (verb, valueOf) => {
    it('looks in the environment first, and then in ALL', async () => {
      const [own, other] = [await makeEnvironment(), await makeEnvironment()]
      const key = await makeSecret({ ALL: 'of ALL', [own]: 'own' })
      const read = async (environment) => valueOf(await call(dev.locker(), verb, key, environment))
      expect(await read(own)).toBe('own')
      expect(await read(other)).toBe('of ALL')
      expect(await read(unique('no-environment'))).toBe('of ALL')
    })

    it.each(ALL)('takes %s for ALL, and only for ALL', async (_, environment) => {
      const own = await makeEnvironment()
      const key = await makeSecret({ ALL: 'of ALL', [own]: 'own' })
      const elsewhere = await makeSecret({ [own]: 'own' })
      expect(valueOf(await call(dev.locker(), verb, key, environment))).toBe('of ALL')
      expect(await call(dev.locker(), 'get', elsewhere, environment)).toBeUndefined()
    })

    it('does not look in other environments', async () => {
      const [own, other] = [await makeEnvironment(), await makeEnvironment()]
      const key = await makeSecret({ [own]: 'own' })
      expect(await call(dev.locker(), 'get', key, other)).toBeUndefined()
      const error = await failure(() => call(dev.locker(), 'retrieve', key, other))
      expect(error).toBeInstanceOf(ResourceNotFoundError)
      expect(error).toMatchObject(ABSENT)
    })
  })

  describe('get', () => {
    it.each([
      ['left out', [], undefined],
      ['undefined', [undefined], undefined],
      ['null', [null], undefined],
      ['the empty text', [''], ''],
      ['a text', ['a default'], 'a default'],
    ])('gives a default that is %s, only if there is no secret', async (_, given, expected) => {
      const environment = await makeEnvironment()
      const key = await makeSecret({ ALL: 'a value' })
      expect(await call(dev.locker(), 'get', unique('no-key'), environment, ...given)).toBe(expected)
      expect(await call(dev.locker(), 'get', key, environment, ...given)).toBe('a value')
    })

    it('gives an empty value, not the default', async () => {
      const environment = await makeEnvironment()
      const key = await makeSecret({ ALL: 'of ALL', [environment]: '' })
      expect(await call(dev.locker(), 'get', key, environment, 'a default')).toBe('')
    })

    // A failure, the error that it has to be, and the class.
    const failures = [
      ['an unknown access key', [], { accessKeyId: 'no-such-id' }, AuthenticationError, 'unauthorized', 401],
      ['a wrong secret', [], { accessKeySecret: 'A'.repeat(44) }, AuthenticationError, 'unauthorized', 401],
      ['a lost network', [{ action: 'reset' }], {}, APIConnectionError, 'http_error', 503],
      ['a broken server', [{ status: 500 }], {}, APIServerError, 'server_error', 500],
      ['an answer that is no JSON', [{ body: '<html>' }], {}, APIServerError, 'server_error', 200],
      ['a 404 of a wrong address', [{ status: 404 }], {}, ResourceNotFoundError, 'not_found', 404],
    ]
    it.each(failures)('gives no default for %s', async (_, faults, options, Class, code, statusCode) => {
      await dev.proxy.reset(faults)
      const locker = dev.countedLocker({ maxRetries: 0, logLevel: 0, ...options })
      const error = await failure(() => call(locker, 'get', 'no-such-key', null, 'a default'))
      expect(error).toBeInstanceOf(Class)
      expect(error).toMatchObject({ code, statusCode })
    })

    it('gives no default for a secret that was altered on its way', async () => {
      const key = await makeSecret({ ALL: 'a value' })
      const { id } = await dev.locker().retrieve(key)
      const page = await dev.answer('/v1/secrets')
      const item = page.results.find((item) => item.id === id)
      const [iv, sealed, mac] = item.value.split('|')
      item.value = [iv, sealed, `${mac[0] === 'A' ? 'B' : 'A'}${mac.slice(1)}`].join('|')
      const body = JSON.stringify({ ...page, count: 1, results: [item] })
      await dev.proxy.reset([{ path: '/v1/secrets', body }])
      const locker = dev.countedLocker({ logLevel: 0 })
      const error = await failure(() => call(locker, 'get', key, null, 'a default'))
      expect(error).toBeInstanceOf(IntegrityError)
      expect(error).toMatchObject({ code: 'cli_error' })
    })
  })

  describe('retrieve', () => {
    it('gives the whole secret', async () => {
      const environment = await makeEnvironment()
      const data = {
        key: unique('key'),
        value: 'a value',
        environmentName: environment,
        description: 'a note',
      }
      const created = await dev.locker().create(data)
      const secret = await call(dev.locker(), 'retrieve', data.key, environment)
      expect(secret).toBeInstanceOf(Secret)
      expect(secret).toEqual(created)
      expect(secret).toMatchObject(data)
    })

    it('says what there is not', async () => {
      const [key, environment] = [unique('no-key'), await makeEnvironment()]
      const error = await failure(() => call(dev.locker(), 'retrieve', key, environment))
      expect(error).toBeInstanceOf(ResourceNotFoundError)
      expect(error).toMatchObject({ ...ABSENT, retryable: false })
      expect(error.message).toContain(key)
      expect(error.message).toContain(environment)
    })
  })

  describe('create', () => {
    it('gives the new secret', async () => {
      const environment = await makeEnvironment()
      const data = {
        key: unique('key'),
        value: 'a value',
        environmentName: environment,
        description: 'a note',
      }
      const secret = await call(dev.locker(), 'create', data)
      expect(secret).toBeInstanceOf(Secret)
      expect(secret).toMatchObject({ ...data, projectId: dev.server.projectId })
      expect(await dev.locker().retrieve(data.key, environment)).toEqual(secret)
    })

    it.each([['left out'], ...ALL])(
      'takes an environment that is %s for ALL',
      async (...[, environmentName]) => {
        const key = unique('key')
        const data = { key, value: 'a value', ...(environmentName === undefined ? {} : { environmentName }) }
        const secret = await call(dev.locker(), 'create', data)
        expect(secret).toMatchObject({ key, environmentName: null, environmentId: null, description: '' })
        expect(await stored(key)).toEqual({ ALL: 'a value' })
      },
    )

    it('takes one key for several environments', async () => {
      const environment = await makeEnvironment()
      const key = unique('key')
      await call(dev.locker(), 'create', { key, value: 'a' })
      await call(dev.locker(), 'create', { key, value: 'b', environmentName: environment })
      expect(await stored(key)).toEqual({ ALL: 'a', [environment]: 'b' })
    })

    it('refuses what exists, in ALL and in an environment', async () => {
      const environment = await makeEnvironment()
      const key = await makeSecret({ ALL: 'a', [environment]: 'b' })
      for (const environmentName of [null, environment]) {
        const data = { key, value: 'another', environmentName }
        const error = await failure(() => call(dev.locker(), 'create', data))
        expect(error).toBeInstanceOf(AlreadyExistsError)
        expect(error).toMatchObject({ ...TAKEN, retryable: false })
        expect(error.message).toContain(key)
      }
      expect(await stored(key)).toEqual({ ALL: 'a', [environment]: 'b' })
    })

    it('refuses an environment that does not exist', async () => {
      const [key, environmentName] = [unique('key'), unique('no-environment')]
      const error = await failure(() => call(dev.locker(), 'create', { key, value: 'a', environmentName }))
      expect(error).toBeInstanceOf(ResourceNotFoundError)
      expect(error).toMatchObject(ABSENT)
      expect(error.message).toContain(environmentName)
      expect(await stored(key)).toEqual({})
    })

    it('does not change what it is given', async () => {
      const data = Object.freeze({ key: unique('key'), value: 'a value' })
      await call(dev.locker(), 'create', data)
      expect(Object.keys(data)).toEqual(['key', 'value'])
    })
  })

  describe('modify', () => {
    it('changes the value, and gives the secret as it is now', async () => {
      const key = unique('key')
      const before = await dev.locker().create({ key, value: 'before', description: 'a note' })
      const secret = await call(dev.locker(), 'modify', key, null, { value: 'after' })
      expect(secret).toBeInstanceOf(Secret)
      expect(secret).toMatchObject({ id: before.id, key, value: 'after', environmentName: null })
      expect(secret.creationDate).toBe(before.creationDate)
      expect(secret.revisionDate).toBeGreaterThanOrEqual(before.revisionDate)
      expect(await dev.locker().retrieve(key)).toEqual(secret)
    })

    it('never falls back to ALL', async () => {
      const environment = await makeEnvironment()
      const key = await makeSecret({ ALL: 'a value' })
      const error = await failure(() => call(dev.locker(), 'modify', key, environment, { value: 'another' }))
      expect(error).toBeInstanceOf(ResourceNotFoundError)
      expect(error).toMatchObject(ABSENT)
      expect(error.message).toContain(key)
      expect(error.message).toContain(environment)
      expect(await stored(key)).toEqual({ ALL: 'a value' })
    })

    it.each(ALL)('changes exactly ALL for %s', async (_, all) => {
      const environment = await makeEnvironment()
      const key = await makeSecret({ ALL: 'a', [environment]: 'b' })
      await call(dev.locker(), 'modify', key, all, { value: 'after' })
      expect(await stored(key)).toEqual({ ALL: 'after', [environment]: 'b' })
      const elsewhere = await makeSecret({ [environment]: 'b' })
      const error = await failure(() => call(dev.locker(), 'modify', elsewhere, all, { value: 'after' }))
      expect(error).toBeInstanceOf(ResourceNotFoundError)
      expect(error).toMatchObject(ABSENT)
      expect(await stored(elsewhere)).toEqual({ [environment]: 'b' })
    })

    it('refuses a secret and an environment that do not exist', async () => {
      const key = await makeSecret({ ALL: 'a' })
      for (const args of [
        [unique('no-key'), null, { value: 'b' }],
        [key, unique('no-environment'), { value: 'b' }],
        [key, null, { value: 'b', environmentName: unique('no-environment') }],
      ]) {
        const error = await failure(() => call(dev.locker(), 'modify', ...args))
        expect(error).toBeInstanceOf(ResourceNotFoundError)
        expect(error).toMatchObject(ABSENT)
      }
      expect(await stored(key)).toEqual({ ALL: 'a' })
    })

    it.each([
      ['left out', {}],
      ['undefined', { environmentName: undefined }],
      ['null', { environmentName: null }],
      ['the empty text', { environmentName: '' }],
    ])('moves to ALL with an environmentName that is %s', async (_, data) => {
      const environment = await makeEnvironment()
      const key = await makeSecret({ [environment]: 'before' })
      const secret = await call(dev.locker(), 'modify', key, environment, { value: 'after', ...data })
      expect(secret).toMatchObject({ value: 'after', environmentName: null, environmentId: null })
      expect(await stored(key)).toEqual({ ALL: 'after' })
    })

    it('keeps the environment that is named', async () => {
      const environment = await makeEnvironment()
      const key = await makeSecret({ [environment]: 'before' })
      const { environmentId } = await dev.locker().retrieve(key, environment)
      const data = { value: 'after', environmentName: environment }
      const secret = await call(dev.locker(), 'modify', key, environment, data)
      expect(secret).toMatchObject({ value: 'after', environmentName: environment, environmentId })
      expect(await stored(key)).toEqual({ [environment]: 'after' })
    })

    it('moves between environments, and out of ALL', async () => {
      const [one, two] = [await makeEnvironment(), await makeEnvironment()]
      const key = await makeSecret({ ALL: 'a' })
      const moved = await call(dev.locker(), 'modify', key, null, { environmentName: one })
      expect(moved).toMatchObject({ value: 'a', environmentName: one })
      expect(await stored(key)).toEqual({ [one]: 'a' })
      await call(dev.locker(), 'modify', key, one, { environmentName: two })
      expect(await stored(key)).toEqual({ [two]: 'a' })
    })

    it('refuses to move onto what exists, and changes nothing', async () => {
      const [one, two] = [await makeEnvironment(), await makeEnvironment()]
      const key = await makeSecret({ ALL: 'a', [one]: 'b', [two]: 'c' })
      for (const [from, to] of [
        [one, null],
        [one, two],
        [null, one],
      ]) {
        const data = { value: 'another', description: 'another', environmentName: to }
        const error = await failure(() => call(dev.locker(), 'modify', key, from, data))
        expect(error).toBeInstanceOf(AlreadyExistsError)
        expect(error).toMatchObject(TAKEN)
        expect(error.message).toContain(key)
      }
      expect(await stored(key)).toEqual({ ALL: 'a', [one]: 'b', [two]: 'c' })
      expect((await dev.locker().retrieve(key, one)).description).toBe('')
    })

    it('leaves what is left out as it is', async () => {
      const key = unique('key')
      const locker = dev.locker()
      await locker.create({ key, value: 'a value', description: 'a note' })
      const change = (data) => call(locker, 'modify', key, null, data)
      expect(await change({ value: 'b' })).toMatchObject({ value: 'b', description: 'a note' })
      expect(await change({ description: 'c' })).toMatchObject({ value: 'b', description: 'c' })
      expect(await change({})).toMatchObject({ value: 'b', description: 'c' })
      const left = await change({ value: undefined, description: undefined })
      expect(left).toMatchObject({ value: 'b', description: 'c' })
      expect(await dev.locker().retrieve(key)).toEqual(left)
    })

    it('takes the empty text for a value and for a description', async () => {
      const key = unique('key')
      await dev.locker().create({ key, value: 'a value', description: 'a note' })
      await call(dev.locker(), 'modify', key, null, { description: '' })
      expect(await dev.locker().retrieve(key)).toMatchObject({ value: 'a value', description: '' })
      await call(dev.locker(), 'modify', key, null, { value: '' })
      expect(await dev.locker().retrieve(key)).toMatchObject({ value: '', description: '' })
    })

    it('cannot change the key', async () => {
      const key = await makeSecret({ ALL: 'a' })
      const other = unique('key')
      const secret = await call(dev.locker(), 'modify', key, null, { key: other, value: 'b' })
      expect(secret.key).toBe(key)
      expect([await stored(key), await stored(other)]).toEqual([{ ALL: 'b' }, {}])
    })
  })

  describe('a write', () => {
    it('is read by the same Locker at once', async () => {
      const environment = await makeEnvironment()
      const key = unique('key')
      const locker = dev.locker()
      const seen = async () => ({
        got: await call(locker, 'get', key, environment),
        listed: names(await call(locker, 'list')).filter(([name]) => name === key),
        listedThere: names(await call(locker, 'list', environment)).filter(([name]) => name === key),
      })
      expect(await seen()).toEqual({ got: undefined, listed: [], listedThere: [] })
      await call(locker, 'create', { key, value: 'a' })
      expect(await seen()).toEqual({ got: 'a', listed: [[key, null]], listedThere: [] })
      await call(locker, 'modify', key, null, { value: 'b', environmentName: environment })
      const there = [[key, environment]]
      expect(await seen()).toEqual({ got: 'b', listed: there, listedThere: there })
      expect(await call(locker, 'get', key)).toBeUndefined()
      await call(locker, 'modify', key, environment, { value: 'c' })
      expect(await seen()).toEqual({ got: 'c', listed: [[key, null]], listedThere: [] })
      expect((await call(locker, 'retrieve', key)).value).toBe('c')
    })

    it('is seen by another Locker', async () => {
      const key = unique('key')
      const [writer, reader] = [dev.locker(), dev.readOnlyLocker({ cacheOptions: { restTime: 0 } })]
      expect(await call(reader, 'get', key)).toBeUndefined()
      await call(writer, 'create', { key, value: 'a' })
      expect(await call(reader, 'get', key)).toBe('a')
      await call(writer, 'modify', key, null, { value: 'b' })
      expect(await call(reader, 'get', key)).toBe('b')
    })

    it('into an environment is possible as soon as that exists', async () => {
      const [name, key] = [unique('environment'), unique('key')]
      const locker = dev.locker()
      expect(await call(locker, 'getEnvironment', name)).toBeUndefined()
      await call(locker, 'createEnvironment', { name, externalUrl: 'https://a.example' })
      await call(locker, 'create', { key, value: 'a', environmentName: name })
      expect(await stored(key)).toEqual({ [name]: 'a' })
    })

    it('is refused for a key that may only read', async () => {
      const key = await makeSecret({ ALL: 'a' })
      const locker = dev.readOnlyLocker({ logLevel: 0 })
      expect(await call(locker, 'get', key)).toBe('a')
      expect((await call(locker, 'retrieve', key)).value).toBe('a')
      expect(names(await call(locker, 'list'))).toContainEqual([key, null])
      for (const args of [
        ['create', { key: unique('key'), value: 'b' }],
        ['modify', key, null, { value: 'b' }],
      ]) {
        const error = await failure(() => call(locker, ...args))
        expect(error).toBeInstanceOf(PermissionDeniedError)
        expect(error).toMatchObject({ code: 'permission_denied', statusCode: 403, retryable: false })
      }
      expect(await stored(key)).toEqual({ ALL: 'a' })
    })

    it('of more than the server takes is refused in clear words', async () => {
      const key = await makeSecret({ ALL: 'a' })
      const value = 'large '.repeat(200_000)
      const locker = dev.locker({ logLevel: 0 })
      for (const args of [
        ['create', { key: `${key}-large`, value }],
        ['modify', key, null, { value }],
      ]) {
        const error = await failure(() => call(locker, ...args))
        expect(error).toBeInstanceOf(LockerError)
        expect(error).toMatchObject({ code: 'locker_error', statusCode: 413, retryable: false })
        expect(error.message).toMatch(/1048576|1 MiB/)
      }
      expect([await stored(key), await stored(`${key}-large`)]).toEqual([{ ALL: 'a' }, {}])
    })
  })

  describe('what is unusable', () => {
    const TEXT = [undefined, null, 5, true, {}, ['a'], '\ud800', 'a\udc00b']
    const OPTIONAL = TEXT.filter((value) => value !== undefined)
    const OR_NULL = OPTIONAL.filter((value) => value !== null)
    const OBJECT = [undefined, null, 'a text', 5, ['a']]

    /** `[verb, field, its bad values, the arguments with one of them]` */
    const table = [
      ['get', 'key', ['', ...TEXT], (bad) => [bad]],
      ['get', 'env', OR_NULL, (bad) => ['a', bad]],
      ['get', 'defaultValue', OR_NULL, (bad) => ['a', null, bad]],
      ['retrieve', 'key', ['', ...TEXT], (bad) => [bad]],
      ['retrieve', 'env', OR_NULL, (bad) => ['a', bad]],
      ['list', 'env', OR_NULL, (bad) => [bad]],
      ['create', 'data', OBJECT, (bad) => [bad]],
      ['create', 'key', ['', ...TEXT], (bad) => [{ key: bad, value: 'a' }]],
      ['create', 'value', TEXT, (bad) => [{ key: 'a', value: bad }]],
      ['create', 'environmentName', OR_NULL, (bad) => [{ key: 'a', value: 'a', environmentName: bad }]],
      ['create', 'description', OPTIONAL, (bad) => [{ key: 'a', value: 'a', description: bad }]],
      ['modify', 'key', ['', ...TEXT], (bad) => [bad, null, { value: 'a' }]],
      ['modify', 'env', OR_NULL, (bad) => ['a', bad, { value: 'a' }]],
      ['modify', 'data', OBJECT, (bad) => ['a', null, bad]],
      ['modify', 'value', OPTIONAL, (bad) => ['a', null, { value: bad }]],
      ['modify', 'environmentName', OR_NULL, (bad) => ['a', null, { environmentName: bad }]],
      ['modify', 'description', OPTIONAL, (bad) => ['a', null, { description: bad }]],
    ]
    it.each(table)('is refused before anything is sent: %s, %s', async (verb, field, values, args) => {
      const locker = dev.countedLocker()
      for (const bad of values) {
        const error = await failure(() => call(locker, verb, ...args(bad)))
        expect(error).toBeInstanceOf(ValidationError)
        expect(error).toMatchObject({ code: 'validation_error', field, retryable: false })
        expect(error.statusCode).toBeUndefined()
        expect(error.message.startsWith(`${field}: `)).toBe(true)
      }
      expect(await dev.seen()).toEqual([])
    })
  })
})

describe('async', () => {
  it('rejects rather than throws', async () => {
    const promise = dev.locker().get(5)
    expect(await failure(() => promise)).toBeInstanceOf(ValidationError)
  })

  it('creates a secret once, however many try at once', async () => {
    const locker = dev.locker()
    const key = unique('key')
    const create = (_, index) => locker.create({ key, value: `value ${index}` })
    const outcomes = await Promise.allSettled(Array.from({ length: 10 }, create))
    const created = outcomes.filter(({ status }) => status === 'fulfilled')
    expect(created).toHaveLength(1)
    for (const { reason } of outcomes.filter((outcome) => !created.includes(outcome))) {
      expect(reason).toBeInstanceOf(AlreadyExistsError)
    }
    expect(await stored(key)).toEqual({ ALL: created[0].value.value })
  })

  it('serves many calls at once', async () => {
    const locker = dev.locker()
    const keys = Array.from({ length: 40 }, () => unique('key'))
    await Promise.all(keys.map((key) => locker.create({ key, value: `value of ${key}` })))
    const values = await Promise.all(keys.map((key) => locker.get(key)))
    expect(values).toEqual(keys.map((key) => `value of ${key}`))
  })
})

describe('more secrets than a page has', () => {
  const COUNT = 2050
  const AT_ONCE = 32
  const prefix = unique('many')

  beforeAll(async () => {
    const locker = dev.locker()
    let next = 0
    const work = async () => {
      while (next < COUNT) {
        const number = next++
        await locker.create({ key: `${prefix}-${number}`, value: `value ${number}` })
      }
    }
    await Promise.all(Array.from({ length: AT_ONCE }, work))
  }, 120_000)

  it.each(forms)('are all listed (%s)', async (_, call) => {
    const secrets = await call(dev.countedLocker(), 'list')
    const many = secrets.filter(({ key }) => key.startsWith(`${prefix}-`))
    const expected = Array.from({ length: COUNT }, (_, number) => [`${prefix}-${number}`, `value ${number}`])
    expect(new Map(many.map(({ key, value }) => [key, value]))).toEqual(new Map(expected))
    expect(many).toHaveLength(COUNT)
    expect((await dev.seen()).filter((request) => request === 'GET /v1/secrets').length).toBeGreaterThan(1)
  })
})

// After the others, because every list has to open these.
describe.each(forms)('any text (%s)', (_, call) => {
  const texts = [
    ['emoji', '🔐👩‍👩‍👧‍👦🇩🇪'],
    ['other scripts', 'ключ 鍵 مفتاح \u202e'],
    ['NUL', 'a\0b'],
    ['line ends', '-----BEGIN KEY-----\r\nline\nline\r-----END KEY-----\n'],
    ['quotes and backslashes', '\'"`\\\\n\\u0041'],
    ['percent signs and slashes', '%00%2F../a/b?c=d&e=f#g'],
    ['white space around it', ' \t a \u00a0\ufeff'],
    ['JSON', '{"key": null}'],
    ['the form of a sealed text', '2.AAAAAAAAAAAAAAAAAAAAAA==|AAAAAAAAAAAAAAAAAAAAAA==|AAAA'],
    ['names of properties', '__proto__'],
    ['64 KiB', 'x'.repeat(64 * 1024)],
    ['200 KiB beyond ASCII', 'ä'.repeat(100 * 1024)],
  ]
  it.each(texts)('is a value and a description: %s', async (_, text) => {
    const key = unique('key')
    const locker = dev.locker()
    const created = await call(locker, 'create', { key, value: text, description: text })
    expect([created.value, created.description]).toEqual([text, text])
    expect(await call(dev.locker(), 'get', key)).toBe(text)
    expect(await call(dev.locker(), 'retrieve', key)).toEqual(created)
  })

  it.each(texts.filter(([, text]) => text.length < 1024))('is a key: %s', async (_, text) => {
    const key = unique(text)
    await call(dev.locker(), 'create', { key, value: 'a value' })
    const locker = dev.locker()
    expect((await call(locker, 'retrieve', key)).key).toBe(key)
    await call(locker, 'modify', key, null, { value: 'b' })
    expect(await call(dev.locker(), 'get', key)).toBe('b')
  })

  it('tells keys apart that only look the same', async () => {
    const name = unique('k')
    const keys = [
      name,
      name.toUpperCase(),
      ` ${name}`,
      `${name}\0`,
      `${name}\u00e9`,
      `${name}e\u0301`,
      `${name}\ufeff`,
    ]
    const locker = dev.locker()
    for (const key of keys) expect(await call(locker, 'get', key)).toBeUndefined()
    for (const [index, key] of keys.entries()) await call(locker, 'create', { key, value: `${index}` })
    for (const [index, key] of keys.entries()) expect(await call(locker, 'get', key)).toBe(`${index}`)
  })
})
