'use strict'

const { cpSync, mkdirSync, symlinkSync } = require('node:fs')
const path = require('node:path')

const { binary } = require('./server')

const npm = path.join(__dirname, '../../npm')

/** Installs `@lockerpm/server` in an application's folder, with the server that the tests use, and gives its command. */
function installServerPackage(folder) {
  const target = installWithoutExecutable(folder)
  const name = `server-${process.platform}-${process.arch}`
  const platform = path.join(target, '..', name)
  mkdirSync(platform)
  cpSync(path.join(npm, name, 'package.json'), path.join(platform, 'package.json'))
  symlinkSync(binary, path.join(platform, path.basename(binary)))
  return path.join(target, 'bin/locker-server.js')
}

/** Installs it as with `--omit=optional`, and gives its folder. */
function installWithoutExecutable(folder) {
  const target = path.join(folder, 'node_modules/@lockerpm/server')
  cpSync(path.join(npm, 'server'), target, { recursive: true })
  return target
}

module.exports = { installServerPackage, installWithoutExecutable }
