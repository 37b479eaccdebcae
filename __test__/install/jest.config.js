'use strict'

module.exports = {
  testEnvironment: 'node',
  testMatch: ['<rootDir>/*.test.js'],
  globalSetup: '<rootDir>/support/global-setup.js',
  globalTeardown: '<rootDir>/support/global-teardown.js',
  // A test may install something large, and all of it while others build.
  testTimeout: 300_000,
}
