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

function assignDates(object, { creationDate, revisionDate, updatedDate }) {
  object.creationDate = creationDate ?? null
  object.revisionDate = revisionDate ?? null
  object.updatedDate = updatedDate ?? null
}

module.exports = { Secret, Environment }
