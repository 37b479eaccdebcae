'use strict'

/** `node --import lockerpm/preload app.js`, or `-r`: fills `process.env` before the application starts. */

const { isMainThread } = require('node:worker_threads')

// A worker thread has a copy of what the main thread's preload has made.
if (isMainThread) require('./lib/preload').preload()
