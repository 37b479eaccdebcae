// Compiled, never run: the same names by way of CommonJS.

import lockerpm = require('lockerpm')
import testing = require('lockerpm/testing')

const locker: lockerpm.Locker = new lockerpm.Locker({ logLevel: lockerpm.LogLevel.NONE })
const secret: Promise<lockerpm.Secret> = locker.retrieve('KEY')
const error: lockerpm.LockerError = new lockerpm.ValidationError('message')
const server: Promise<testing.LockerServer> = testing.startLockerServer()
