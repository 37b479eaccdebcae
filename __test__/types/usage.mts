// Compiled, never run: what users write has to compile, and what is wrong must not.

import {
  APIConnectionError,
  AuthenticationError,
  Environment,
  IntegrityError,
  CliRunError,
  Locker,
  LockerError,
  LogLevel,
  RateLimitError,
  Secret,
  TimeoutError,
  type CallOptions,
  type ImportResult,
  type LockerOptions,
  type LogRecord,
  type SecretChanges,
  type SecretPlace,
} from 'lockerpm'
import 'lockerpm/preload'
import { startLockerServer, type LockerServer } from 'lockerpm/testing'

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false
function assertType<_ extends true>() {}

new Locker()
Locker.fromEnv() satisfies Locker
const locker = new Locker({
  accessKeyId: 'id',
  secretAccessKey: 'secret',
  accessKeySecret: 'secret',
  apiBase: 'https://api.locker.io/locker_secrets',
  headers: { 'x-team': 'payments' },
  unsafe: false,
  logLevel: LogLevel.DEBUG,
  logger: (record) => record satisfies LogRecord,
  cacheOptions: { fetch: false, restTime: 120, staleIfError: 0, dir: null },
  timeoutMs: 30000,
  maxRetries: 2,
  caCert: Buffer.from(''),
  proxy: '',
})
const options: CallOptions = { fetch: true, restTime: 1, timeoutMs: 1, signal: AbortSignal.timeout(1) }
const levels: LockerOptions['logLevel'][] = [0, 1, 2]

// @ts-expect-error there is no such level
new Locker({ logLevel: 7 })
// @ts-expect-error an id is a string
new Locker({ accessKeyId: 1 })
// @ts-expect-error a misspelt option
new Locker({ acessKeyId: 'id' })

async function reads() {
  assertType<Equal<Awaited<ReturnType<typeof locker.list>>, Secret[]>>()
  const maybe = await locker.get('KEY', 'prod')
  assertType<Equal<typeof maybe, string | undefined>>()
  const withDefault = await locker.get('KEY', null, 'default', options)
  assertType<Equal<typeof withDefault, string>>()
  const sync = locker.getSync('KEY', undefined, 'default')
  assertType<Equal<typeof sync, string>>()
  const maybeSync = locker.getSync('KEY')
  assertType<Equal<typeof maybeSync, string | undefined>>()
  const secret = await locker.retrieve('KEY', '', options)
  assertType<Equal<typeof secret.environmentName, string | null>>()
  assertType<Equal<typeof secret.creationDate, number | null>>()
  const environment = await locker.getEnvironment('prod')
  assertType<Equal<typeof environment, Environment | undefined>>()
  // @ts-expect-error it may be undefined
  environment.name
  // @ts-expect-error a key is needed
  await locker.get()
  // @ts-expect-error a secret's data cannot be assigned
  secret.value = 'other'
  // @ts-expect-error secrets come from a Locker
  new Secret()
}

async function watches() {
  for await (const { added, changed, removed } of locker.watch({
    intervalMs: 1000,
    signal: AbortSignal.timeout(1),
  })) {
    assertType<Equal<typeof added, SecretPlace[]>>()
    changed[0]?.environmentName satisfies string | null | undefined
    removed[0]?.key satisfies string | undefined
  }
  const watch = locker.watch((changes) => changes satisfies SecretChanges, { onError: (error) => error.code })
  watch.stop()
  await locker.clearCache()
  locker.clearCacheSync()
  // @ts-expect-error an interval is a number
  locker.watch({ intervalMs: '1s' })
  // @ts-expect-error a listener is a function
  locker.watch('listener')
}

async function writes() {
  await locker.create({ key: 'KEY', value: 'value', environmentName: null, description: 'note' }, options)
  await locker.modify('KEY', 'prod', { value: 'value', environmentName: 'prod' })
  await locker.modify('KEY', null, {})
  await locker.createEnvironment({ name: 'prod', externalUrl: 'https://example.com' })
  await locker.modifyEnvironment('prod', { description: '' })
  locker.createSync({ key: 'KEY', value: 'value' }) satisfies Secret
  locker.modifySync('KEY', null, { description: '' }) satisfies Secret
  // @ts-expect-error a value is needed
  await locker.create({ key: 'KEY' })
  // @ts-expect-error the key of a secret cannot be changed
  await locker.modify('KEY', null, { key: 'OTHER' })
  // @ts-expect-error an external URL is needed
  await locker.createEnvironment({ name: 'prod' })
  // @ts-expect-error the name of an environment cannot be changed
  await locker.modifyEnvironment('prod', { name: 'other' })
}

async function files() {
  const loaded = await locker.load('prod', options)
  assertType<Equal<typeof loaded, Record<string, string>>>()
  locker.loadSync().KEY satisfies string | undefined
  const result = await locker.import('.env', {
    environmentName: 'prod',
    format: 'ini',
    dryRun: true,
    overwrite: false,
    onProgress: (done, total) => console.log(done / total),
    concurrency: 4,
    timeoutMs: 1000,
    signal: AbortSignal.timeout(1),
  })
  assertType<Equal<typeof result, ImportResult>>()
  result.refused[0]?.error satisfies LockerError | undefined
  await locker.import({ content: '{}', format: 'json' })
  const text = await locker.export({ format: 'k8s', name: 'app' }, options)
  assertType<Equal<typeof text, string>>()
  const nothing = locker.exportSync({ format: 'env', file: '.env', force: true })
  assertType<Equal<typeof nothing, undefined>>()
  // @ts-expect-error there is no such format
  await locker.export({ format: 'toml' })
  // @ts-expect-error yaml is written only
  await locker.import('secrets.yaml', { format: 'yaml' })
  // @ts-expect-error it has no Sync twin
  locker.importSync('.env')
}

async function tests() {
  const server = await startLockerServer({ args: ['--tls-self-signed'], binary: 'locker-server' })
  server satisfies LockerServer
  new Locker(server)
  new Locker({ ...server, ...server.readOnly })
  await server.stop()
}

function errors(error: unknown) {
  if (error instanceof RateLimitError) {
    assertType<Equal<typeof error.retryAfter, number | undefined>>()
  }
  if (error instanceof TimeoutError) error satisfies APIConnectionError
  if (error instanceof IntegrityError) error satisfies CliRunError
  if (error instanceof LockerError) {
    error satisfies Error
    assertType<Equal<typeof error.code, string>>()
    assertType<Equal<typeof error.statusCode, number | undefined>>()
  }
  new AuthenticationError('message', { statusCode: 401 })
}
