'use strict'

const { Console } = require('node:console')
const { Writable } = require('node:stream')
const { format, inspect } = require('node:util')
const v8 = require('node:v8')

const { Environment, Secret } = require('..')
const { unique, useDevServer } = require('./support/dev-server')
const { forms } = require('./support/outcome')

const dev = useDevServer()

const VALUE = 'value-that-must-not-be-printed'
const DATES = ['creationDate', 'revisionDate', 'updatedDate']
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/
// A date in seconds is between these, and one in milliseconds is not.
const [YEAR_2020, YEAR_2200] = [1_577_836_800, 7_258_118_400]

/** `[the class, how it is read, the names of its data]` */
const kinds = [
  [
    Secret,
    'secrets',
    [
      'id',
      'key',
      'value',
      'description',
      'environmentName',
      'environmentId',
      'projectId',
      'creationDate',
      'revisionDate',
      'updatedDate',
    ],
  ],
  [
    Environment,
    'environments',
    ['id', 'name', 'externalUrl', 'description', 'projectId', 'creationDate', 'revisionDate', 'updatedDate'],
  ],
]

/** A secret in an environment, that environment, and a secret in ALL. */
async function make() {
  const locker = dev.locker()
  const name = unique('environment')
  const environment = await locker.createEnvironment({
    name,
    externalUrl: 'https://a.example',
    description: 'b',
  })
  const key = unique('key')
  const secret = await locker.create({ key, value: VALUE, environmentName: name, description: 'c' })
  return { environment, secret, secretOfAll: await locker.create({ key, value: VALUE }) }
}

/** The objects of a class that every verb gives, by what gave them. */
async function given(Class, call) {
  const { environment, secret } = await make()
  const locker = dev.locker()
  if (Class === Environment) {
    const { name, externalUrl } = environment
    return {
      create: await call(locker, 'createEnvironment', { name: unique('environment'), externalUrl }),
      modify: await call(locker, 'modifyEnvironment', name, { externalUrl }),
      get: await call(locker, 'getEnvironment', name),
      list: (await call(locker, 'listEnvironments'))[0],
    }
  }
  const { key, value, environmentName } = secret
  return {
    create: await call(locker, 'create', { key: unique('key'), value, environmentName }),
    modify: await call(locker, 'modify', key, environmentName, { value, environmentName }),
    retrieve: await call(locker, 'retrieve', key, environmentName),
    list: (await call(locker, 'list', environmentName))[0],
  }
}

