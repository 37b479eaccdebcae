/**
 * The secrets that every client reads: the same in each run, so that an answer can be checked without keeping it. Each is
 * 800 bytes of JSON and 3.2 encrypted fields on average.
 */

export const ENVIRONMENTS = ['development', 'staging', 'production']

/** Of five secrets three are in an environment and described. */
const OF_FIVE = ENVIRONMENTS.length

/** What is to be read as the secret with this number. */
export function secretOf(number) {
  const inFive = number % 5
  return {
    key: keyOf(number),
    value: `v${number}-`.padEnd(16 + 16 * (number % 4), '0123456789abcdef'),
    description: inFive < OF_FIVE ? `used by the service of number ${number}` : '',
    environmentName: ENVIRONMENTS[inFive] ?? null,
  }
}

export const keyOf = (number) => `SERVICE_${String(number).padStart(6, '0')}_TOKEN`

/** Names that `get` finds without an environment. */
export function keysInAll(count) {
  return Array.from({ length: count }, (_, at) => keyOf(Math.floor(at / 2) * 5 + OF_FIVE + (at % 2)))
}

const FIELDS = ['id', 'key', 'value', 'description', 'environmentName', 'environmentId']

/** Reads every field, as a program does that has asked for them; the first and the last character of each. */
export function readFields(secrets) {
  let sum = 0
  for (const secret of secrets) {
    for (const field of FIELDS) {
      const text = secret[field]
      if (text) sum += text.length + text.charCodeAt(0) + text.charCodeAt(text.length - 1)
    }
    sum += secret.creationDate > 0 ? 1 : 0
  }
  return sum
}

const ALL = ['key', 'value', 'description', 'environmentName']

/** Ends the run if these are not all secrets of a project of `count`. A peer may know fewer `fields`. */
export function checkList(secrets, count, fields = ALL) {
  if (secrets.length !== count) throw new Error(`the list has ${secrets.length} secrets, not ${count}`)
  const seen = new Set()
  for (const secret of secrets) {
    const number = Number(secret.key.slice(8, 14))
    checkSecret(secret, secretOf(number), fields)
    seen.add(number)
  }
  if (seen.size !== count) throw new Error('the list has a secret twice')
}

function checkSecret(secret, expected, fields) {
  for (const field of fields) {
    if ((secret[field] ?? null) !== expected[field]) throw new Error(`${expected.key} has a wrong ${field}`)
  }
  if (!secret.id || !(secret.creationDate > 0)) throw new Error(`${expected.key} lacks an id or a date`)
  if (fields === ALL && !secret.environmentId !== !expected.environmentName)
    throw new Error(`${expected.key} lacks its environment`)
}

export function checkValue(value, key) {
  if (value !== secretOf(Number(key.slice(8, 14))).value) throw new Error(`${key} has a wrong value`)
}
