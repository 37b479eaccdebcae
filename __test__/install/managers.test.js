'use strict'

/** Every package manager: what it installs, that this runs, and that the commands which errors name mend it. */

const { readFileSync, truncateSync } = require('node:fs')

const { applicationOf, managers } = require('./support/managers')
const { manifestOf, startRegistry } = require('./support/registry')
const { binding, packages, tarball, tuple, version } = require('./support/packages')
const smoke = require('./support/smoke')

let registry

beforeAll(async () => {
  registry = await startRegistry()
})

afterAll(() => registry.stop())

test('nothing runs when a package is installed', () => {
  for (const { file } of packages) {
    const scripts = Object.keys(manifestOf(file).scripts ?? {})
    expect(scripts.filter((name) => /install|prepare/.test(name))).toEqual([])
  }
})

/** The command that an error names. */
const commandIn = (text) => /To mend it, run: (.+)$/m.exec(text)[1]

describe.each(Object.keys(managers))('%s', (name) => {
  const { alsoInstalled = () => [] } = managers[name]
  const expected = [`binding-${tuple}`, ...alsoInstalled(tuple)].sort()
  let application

  beforeAll(async () => {
    application = applicationOf(name, registry)
    application.write('smoke.mjs', smoke.esm)
    application.write('smoke.cjs', smoke.cjs)
    await application.installWithout()
  })

  const load = () => application.node('-e', "require('lockerpm')")
  const runs = async (file) =>
    expect(await application.node(file)).toEqual({ code: 0, stdout: smoke.output, stderr: '' })

  test('is told how to install the package of this platform, which does so', async () => {
    const { code, stderr } = await load()
    expect(code).not.toBe(0)
    expect(stderr).toContain(`Tried ${binding}: it is not installed`)
    await application.shell(commandIn(stderr))
    await runs('smoke.cjs')
  })

  test('installs the package of this platform and no other', async () => {
    expect(application.installed()).toEqual(expected)
  })

  test('has what runs as ESM', () => runs('smoke.mjs'))

  test('is told how to replace a truncated binary, which does so', async () => {
    const file = application.addon()
    const size = readFileSync(file).length
    // Also where else it is, if it is a hard link.
    truncateSync(file, size / 2)
    const { code, stderr } = await load()
    expect(code).not.toBe(0)
    expect(stderr).toContain('The installed files are damaged')
    await application.shell(commandIn(stderr))
    expect(readFileSync(application.addon())).toHaveLength(size)
    await runs('smoke.cjs')
  })

  test('is told how to install the server of this platform, which does so', async () => {
    const application = applicationOf(name, registry, '@lockerpm/server')
    application.write(
      'server.cjs',
      `const { executablePath } = require('@lockerpm/server')
       require('node:child_process').execFileSync(executablePath(), ['--version'], { stdio: 'inherit' })`,
    )
    await application.installWithout()
    const { code, stderr } = await application.node('server.cjs')
    expect(code).toBe(1)
    await application.shell(/this installs it:\n(.+)$/m.exec(stderr)[1])
    expect(await application.node('server.cjs')).toEqual({
      code: 0,
      stdout: `locker-server ${version}\n`,
      stderr: '',
    })
  })
})

describe.each(Object.keys(managers).filter((name) => managers[name].foreign))(
  '%s for another platform',
  (name) => {
    test('is told so, and what brings the package of this one', async () => {
      const application = applicationOf(name, registry)
      application.write('smoke.cjs', smoke.cjs)
      await application.shell(managers[name].foreign)
      expect(application.installed()).toEqual(['binding-darwin-arm64'])
      const { code, stderr } = await application.node('smoke.cjs')
      expect(code).toBe(1)
      expect(stderr).toContain(`Tried ${binding}: it is not installed`)
      expect(stderr).toContain('node_modules was installed for another platform (darwin-arm64)')
      await application.shell(commandIn(stderr))
      expect(await application.node('smoke.cjs')).toEqual({ code: 0, stdout: smoke.output, stderr: '' })
    })
  },
)
