import testing from './testing.js'

export const { startLockerServer } = testing