describe.each(forms)('%s', (_, call) => {
  describe.each(kinds.map(([Class, ...others]) => [Class.name, Class, ...others]))(
    '%s',
    (name, Class, path, data) => {
      it('is an instance of the exported class', async () => {
        for (const object of Object.values(await given(Class, call))) {
          expect(object).toBeInstanceOf(Class)
          expect(object).toBeInstanceOf(Object)
          expect(object.constructor).toBe(Class)
          expect(object.constructor.name).toBe(name)
        }
      })

      it('carries its data as own enumerable properties, and nothing else', async () => {
        for (const object of Object.values(await given(Class, call))) {
          expect(Object.keys(object)).toEqual(data)
          expect(Reflect.ownKeys(object)).toEqual(data)
          for (const { get, enumerable } of Object.values(Object.getOwnPropertyDescriptors(object))) {
            expect([get, enumerable]).toEqual([undefined, true])
          }
        }
      })

      it('has data of the documented types', async () => {
        for (const object of Object.values(await given(Class, call))) {
          const { id, projectId, ...others } = object
          expect(id).toMatch(UUID)
          expect(projectId).toBe(dev.server.projectId)
          for (const date of DATES) {
            expect(others[date]).toBeGreaterThan(YEAR_2020)
            expect(others[date]).toBeLessThan(YEAR_2200)
            delete others[date]
          }
          for (const text of Object.values(others)) expect(typeof text).toBe('string')
        }
      })

      it('has null for dates, and empty texts, that the server does not have', async () => {
        await make()
        const page = await dev.answer(`/v1/${path}`)
        for (const item of page.results) {
          Object.assign(item, {
            creation_date: null,
            revision_date: null,
            updated_date: null,
            description: null,
          })
        }
        await dev.proxy.reset([{ path: `/v1/${path}`, body: JSON.stringify(page) }])
        const objects = await call(dev.countedLocker(), Class === Secret ? 'list' : 'listEnvironments')
        expect(objects.length).toBeGreaterThan(0)
        for (const object of objects) {
          expect(object).toMatchObject({ creationDate: null, revisionDate: null, updatedDate: null })
          expect(object.description).toBe('')
        }
      })

      it('keeps its data in JSON, in a copy and in another thread', async () => {
        for (const object of Object.values(await given(Class, call))) {
          const plain = Object.fromEntries(data.map((name) => [name, object[name]]))
          expect(JSON.parse(JSON.stringify(object))).toStrictEqual(plain)
          expect({ ...object }).toStrictEqual(plain)
          expect(Object.assign({}, object)).toStrictEqual(plain)
          expect(structuredClone(object)).toEqual(plain)
          expect(v8.deserialize(v8.serialize(object))).toEqual(plain)
        }
      })

      it('is a value of its own', async () => {
        const locker = dev.locker()
        const { environment, secret } = await make()
        const read = () =>
          Class === Secret
            ? call(locker, 'retrieve', secret.key, secret.environmentName)
            : call(locker, 'getEnvironment', environment.name)
        const first = await read()
        const copy = { ...first }
        Object.assign(first, { id: 'another', description: 'another' })
        expect({ ...(await read()) }).toEqual(copy)
      })
    },
  )

  it('a secret of ALL has null for its environment', async () => {
    const { secretOfAll } = await make()
    const secret = await call(dev.locker(), 'retrieve', secretOfAll.key)
    expect(secret).toMatchObject({ environmentName: null, environmentId: null })
    expect(JSON.parse(JSON.stringify(secret))).toMatchObject({ environmentName: null, environmentId: null })
  })

  it('a secret names its environment by name and id', async () => {
    const { environment, secret } = await make()
    const { environmentName, environmentId } = await call(
      dev.locker(),
      'retrieve',
      secret.key,
      environment.name,
    )
    expect({ environmentName, environmentId }).toEqual({
      environmentName: environment.name,
      environmentId: environment.id,
    })
  })

  it('lists are arrays', async () => {
    await make()
    for (const verb of ['list', 'listEnvironments']) {
      const list = await call(dev.locker(), verb)
      expect(Array.isArray(list)).toBe(true)
      expect(list).toBeInstanceOf(Array)
    }
  })
})

it('promises are promises', async () => {
  const promise = dev.locker().list()
  expect(promise).toBeInstanceOf(Promise)
  await promise
})

