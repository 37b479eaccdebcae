'use strict'

const path = require('node:path')

const { version } = require('./package.json')
const { installCommand } = require('./package-manager')

/** The path of the executable for this platform. */
function executablePath() {
  const { platform, arch } = process
  const name = `@lockerpm/server-${platform}-${arch}`
  const file = platform === 'win32' ? 'locker-server.exe' : 'locker-server'
  try {
    return path.join(path.dirname(require.resolve(`${name}/package.json`)), file)
  } catch (cause) {
    throw new Error(
      `locker-server for ${platform}-${arch} is not installed. If there is a package for this platform, this installs it:\n` +
        installCommand(`${name}@${version}`),
      { cause },
    )
  }
}

module.exports = { executablePath }
