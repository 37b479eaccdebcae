// Compiled, never run: the same names by way of CommonJS.

import lockerpm = require('lockerpm')

const locker: lockerpm.Locker = new lockerpm.Locker({ logLevel: lockerpm.LogLevel.NONE })
const secret: Promise<lockerpm.Secret> = locker.retrieve('KEY')
const error: lockerpm.LockerError = new lockerpm.ValidationError('message')