describe('printing', () => {
  /** What a console of Node.js writes. */
  function printed(print) {
    let text = ''
    const stream = new Writable({
      write(chunk, _encoding, done) {
        text += chunk
        done()
      },
    })
    print(new Console({ stdout: stream, stderr: stream }))
    return text
  }

  const nested = (secret) => ({ a: { b: { c: [{ d: secret }] } } })

  const ways = [
    ['console.log', (secret) => printed((console) => console.log(secret))],
    ['console.log after a text', (secret) => printed((console) => console.log('secret:', secret))],
    ['console.log with %o', (secret) => printed((console) => console.log('%o', secret))],
    ['console.log with %O', (secret) => printed((console) => console.log('%O', secret))],
    ['console.log with %s', (secret) => printed((console) => console.log('%s', secret))],
    ['console.log of an array', (secret) => printed((console) => console.log([secret, secret]))],
    ['console.error', (secret) => printed((console) => console.error(secret))],
    ['inspect', (secret) => inspect(secret)],
    ['inspect, showHidden', (secret) => inspect(secret, { showHidden: true })],
    ['inspect, depth null', (secret) => inspect(secret, { depth: null })],
    ['inspect, depth 0', (secret) => inspect(secret, { depth: 0 })],
    ['inspect, colors', (secret) => inspect(secret, { colors: true })],
    ['inspect, one line', (secret) => inspect(secret, { compact: true, breakLength: Infinity })],
    ['inspect, getters', (secret) => inspect(secret, { getters: true, showProxy: true, sorted: true })],
    ['inspect, old arguments', (secret) => inspect(secret, true, null, false)],
    ['inspect of an object', (secret) => inspect({ secret })],
    ['inspect of a Map', (secret) => inspect(new Map([[secret.key, secret]]))],
    ['inspect of a Set', (secret) => inspect(new Set([secret]))],
    ['inspect of an error', (secret) => inspect(Object.assign(new Error('an error'), { secret }))],
    ['inspect of a Proxy', (secret) => inspect(new Proxy(secret, {}), { showProxy: true })],
    ['inspect deep within', (secret) => inspect(nested(secret), { depth: null })],
    ['inspect deep within, showHidden', (secret) => inspect(nested(secret), { depth: 9, showHidden: true })],
    ['inspect of a child object', (secret) => inspect(Object.create(secret))],
    ['format', (secret) => format(secret)],
    ['format with %o', (secret) => format('%o', secret)],
    ['format with %O', (secret) => format('%O', nested(secret).a.b.c)],
    ['format with %s', (secret) => format('%s', secret)],
    ['String()', (secret) => String(secret)],
    ['a template', (secret) => `${secret}`],
    ['adding to a text', (secret) => 'secret: ' + secret],
    ['join', (secret) => [secret, secret].join()],
    ['toString', (secret) => secret.toString()],
    ['toLocaleString', (secret) => secret.toLocaleString()],
  ]

  it.each(ways)('redacts the value of a secret: %s', async (_, print) => {
    const { secret } = await make()
    const text = print(secret)
    expect(text).toContain('[REDACTED]')
    expect(text).not.toContain(VALUE)
    expect(secret.value).toBe(VALUE)
  })

  it('redacts what is too deep to be shown too', async () => {
    const { secret } = await make()
    expect(inspect(nested(secret), { depth: 1 })).not.toContain(VALUE)
    expect(printed((console) => console.log(nested(secret)))).not.toContain(VALUE)
  })

  it('redacts an empty value as any other', async () => {
    const secret = await dev.locker().create({ key: unique('key'), value: '' })
    expect(inspect(secret)).toContain("value: '[REDACTED]'")
  })

  it('redacts a list', async () => {
    await make()
    const text = printed((console) => console.log(dev.locker().listSync()))
    expect(text).toContain('[REDACTED]')
    expect(text).not.toContain(VALUE)
  })

  it('shows everything else of a secret', async () => {
    const { secret } = await make()
    for (const text of [inspect(secret), String(secret)]) {
      expect(text).toMatch(/^Secret \{/)
      for (const name of ['id', 'key', 'description', 'environmentName', 'environmentId']) {
        expect(text).toContain(`${name}: '${secret[name]}'`)
      }
    }
  })

  it('shows an environment as it is', async () => {
    const { environment } = await make()
    const text = inspect(environment)
    expect(text).toMatch(/^Environment \{/)
    for (const name of ['id', 'name', 'externalUrl', 'description']) {
      expect(text).toContain(`${name}: '${environment[name]}'`)
    }
  })

  it('shows nothing of a Locker', () => {
    const locker = dev.locker()
    for (const text of [inspect(locker, { showHidden: true, depth: null }), JSON.stringify(locker)]) {
      expect(text).not.toContain(dev.server.accessKeySecret)
    }
  })
})
