'use strict'

const { startLockerServer } = require('./lib/testing')

module.exports = { startLockerServer }
