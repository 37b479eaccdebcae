'use strict'

/** The formats that secrets are imported from and exported to. */

const { formatEnvFile, parseEnvFile } = require('./dotenv')
const { ValidationError } = require('./errors').classes
const { formatIni, parseIni } = require('./ini')
const { quote } = require('./quote')
const { isVariableName } = require('./variables')

const readers = { env: parseEnvFile, ini: parseIni, json: parseJson }

const writers = {
  env: formatEnvFile,
  ini: formatIni,
  json: formatJson,
  yaml: formatYaml,
  shell: formatShell,
  docker: formatDocker,
  k8s: formatKubernetes,
}

/** What reads a format. */
const reader = (format) => find(readers, format)

/** What writes a format. */
const writer = (format) => find(writers, format)

function find(formats, format) {
  if (Object.hasOwn(formats, format)) return formats[format]
  throw new ValidationError(`format: needs to be one of ${Object.keys(formats).join(', ')}`, {
    field: 'format',
  })
}

function parseJson(content, fileName) {
  const refuse = (problem) => new ValidationError(`${fileName}: ${problem}`)
  let data
  try {
    data = JSON.parse(content.replace(/^\uFEFF/, ''))
  } catch {
    // The parser's own message quotes the file, and so perhaps a value.
    throw refuse('this is no valid JSON')
  }
  if (typeof data !== 'object' || data === null || Array.isArray(data))
    throw refuse('this needs to be one object of the form {"KEY": "value"}')
  return Object.entries(data).map(([key, value]) => {
    if (key === '') throw refuse('a key is empty')
    if (typeof value !== 'string') throw refuse(`the value of ${key} needs to be a text in quotes`)
    return { key, value }
  })
}

function formatJson(entries) {
  // JSON.stringify puts keys that look like numbers first, so the lines are made one by one.
  const lines = entries.map(({ key, value }) => `  ${quote(key)}: ${quote(value)}`)
  return lines.length === 0 ? '{}\n' : `{\n${lines.join(',\n')}\n}\n`
}

function formatYaml(entries) {
  const lines = entries.map(({ key, value }) => `${quote(key)}: ${quote(value)}\n`)
  return lines.length === 0 ? '{}\n' : lines.join('')
}

function formatShell(entries) {
  const line = ({ key, value }) => {
    if (!isVariableName(key))
      throw new ValidationError(`a shell cannot hold the key "${key}": it is no valid variable name`)
    refuseCharacters('a shell', key, value, /\0/)
    return `export ${key}='${value.replaceAll("'", "'\\''")}'\n`
  }
  return entries.map(line).join('')
}

function formatDocker(entries) {
  const line = ({ key, value }) => {
    if (!/^[^\s=#\0][^\s=\0]*$/.test(key))
      throw new ValidationError(
        `a file for docker cannot hold the key "${key}": it has a space, = or # in it`,
      )
    refuseCharacters('a file for docker', key, value, /[\0\r\n]/)
    return `${key}=${value}\n`
  }
  return entries.map(line).join('')
}

function refuseCharacters(place, key, value, characters) {
  const [found] = characters.exec(value) ?? []
  if (found === undefined) return
  const name = found === '\0' ? 'a NUL character' : 'a line break'
  throw new ValidationError(`${place} cannot hold the value of ${key}, which has ${name} in it`)
}

function formatKubernetes(entries, { name = 'locker-secrets' } = {}) {
  if (!/^[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?$/.test(name))
    throw new ValidationError('name: needs lower case letters, digits, - and ., as Kubernetes names have', {
      field: 'name',
    })
  const lines = entries.map(({ key, value }) => {
    if (!/^[-._a-zA-Z0-9]{1,253}$/.test(key) || /^\.\.?$/.test(key))
      throw new ValidationError(
        `Kubernetes cannot hold the key "${key}": it may have letters, digits, _, . and -`,
      )
    return `  ${quote(key)}: ${quote(Buffer.from(value).toString('base64'))}\n`
  })
  const data = lines.length === 0 ? 'data: {}\n' : `data:\n${lines.join('')}`
  return `apiVersion: v1\nkind: Secret\nmetadata:\n  name: ${quote(name)}\ntype: Opaque\n${data}`
}

module.exports = { reader, writer }
