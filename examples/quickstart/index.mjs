// Every operation of the SDK, once. Run it with `npm start`, or with your own access key:
//
//   LOCKER_ACCESS_KEY_ID=… LOCKER_ACCESS_KEY_SECRET=… node examples/quickstart/index.mjs

import { AlreadyExistsError, Locker } from '../../index.mjs'

const ENVIRONMENT = 'quickstart'
const KEY = 'QUICKSTART_GREETING'

// The credentials come from the environment.
const locker = Locker.fromEnv()

console.log('\nEnvironments')
await createOnce('environment', ENVIRONMENT, () =>
  locker.createEnvironment({ name: ENVIRONMENT, externalUrl: 'https://quickstart.example' }),
)
await locker.modifyEnvironment(ENVIRONMENT, { description: 'Made by the quickstart of lockerpm' })
console.log('  one:   ', await locker.getEnvironment(ENVIRONMENT))
console.log('  all:   ', (await locker.listEnvironments()).map((environment) => environment.name).join(', '))
console.log('  absent:', locker.getEnvironmentSync('no-such-environment'))

console.log('\nCreating secrets, in ALL and in an environment')
await createOnce('secret in ALL', KEY, () =>
  locker.create({ key: KEY, value: 'Hello', description: 'a greeting' }),
)
await createOnce(`secret in ${ENVIRONMENT}`, KEY, () =>
  locker.create({ key: KEY, value: 'Hello, quickstart', environmentName: ENVIRONMENT }),
)

console.log('\nReading: the environment comes first, ALL stands behind it')
console.log('  await get:', await locker.get(KEY, ENVIRONMENT))
console.log('  getSync:  ', locker.getSync(KEY))
console.log(
  '  a default:',
  await locker.get('QUICKSTART_ABSENT', ENVIRONMENT, 'used only if the secret does not exist'),
)

console.log('\nChanging: name the environment, or the secret moves to ALL')
await locker.modify(KEY, ENVIRONMENT, { value: 'Hello again', environmentName: ENVIRONMENT })
console.log('  retrieve: ', await locker.retrieve(KEY, ENVIRONMENT))
console.log('  its value:', (await locker.retrieve(KEY, ENVIRONMENT)).value)

console.log('\nListing')
console.log(`  in ${ENVIRONMENT}:`, (await locker.list(ENVIRONMENT)).map(({ key }) => key).join(', '))
console.log('  in the project:', locker.listSync().length, 'secrets')

/** Runs a creation. The second run of this program finds what the first one made. */
async function createOnce(kind, name, create) {
  try {
    await create()
    console.log(`  created ${kind}: ${name}`)
  } catch (error) {
    if (!(error instanceof AlreadyExistsError)) throw error
    console.log(`  exists already, ${kind}: ${name}`)
  }
}
