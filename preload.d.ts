/**
 * Fills `process.env` with the secrets of the project when it is loaded, before the application:
 * `node --import lockerpm/preload app.js`.
 */
export {}
