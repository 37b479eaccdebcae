'use strict'

/** References of env files: `locker://KEY` and `locker://KEY?env=prod`. */

const { parseEnvFile } = require('../lib/dotenv')
const { isReference, resolveReferences, resolveReferencesSync } = require('../lib/references')
const { unique, useDevServer } = require('./support/dev-server')
const { failure } = require('./support/outcome')

const dev = useDevServer()

const forms = [
  ['async', resolveReferences],
  ['sync', async (...args) => resolveReferencesSync(...args)],
]

let environment

beforeAll(async () => {
  environment = unique('environment')
  await dev.locker().createEnvironment({ name: environment, externalUrl: '' })
})

/** The values that an env file gives. */
async function values(resolve, text, options) {
  const entries = await resolve(parseEnvFile(text, 'app.env'), dev.locker(), {
    fileName: 'app.env',
    ...options,
  })
  return Object.fromEntries(entries.map(({ key, value }) => [key, value]))
}

describe.each(forms)('%s', (_, resolve) => {
  it('puts the values of secrets in the place of references', async () => {
    const key = unique('key')
    await dev.locker().create({ key, value: 'of ALL' })
    await dev.locker().create({ key, value: 'of the environment', environmentName: environment })
    const text = `A=locker://${key}\nB="locker://${key}?env=${environment}"\nC=c\nD=locker://${key}?env=`
    const all = { A: 'of ALL', B: 'of the environment', C: 'c', D: 'of ALL' }
    expect(await values(resolve, text)).toEqual(all)
    const options = { environmentName: environment }
    expect(await values(resolve, text, options)).toEqual({ ...all, A: 'of the environment' })
  })

  it('looks in ALL for what the environment does not have', async () => {
    const key = unique('key')
    await dev.locker().create({ key, value: '' })
    expect(await values(resolve, `A=locker://${key}?env=${environment}`)).toEqual({ A: '' })
  })

  it('takes keys of all kinds', async () => {
    const key = `${unique('key')} 50%?#ü`
    await dev.locker().create({ key, value: 'a' })
    expect(await values(resolve, `A="locker://${encodeURIComponent(key)}"`)).toEqual({ A: 'a' })
  })

  it('does not resolve what it has resolved', async () => {
    const key = unique('key')
    await dev.locker().create({ key, value: 'locker://OTHER' })
    expect(await values(resolve, `A=locker://${key}`)).toEqual({ A: 'locker://OTHER' })
  })

  it('names every secret that is missing, with file, line and environment', async () => {
    const text = `A=locker://${unique('no')}\n\nB=locker://GONE\nC=locker://GONE?env=${environment}`
    const error = await failure(() => values(resolve, text))
    expect(error).toMatchObject({ name: 'ResourceNotFoundError', code: 'not_found' })
    expect(error.message).toMatch(/^app\.env, line 1: .*; app\.env, line 3: /)
    expect(error.message).toContain('line 3: there is no secret "GONE" in ALL')
    expect(error.message).toContain(`line 4: there is no secret "GONE" in "${environment}" or in ALL`)
  })

  it.each([
    'locker://',
    'locker://?env=prod',
    'locker://KEY?environment=prod',
    'locker://KEY?env=prod&other=1',
    'locker://KEY?env=a#b',
    'locker://50%',
    'locker://KEY?env=%',
  ])('refuses %s with the file and the line, before it asks', async (text) => {
    const error = await failure(() =>
      resolve(parseEnvFile(`A=1\nB="${text}"\nC=locker://KEY`, 'app.env'), dev.countedLocker(), {
        fileName: 'app.env',
      }),
    )
    expect(error).toMatchObject({ name: 'ValidationError' })
    expect(error.message).toMatch(/^app\.env, line 2: .*locker:\/\/KEY\?env=/)
    expect(await dev.seen()).toEqual([])
  })

  it('asks nothing if there is no reference', async () => {
    const entries = [{ key: 'A', value: 'http://locker://' }]
    expect(await resolve(entries, dev.countedLocker())).toEqual(entries)
    expect(await dev.seen()).toEqual([])
  })

  it('tells of every other failure as it is', async () => {
    await dev.proxy.reset([{ action: 'reset' }])
    const locker = dev.countedLocker({ maxRetries: 0, logLevel: 0 })
    const error = await failure(() => resolve([{ key: 'A', value: 'locker://KEY' }], locker))
    expect(error).toMatchObject({ name: 'APIConnectionError' })
  })
})

it('is a reference only with the whole beginning', () => {
  expect(
    ['locker://KEY', 'locker:/KEY', 'LOCKER://KEY', ' locker://KEY', 'locker://'].map(isReference),
  ).toEqual([true, false, false, false, true])
})
