'use strict'

/** The program that every runtime, bundler and package manager has to run: one body, as ESM and as CommonJS. */

const body = `
  const locker = Locker.fromEnv()
  const key = 'SMOKE_' + randomUUID().replaceAll('-', '_')
  await locker.create({ key, value: 'a value' })
  const failure = await locker.retrieve(key + '_ABSENT').catch((error) => error)
  console.log(
    JSON.stringify({
      get: await locker.get(key),
      getSync: locker.getSync(key),
      listed: (await locker.list()).some((secret) => secret.key === key),
      failure: [failure instanceof ResourceNotFoundError, failure instanceof Error, failure.code],
    }),
  )`

const smoke = {
  esm: `
    import { randomUUID } from 'node:crypto'
    import { Locker, ResourceNotFoundError } from 'lockerpm'
    async function main() {${body}
    }
    main()`,
  cjs: `
    const { randomUUID } = require('node:crypto')
    const { Locker, ResourceNotFoundError } = require('lockerpm')
    async function main() {${body}
    }
    main()`,
  /** What it writes. */
  output: `${JSON.stringify({ get: 'a value', getSync: 'a value', listed: true, failure: [true, true, 'not_found'] })}\n`,
}

module.exports = smoke
