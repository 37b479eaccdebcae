'use strict'

const check = require('./arguments')
const { ResourceNotFoundError } = require('./errors').classes

/** `{ KEY: value }` of ALL, overlaid by the environment; the calls for it. */
function* load(env) {
  const environmentName = check.nullable(check.text)('env', env)
  const secrets = yield ['list']
  yield* requireEnvironment(environmentName, secrets)
  return overlay(secrets, environmentName)
}

/** Refuses an environment that does not exist, given every secret of the project; the calls for it. */
function* requireEnvironment(name, secrets) {
  if (!name) return
  if (secrets.some(({ environmentName }) => environmentName === name)) return
  const names = (yield ['listEnvironments']).map((environment) => environment.name)
  if (names.includes(name)) return
  const known = names.length === 0 ? 'there is none' : `there are ${names.sort().join(', ')}`
  throw new ResourceNotFoundError(`the environment "${name}" does not exist: ${known}`)
}

function overlay(secrets, name) {
  // Without a prototype, so that no key of the project and none of `Object` can be taken for one another.
  const values = Object.create(null)
  const take = (environment) => {
    for (const { key, value, environmentName } of secrets)
      if (environmentName === environment) values[key] = value
  }
  take(null)
  if (name) take(name)
  return values
}

module.exports = { load, requireEnvironment }
