'use strict'

const { inspect } = require('node:util')

const REDACTED = '[REDACTED]'

/** A secret. Its data are own properties; printing it redacts the value. */
class Secret {
  constructor(record) {
    this.id = record.id
    this.key = record.key
    this.value = record.value
    this.description = record.description
    this.environmentName = record.environmentName ?? null
    this.environmentId = record.environmentId ?? null
    this.projectId = record.projectId
    assignDates(this, record)
  }

  toString() {
    return inspect(this)
  }

  [inspect.custom](_depth, options) {
    return `Secret ${inspect({ ...this, value: REDACTED }, options)}`
  }
}

/** An environment. Its data are own properties. */
class Environment {
  constructor(record) {
    this.id = record.id
    this.name = record.name
    this.externalUrl = record.externalUrl
    this.description = record.description
    this.projectId = record.projectId
    assignDates(this, record)
  }
}

// A field that V8 has seen nothing but numbers in has a box of its own for each of them. One that had a null first shares
// the box with the fields that have the same number: there is less to collect where dates are equal.
new Secret({ projectId: 0 })

function assignDates(object, { creationDate, revisionDate, updatedDate }) {
  object.creationDate = creationDate ?? null
  object.revisionDate = revisionDate ?? null
  object.updatedDate = updatedDate ?? null
}

module.exports = { Secret, Environment }
