'use strict'

/** `load`: one object of ALL, overlaid by an environment. */

const { ResourceNotFoundError, ValidationError } = require('..')
const { unique, useDevServer } = require('./support/dev-server')
const { failure, forms } = require('./support/outcome')

const dev = useDevServer()

async function makeEnvironment(secrets = {}) {
  const name = unique('environment')
  await dev.locker().createEnvironment({ name, externalUrl: '' })
  for (const [key, value] of Object.entries(secrets)) {
    await dev.locker().create({ key, value, environmentName: name })
  }
  return name
}

describe.each(forms)('%s', (_, call) => {
  it('gives the secrets of ALL, and over them those of the environment', async () => {
    const [both, shared, own, other] = ['both', 'shared', 'own', 'other'].map(unique)
    await dev.locker().create({ key: both, value: 'of ALL' })
    await dev.locker().create({ key: shared, value: 'of ALL' })
    const environment = await makeEnvironment({ [both]: 'of the environment', [own]: '' })
    await makeEnvironment({ [both]: 'of another', [other]: 'of another' })

    const loaded = await call(dev.locker(), 'load', environment)
    expect(loaded).toMatchObject({ [both]: 'of the environment', [shared]: 'of ALL', [own]: '' })
    expect(other in loaded).toBe(false)

    for (const all of [undefined, null, '']) {
      const ofAll = await call(dev.locker(), 'load', all)
      expect(ofAll).toMatchObject({ [both]: 'of ALL', [shared]: 'of ALL' })
      expect(own in ofAll || other in ofAll).toBe(false)
    }
  })

  it('gives ALL for an environment that has no secret of its own', async () => {
    const key = unique('key')
    await dev.locker().create({ key, value: 'of ALL' })
    expect(await call(dev.locker(), 'load', await makeEnvironment())).toMatchObject({ [key]: 'of ALL' })
  })

  it('refuses an environment that does not exist, and lists those that do', async () => {
    const names = [await makeEnvironment(), await makeEnvironment()]
    const error = await failure(() => call(dev.locker(), 'load', 'prdo'))
    expect(error).toBeInstanceOf(ResourceNotFoundError)
    expect(error.message).toContain('"prdo"')
    for (const name of names) expect(error.message).toContain(name)
  })

  it('gives an object that has the keys of the project and no others', async () => {
    const environment = await makeEnvironment({ __proto__: null, ['__proto__']: 'a', constructor: 'b' })
    const loaded = await call(dev.locker(), 'load', environment)
    expect(Object.entries(loaded)).toEqual(
      expect.arrayContaining([
        ['__proto__', 'a'],
        ['constructor', 'b'],
      ]),
    )
    expect('toString' in loaded).toBe(false)
  })

  it('makes one call, and none while what was read is fresh', async () => {
    const environment = await makeEnvironment({ [unique('key')]: 'a' })
    const locker = dev.countedLocker()
    await call(locker, 'load', environment)
    const asked = await dev.seen()
    await call(locker, 'load', environment)
    expect(await dev.seen()).toEqual(asked)
    await call(locker, 'load', environment, { fetch: true })
    expect((await dev.seen()).length).toBeGreaterThan(asked.length)
  })

  it('refuses what is no name of an environment', async () => {
    const error = await failure(() => call(dev.locker(), 'load', 7))
    expect(error).toBeInstanceOf(ValidationError)
    expect(error.field).toBe('env')
  })

  it('keeps to an aborted signal', async () => {
    const reason = new Error('stop')
    const error = await failure(() => call(dev.locker(), 'load', null, { signal: AbortSignal.abort(reason) }))
    expect(error).toBe(reason)
  })
})

it('rejects, and does not throw', async () => {
  await expect(dev.locker().load(7)).rejects.toBeInstanceOf(ValidationError)
})
