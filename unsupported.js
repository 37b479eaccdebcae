'use strict'

// What bundlers take in place of the package where there is no Node.js. The assignment tells them that it is CommonJS.
module.exports = refuse()

function refuse() {
  throw new Error(
    'lockerpm runs in Node.js, and this code was built for a browser or for an edge runtime. ' +
      'Import it in code of the server only, in Next.js with `export const runtime = "nodejs"`. ' +
      'In a jest test with jsdom, set `testEnvironmentOptions: { customExportConditions: ["node"] }`.',
  )
}
