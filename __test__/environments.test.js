'use strict'

const {
  APIConnectionError,
  APIServerError,
  AlreadyExistsError,
  AuthenticationError,
  Environment,
  LockerError,
  PermissionDeniedError,
  ResourceNotFoundError,
  ValidationError,
} = require('..')
const { unique, useDevServer } = require('./support/dev-server')
const { failure, forms } = require('./support/outcome')

const dev = useDevServer()

const URL_BEFORE = 'https://before.example'
const URL_AFTER = 'https://after.example/?a=b#c'

/** Makes an environment, and gives it. */
function make(data) {
  return dev.locker().createEnvironment({ name: unique('environment'), externalUrl: URL_BEFORE, ...data })
}

/** What a Locker that has read nothing yet sees. */
const stored = (name) => dev.locker().getEnvironment(name)

describe.each(forms)('%s', (_, call) => {
  describe('listEnvironments', () => {
    it('gives every environment of the project', async () => {
      const made = [await make(), await make({ description: 'a note' })]
      const all = await call(dev.locker(), 'listEnvironments')
      for (const environment of made) expect(all).toContainEqual(environment)
      for (const environment of all) expect(environment).toBeInstanceOf(Environment)
      expect(new Set(all.map(({ id }) => id)).size).toBe(all.length)
    })
  })

  describe('getEnvironment', () => {
    it('gives the environment', async () => {
      const made = await make({ description: 'a note' })
      const environment = await call(dev.locker(), 'getEnvironment', made.name)
      expect(environment).toBeInstanceOf(Environment)
      expect(environment).toEqual(made)
      expect(environment).toMatchObject({ externalUrl: URL_BEFORE, description: 'a note' })
    })

    it('gives undefined if there is none', async () => {
      expect(await call(dev.locker(), 'getEnvironment', unique('no-environment'))).toBeUndefined()
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
    it.each(failures)(
      'does not give undefined for %s',
      async (_, faults, options, Class, code, statusCode) => {
        await dev.proxy.reset(faults)
        const locker = dev.countedLocker({ maxRetries: 0, logLevel: 0, ...options })
        const error = await failure(() => call(locker, 'getEnvironment', 'no-such-name'))
        expect(error).toBeInstanceOf(Class)
        expect(error).toMatchObject({ code, statusCode })
      },
    )
  })

  describe('createEnvironment', () => {
    it('gives the new environment', async () => {
      const data = { name: unique('environment'), externalUrl: URL_BEFORE, description: 'a note' }
      const environment = await call(dev.locker(), 'createEnvironment', data)
      expect(environment).toBeInstanceOf(Environment)
      expect(environment).toMatchObject({ ...data, projectId: dev.server.projectId })
      expect(await stored(data.name)).toEqual(environment)
    })

    it.each([
      ['left out', {}],
      ['undefined', { description: undefined }],
      ['the empty text', { description: '' }],
    ])('takes a description that is %s for none', async (_, data) => {
      const name = unique('environment')
      const environment = await call(dev.locker(), 'createEnvironment', {
        name,
        externalUrl: URL_BEFORE,
        ...data,
      })
      expect(environment.description).toBe('')
      expect(await stored(name)).toEqual(environment)
    })

    it('refuses a name that exists, and changes nothing', async () => {
      const made = await make({ description: 'a note' })
      const data = { name: made.name, externalUrl: URL_AFTER, description: 'another' }
      const error = await failure(() => call(dev.locker(), 'createEnvironment', data))
      expect(error).toBeInstanceOf(AlreadyExistsError)
      expect(error).toMatchObject({ code: 'already_exists', statusCode: 409, retryable: false })
      expect(error.message).toContain(made.name)
      expect(await stored(made.name)).toEqual(made)
    })

    it('does not change what it is given', async () => {
      const data = Object.freeze({ name: unique('environment'), externalUrl: URL_BEFORE })
      await call(dev.locker(), 'createEnvironment', data)
      expect(Object.keys(data)).toEqual(['name', 'externalUrl'])
    })
  })

  describe('modifyEnvironment', () => {
    it('changes the environment, and gives it as it is now', async () => {
      const made = await make({ description: 'a note' })
      const data = { externalUrl: URL_AFTER, description: 'another' }
      const environment = await call(dev.locker(), 'modifyEnvironment', made.name, data)
      expect(environment).toBeInstanceOf(Environment)
      const { id, name, projectId, creationDate } = made
      expect(environment).toMatchObject({ id, name, projectId, creationDate, ...data })
      expect(environment.revisionDate).toBeGreaterThanOrEqual(made.revisionDate)
      expect(await stored(made.name)).toEqual(environment)
    })

    it('leaves what is left out as it is', async () => {
      const { name } = await make({ description: 'a note' })
      const locker = dev.locker()
      const change = (data) => call(locker, 'modifyEnvironment', name, data)
      expect(await change({ externalUrl: URL_AFTER })).toMatchObject({
        externalUrl: URL_AFTER,
        description: 'a note',
      })
      const now = { externalUrl: URL_AFTER, description: 'another' }
      expect(await change({ description: 'another' })).toMatchObject(now)
      expect(await change({})).toMatchObject(now)
      expect(await change({ externalUrl: undefined, description: undefined })).toMatchObject(now)
      expect(await stored(name)).toMatchObject(now)
    })

    it('takes the empty text for a description', async () => {
      const { name } = await make({ description: 'a note' })
      await call(dev.locker(), 'modifyEnvironment', name, { description: '' })
      expect(await stored(name)).toMatchObject({ externalUrl: URL_BEFORE, description: '' })
    })

    it('cannot change the name', async () => {
      const { name } = await make()
      const other = unique('environment')
      const data = { name: other, externalUrl: URL_AFTER }
      expect(await call(dev.locker(), 'modifyEnvironment', name, data)).toMatchObject({
        name,
        externalUrl: URL_AFTER,
      })
      expect(await stored(name)).toMatchObject({ name, externalUrl: URL_AFTER })
      expect(await stored(other)).toBeUndefined()
    })

    it('refuses a name that does not exist', async () => {
      const name = unique('no-environment')
      const error = await failure(() =>
        call(dev.locker(), 'modifyEnvironment', name, { externalUrl: URL_AFTER }),
      )
      expect(error).toBeInstanceOf(ResourceNotFoundError)
      expect(error).toMatchObject({ code: 'not_found', statusCode: 404, retryable: false })
      expect(error.message).toContain(name)
      expect(await stored(name)).toBeUndefined()
    })

    it('leaves the secrets of the environment where they are', async () => {
      const { name } = await make()
      const key = unique('key')
      await dev.locker().create({ key, value: 'a value', environmentName: name })
      const locker = dev.locker()
      expect(await call(locker, 'get', key, name)).toBe('a value')
      await call(locker, 'modifyEnvironment', name, { externalUrl: URL_AFTER })
      expect(await call(locker, 'get', key, name)).toBe('a value')
      expect(await dev.locker().get(key, name)).toBe('a value')
    })
  })

  describe('a write', () => {
    it('is read by the same Locker at once', async () => {
      const name = unique('environment')
      const locker = dev.locker()
      const seen = async () => {
        const listed = (await call(locker, 'listEnvironments')).filter((one) => one.name === name)
        return [
          (await call(locker, 'getEnvironment', name))?.externalUrl,
          listed.map((one) => one.externalUrl),
        ]
      }
      expect(await seen()).toEqual([undefined, []])
      await call(locker, 'createEnvironment', { name, externalUrl: URL_BEFORE })
      expect(await seen()).toEqual([URL_BEFORE, [URL_BEFORE]])
      await call(locker, 'modifyEnvironment', name, { externalUrl: URL_AFTER })
      expect(await seen()).toEqual([URL_AFTER, [URL_AFTER]])
    })

    it('is seen by another Locker', async () => {
      const name = unique('environment')
      const [writer, reader] = [dev.locker(), dev.readOnlyLocker({ cacheOptions: { restTime: 0 } })]
      expect(await call(reader, 'getEnvironment', name)).toBeUndefined()
      const created = await call(writer, 'createEnvironment', { name, externalUrl: URL_BEFORE })
      expect(await call(reader, 'getEnvironment', name)).toEqual(created)
      const changed = await call(writer, 'modifyEnvironment', name, { externalUrl: URL_AFTER })
      expect(await call(reader, 'getEnvironment', name)).toEqual(changed)
    })

    it('is refused for a key that may only read', async () => {
      const made = await make()
      const locker = dev.readOnlyLocker({ logLevel: 0 })
      expect(await call(locker, 'getEnvironment', made.name)).toEqual(made)
      expect(await call(locker, 'listEnvironments')).toContainEqual(made)
      const name = unique('environment')
      for (const args of [
        ['createEnvironment', { name, externalUrl: URL_AFTER }],
        ['modifyEnvironment', made.name, { externalUrl: URL_AFTER }],
      ]) {
        const error = await failure(() => call(locker, ...args))
        expect(error).toBeInstanceOf(PermissionDeniedError)
        expect(error).toMatchObject({ code: 'permission_denied', statusCode: 403, retryable: false })
      }
      expect([await stored(made.name), await stored(name)]).toEqual([made, undefined])
    })

    it('of more than the server takes is refused in clear words', async () => {
      const made = await make()
      const large = 'large '.repeat(200_000)
      const locker = dev.locker({ logLevel: 0 })
      const name = unique('environment')
      for (const args of [
        ['createEnvironment', { name, externalUrl: URL_AFTER, description: large }],
        ['modifyEnvironment', made.name, { description: large }],
      ]) {
        const error = await failure(() => call(locker, ...args))
        expect(error).toBeInstanceOf(LockerError)
        expect(error).toMatchObject({ code: 'locker_error', statusCode: 413, retryable: false })
        expect(error.message).toMatch(/1048576|1 MiB/)
      }
      expect([await stored(made.name), await stored(name)]).toEqual([made, undefined])
    })
  })

  describe('any text', () => {
    const texts = [
      ['emoji', '🔐👩‍👩‍👧‍👦🇩🇪'],
      ['other scripts', 'ключ 鍵 مفتاح \u202e'],
      ['NUL', 'a\0b'],
      ['line ends', 'a\r\nb\nc\r'],
      ['quotes and backslashes', '\'"`\\\\n\\u0041'],
      ['percent signs and slashes', '%00%2F../a/b?c=d&e=f#g'],
      ['white space around it', ' \t a \u00a0\ufeff'],
      ['the name of ALL', 'ALL'],
      ['names of properties', '__proto__'],
    ]
    it.each(texts)('is a name, a URL and a description: %s', async (_, text) => {
      const name = unique(text)
      const data = { name, externalUrl: text, description: text }
      const created = await call(dev.locker(), 'createEnvironment', data)
      expect(created).toMatchObject(data)
      expect(await call(dev.locker(), 'getEnvironment', name)).toEqual(created)
      const key = unique('key')
      await call(dev.locker(), 'create', { key, value: 'a value', environmentName: name })
      const listed = await call(dev.locker(), 'list', name)
      expect(listed.map((secret) => [secret.key, secret.environmentName])).toEqual([[key, name]])
    })

    it('takes a URL and a description of 64 KiB', async () => {
      const text = 'x'.repeat(64 * 1024)
      const created = await call(dev.locker(), 'createEnvironment', {
        name: unique('environment'),
        externalUrl: text,
        description: text,
      })
      expect([created.externalUrl, created.description]).toEqual([text, text])
      expect(await call(dev.locker(), 'getEnvironment', created.name)).toEqual(created)
    })

    it('tells names apart that only look the same', async () => {
      const name = unique('e')
      const names = [name, name.toUpperCase(), ` ${name}`, `${name}\0`, `${name}\u00e9`, `${name}e\u0301`]
      const locker = dev.locker()
      for (const own of names) expect(await call(locker, 'getEnvironment', own)).toBeUndefined()
      for (const [index, own] of names.entries()) {
        await call(locker, 'createEnvironment', { name: own, externalUrl: `${index}` })
      }
      for (const [index, own] of names.entries()) {
        expect(await call(locker, 'getEnvironment', own)).toMatchObject({
          name: own,
          externalUrl: `${index}`,
        })
      }
    })
  })

  describe('what is unusable', () => {
    const TEXT = [undefined, null, 5, true, {}, ['a'], '\ud800', 'a\udc00b']
    const OPTIONAL = TEXT.filter((value) => value !== undefined)
    const OBJECT = [undefined, null, 'a text', 5, ['a']]
    const externalUrl = URL_BEFORE

    /** `[verb, field, its bad values, the arguments with one of them]` */
    const table = [
      ['getEnvironment', 'name', ['', ...TEXT], (bad) => [bad]],
      ['createEnvironment', 'data', OBJECT, (bad) => [bad]],
      ['createEnvironment', 'name', ['', ...TEXT], (bad) => [{ name: bad, externalUrl }]],
      ['createEnvironment', 'externalUrl', TEXT, (bad) => [{ name: 'a', externalUrl: bad }]],
      ['createEnvironment', 'description', OPTIONAL, (bad) => [{ name: 'a', externalUrl, description: bad }]],
      ['modifyEnvironment', 'name', ['', ...TEXT], (bad) => [bad, { externalUrl }]],
      ['modifyEnvironment', 'data', OBJECT, (bad) => ['a', bad]],
      ['modifyEnvironment', 'externalUrl', OPTIONAL, (bad) => ['a', { externalUrl: bad }]],
      ['modifyEnvironment', 'description', OPTIONAL, (bad) => ['a', { description: bad }]],
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
  it('creates an environment once, however many try at once', async () => {
    const locker = dev.locker()
    const name = unique('environment')
    const create = () => locker.createEnvironment({ name, externalUrl: URL_BEFORE })
    const outcomes = await Promise.allSettled(Array.from({ length: 10 }, create))
    const created = outcomes.filter(({ status }) => status === 'fulfilled')
    expect(created).toHaveLength(1)
    for (const { reason } of outcomes.filter((outcome) => !created.includes(outcome))) {
      expect(reason).toBeInstanceOf(AlreadyExistsError)
    }
    expect(await stored(name)).toEqual(created[0].value)
  })
})
