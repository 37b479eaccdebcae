'use strict'

const { makeLocker } = require('../connect')
const { UsageError } = require('../failure')
const { examples } = require('../global-options')
const { requireFormat, write, writeAs, writeJson } = require('../output')
const { DEFAULT_PROFILE, profileFile, readProfile, writeProfile } = require('../profiles')
const { ask, askHidden, canAsk } = require('../prompt')
const { secretOfFlags } = require('../settings')

const HOSTED = 'https://api.locker.io/locker_secrets'

function define(command) {
  command
    .description(
      'Keep an access key in the profile file, which only you can read. On a terminal it asks for what the flags leave out.',
    )
    .addHelpText(
      'after',
      examples(
        'lockerpm configure',
        'lockerpm configure --profile work --api-base https://locker.example.com/locker_secrets',
        'lockerpm configure --access-key-id ID --access-key-secret - < secret.txt',
      ),
    )
    .action((_options, self) => configure(self.optsWithGlobals()))
}

async function configure(options) {
  requireFormat(options)
  const name = options.profile ?? DEFAULT_PROFILE
  const profile = await complete(options, currentProfile(name))
  // It says whether these can be an access key and an address at all, and sends nothing.
  makeLocker(profile)
  writeProfile(name, profile)
  writeAs(options, {
    txt: () => write(`Profile ${name} is in ${profileFile()}. lockerpm doctor tries it.\n`),
    json: () => writeJson({ profile: name, file: profileFile() }),
  })
}

/** The default profile may be missing, and so may any other here. */
function currentProfile(name) {
  try {
    return readProfile(name)
  } catch (error) {
    if (error instanceof UsageError) return {}
    throw error
  }
}

async function complete(options, current) {
  const [secret] = secretOfFlags(options)
  const given = { accessKeyId: options.accessKeyId, accessKeySecret: secret, apiBase: options.apiBase }
  if (given.accessKeyId !== undefined && given.accessKeySecret !== undefined) {
    return { ...given, apiBase: given.apiBase ?? current.apiBase ?? HOSTED }
  }
  if (!canAsk()) {
    throw new UsageError(
      'there is no terminal to ask at',
      'Give --access-key-id, and --access-key-secret-file or --access-key-secret - for standard input.',
    )
  }
  return {
    accessKeyId: given.accessKeyId ?? (await ask('Access key id', current.accessKeyId)),
    accessKeySecret: given.accessKeySecret ?? (await askHidden('Access key secret')),
    apiBase: given.apiBase ?? (await ask('API base', current.apiBase ?? HOSTED)),
  }
}

module.exports = { define }
