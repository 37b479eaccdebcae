'use strict'

const { ok, warn } = require('./finding')

const VARIABLES = ['HTTPS_PROXY', 'HTTP_PROXY', 'NO_PROXY']

/** The variables that send calls through a proxy, or past it. Lower case is meant too. */
function proxyVariables() {
  const names = VARIABLES.flatMap((name) => [name, name.toLowerCase()])
  return names.filter((name) => process.env[name]).map((name) => [name, process.env[name]])
}

function examineProxy() {
  const variables = proxyVariables()
  if (variables.length === 0) return [ok('proxy', 'none is set')]
  const text = variables.map(([name, value]) => `${name}=${withoutCredentials(value)}`).join(', ')
  const isOneUnusable = variables.some(([name, value]) => !/^no_proxy$/i.test(name) && !isProxyUrl(value))
  if (!isOneUnusable) return [ok('proxy', text)]
  return [warn('proxy', `${text}: this is no http or https URL`, 'Set it to http://HOST:PORT, or unset it.')]
}

function isProxyUrl(value) {
  const url = value.includes('://') ? value : `http://${value}`
  return URL.canParse(url) && /^https?:$/.test(new URL(url).protocol)
}

/** A proxy's user name and password stand before an @. */
function withoutCredentials(value) {
  return value.replace(/(^|\/\/)[^/]*@/g, '$1***@')
}

module.exports = { examineProxy, proxyVariables }
