'use strict'

/** The native code: where it is found, and what is said when it cannot be loaded. */

const { execFileSync } = require('node:child_process')
const {
  chmodSync,
  copyFileSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  writeFileSync,
} = require('node:fs')
const path = require('node:path')

const { useDevServer } = require('./support/dev-server')
const { useInstalled } = require('./support/installed')
const { version } = require('../package.json')

const dev = useDevServer()
const app = useInstalled()

const SECRET = Buffer.alloc(32).toString('base64')
const OPTIONS = `{ accessKeyId: 'id', accessKeySecret: '${SECRET}', cacheOptions: { dir: null } }`
const IMPORT = "const { Locker } = require('lockerpm');"
const LOAD = `${IMPORT} new Locker(${OPTIONS}); console.log('loaded')`
const LOADED = { code: 0, stdout: 'loaded\n', stderr: '' }
const onLinux = process.platform === 'linux' ? test : test.skip
const NOBODY = 65534

/** The lines of the message with which an import failed. */
const failure = (options) => failureOf("require('lockerpm')", options)

/** The same for the first `Locker` of a process whose import found nothing wrong. */
const failureOfUse = async (options) => {
  expect(await app.run(IMPORT, options)).toEqual({ code: 0, stdout: '', stderr: '' })
  return failureOf(`${IMPORT} new Locker(${OPTIONS})`, options)
}

async function failureOf(text, options) {
  const { code, stdout } = await app.run(
    `try { ${text} } catch (error) { console.log(String(error)); process.exitCode = 3 }`,
    options,
  )
  expect(code).toBe(3)
  return stdout.trim().split('\n')
}

const packageName = (tuple = app.tuple) => `@lockerpm/binding-${tuple}`
const PLATFORM = new RegExp(
  `^  Platform: ${process.platform}-${process.arch}(, (glibc \\d+\\.\\d+|musl))?, Node.js ${process.version}$`,
)

describe('the native code', () => {
  it('is that of the package of this platform', async () => {
    app.installBinding()
    expect(await app.run(LOAD)).toEqual(LOADED)
  })

  it('is found by an import, and loaded by the first Locker', async () => {
    app.installBinding()
    const text = `
      const isLoaded = () => Object.keys(require.cache).some((file) => file.endsWith('.node'))
      ${IMPORT}
      const loaded = [isLoaded()]
      for (const options of [{ timeoutMs: 'no number' }, ${OPTIONS}, ${OPTIONS}]) {
        try {
          new Locker(options)
        } catch ({ name }) {
          loaded.push(name)
        }
        loaded.push(isLoaded())
      }
      console.log(loaded.join())`
    expect(await app.run(text)).toEqual({
      code: 0,
      stdout: 'false,ValidationError,false,true,true\n',
      stderr: '',
    })
  })

  it('is loaded by an import where only Node.js finds it', async () => {
    app.installBinding()
    const modules = path.join(app.folder, 'node_modules')
    mkdirSync(path.join(modules, 'lockerpm/node_modules'))
    renameSync(path.join(modules, '@lockerpm'), path.join(modules, 'lockerpm/node_modules/@lockerpm'))
    expect(await app.run(LOAD)).toEqual(LOADED)
  })

  it('is asked for neither with a report nor in a child process', async () => {
    const text = `
      const refuse = () => { throw new Error('it was asked') }
      Object.defineProperty(process, 'report', { get: refuse })
      const child = require('node:child_process')
      for (const name of Object.keys(child)) child[name] = refuse
      ${LOAD}`
    app.installBinding()
    expect(await app.run(text)).toEqual(LOADED)
  })

  it('is the file that LOCKER_BINDING names', async () => {
    app.installBinding({ content: 'no library' })
    expect(await app.run(LOAD, { env: { LOCKER_BINDING: app.builtFile } })).toEqual(LOADED)
  })

  it('is named in relation to the working directory', async () => {
    copyFileSync(app.builtFile, path.join(app.folder, 'own.node'))
    expect(await app.run(LOAD, { env: { LOCKER_BINDING: 'own.node' } })).toEqual(LOADED)
  })

  onLinux('may be gone after the import, if LOCKER_BINDING names it', async () => {
    app.installBinding({ content: addonForGlibc('9.99') })
    copyFileSync(app.builtFile, path.join(app.folder, 'own.node'))
    const text = `
      ${IMPORT}
      require('node:fs').rmSync(process.env.LOCKER_BINDING)
      delete process.env.LOCKER_BINDING
      ${LOAD.replace(IMPORT, '')}`
    expect(await app.run(text, { env: { LOCKER_BINDING: 'own.node' } })).toEqual(LOADED)
  })

  it.each([
    ['that is missing', 'missing.node', 'there is no such file'],
    ['that is no addon', 'package.json', 'this is not a .node file'],
    ['that cannot be loaded', 'broken.node', /broken.node: /],
  ])('is that of the package, with a warning, if LOCKER_BINDING names a file %s', async (_, name, cause) => {
    app.installBinding()
    app.write('package.json', '{}')
    app.write('broken.node', 'no library')
    const { code, stdout, stderr } = await app.run(LOAD, { env: { LOCKER_BINDING: name } })
    expect({ code, stdout }).toEqual({ code: 0, stdout: 'loaded\n' })
    expect(stderr).toContain(`Warning: lockerpm cannot load LOCKER_BINDING=${name} (`)
    expect(stderr).toMatch(cause)
    expect(stderr).toContain(`), and uses ${packageName()}\n`)
  })

  it('of two copies in one process serves both', async () => {
    app.installBinding()
    app.installPackage('second')
    copyFileSync(app.builtFile, path.join(app.folder, 'second.node'))
    const text = `
      const first = require('lockerpm')
      process.env.LOCKER_BINDING = 'second.node'
      const second = require('./second/node_modules/lockerpm')
      const answers = [first, second].map(({ Locker, ValidationError }) => {
        const locker = Locker.fromEnv()
        const value = locker.getSync('NO_SUCH_KEY', null, 'a default')
        try {
          locker.getSync('')
        } catch (error) {
          return [value, error instanceof ValidationError, error instanceof first.ValidationError]
        }
      })
      console.log(JSON.stringify(answers))`
    const env = {
      LOCKER_ACCESS_KEY_ID: dev.server.accessKeyId,
      LOCKER_ACCESS_KEY_SECRET: dev.server.accessKeySecret,
      LOCKER_API_BASE: dev.server.apiBase,
    }
    const { stdout, stderr } = await app.run(text, { env })
    expect({ answers: JSON.parse(stdout || null), stderr }).toEqual({
      answers: [
        ['a default', true, true],
        ['a default', true, false],
      ],
      stderr: '',
    })
  })
})

describe('where it cannot be loaded, the error', () => {
  it('says what is missing, and the command that installs it', async () => {
    expect(await failure()).toEqual([
      'BindingError: lockerpm cannot load its native code.',
      expect.stringMatching(PLATFORM),
      `  Tried ${packageName()}: it is not installed`,
      expect.stringContaining(`: npm install --no-save ${packageName()}@${version}`),
    ])
  })

  it('is shown once by a process in which nobody catches it', async () => {
    const { code, stderr } = await app.run(LOAD)
    expect(code).toBe(1)
    expect(stderr.split('it is not installed')).toHaveLength(2)
    expect(stderr).toContain("code: 'binding_error'")
  })

  it('is told by lockerpm/preload without a stack', async () => {
    const { code, stderr } = await app.run('', { nodeOptions: ['--require', 'lockerpm/preload'] })
    expect(code).toBe(1)
    expect(stderr).toMatch(/^lockerpm\/preload: lockerpm cannot load its native code\.\n/)
    expect(stderr.trim().split('\n').at(-1)).toContain('npm install --no-save')
  })

  it('lists everything that was tried, each with its cause', async () => {
    const lines = await failure({ env: { LOCKER_BINDING: 'missing.node' } })
    expect(lines.slice(2, 4)).toEqual([
      '  Tried LOCKER_BINDING=missing.node: there is no such file',
      `  Tried ${packageName()}: it is not installed`,
    ])
  })

  it('names the platform that node_modules was installed for', async () => {
    app.installBinding({ name: 'sunos-x64', content: 'no library' })
    const remedy = (await failure()).at(-1)
    expect(remedy).toContain('installed for another platform (sunos-x64)')
    expect(remedy).toContain(`npm install --no-save ${packageName()}@${version}`)
  })

  it.each([
    ['truncated near its start', () => readFileSync(app.builtFile).subarray(0, 1000)],
    ['truncated within a header', () => readFileSync(app.builtFile).subarray(0, 50)],
    ['truncated within its first bytes', () => readFileSync(app.builtFile).subarray(0, 20)],
    ['truncated by a byte', () => readFileSync(app.builtFile).subarray(0, -1)],
    ['empty', () => ''],
    ['of another platform', () => 'MZ, as a program for Windows begins'],
  ])('names the file that is %s', async (_, content) => {
    app.installBinding({ content: content() })
    const lines = await failure()
    expect(lines[2]).toMatch(/^ {2}Tried @lockerpm\/binding-[\w-]+: .*\.node.+/)
    expect(lines.at(-1)).toMatch(/damaged or of another version.* run: npm ci$/)
  })

  it('names both versions if they differ', async () => {
    app.installBinding()
    const file = path.join(app.folder, 'node_modules/lockerpm/lib/native.js')
    writeFileSync(file, readFileSync(file, 'utf8').replace(`'${version}'`, "'99.0.0'"))
    const lines = await failureOfUse()
    expect(lines[2]).toBe(
      `  Tried ${packageName()}: it is of version ${version}, and this is lockerpm 99.0.0`,
    )
    expect(lines.at(-1)).toContain('npm ci')
  })

  it('names the glibc that is needed', async () => {
    app.installBinding({ content: addonForGlibc('9.99') })
    const lines = await failureOfUse()
    expect(lines[2]).toContain("version `GLIBC_9.99' not found")
    expect(lines.at(-1)).toBe(
      `The binary needs glibc 9.99 or later. Use a newer system or image, such as node:${process.versions.node.split('.')[0]}-slim.`,
    )
  })

  it('comes again from the next Locker', async () => {
    app.installBinding({ content: addonForGlibc('9.99') })
    const attempt = `try { new Locker(${OPTIONS}) } catch (error) { console.log(error.code, error.message) }`
    const first = (await app.run(`${IMPORT} ${attempt}`)).stdout
    expect(first).toContain('binding_error lockerpm cannot load its native code.')
    expect((await app.run(`${IMPORT} ${attempt} ${attempt}`)).stdout).toBe(first + first)
  })

  it('names the platforms that there are binaries for', async () => {
    const text = `
      Object.defineProperty(process, 'arch', { value: 'mips' })
      try { require('lockerpm') } catch (error) { console.log(error.message) }`
    const { stdout } = await app.run(text)
    expect(stdout).toContain('mips')
    expect(stdout).toContain('There are binaries for Linux (x64, arm64, armv7), macOS')
  })

  it.each([
    ['package-lock.json', `npm install --no-save ${packageName()}@${version}`],
    ['pnpm-lock.yaml', 'pnpm install'],
    ['.yarnrc.yml', 'yarn install'],
    ['yarn.lock', 'yarn install --force'],
    ['bun.lock', `bun add --no-save ${packageName()}@${version}`],
  ])('has the command of whoever wrote %s', async (file, command) => {
    app.write(file, '')
    const told = (await failure()).at(-1)
    expect(told.split(' run: ')[1]).toBe(command)
  })
})

/** A library that wants a symbol of a later glibc than there is. */
function addonForGlibc(wanted) {
  const compile = (...args) => execFileSync('cc', ['-shared', '-fPIC', ...args], { cwd: app.folder })
  app.write('later.c', 'void later(void) {}')
  app.write('later.map', `GLIBC_${wanted} { later; };`)
  compile('later.c', '-o', 'libc.so.6', '-Wl,--version-script=later.map,-soname=libc.so.6', '-nostdlib')
  app.write('addon.c', 'void later(void); void use(void) { later(); }')
  compile('addon.c', '-o', 'addon.node', '-nostdlib', './libc.so.6')
  return readFileSync(path.join(app.folder, 'addon.node'))
}

describe('the C library of Linux', () => {
  /** What a process would look for if this were its executable. */
  async function lookedFor(executable) {
    const file = app.write('executable', executable)
    const text = `
      process.execPath = ${JSON.stringify(file)}
      console.log(require('./node_modules/lockerpm/lib/platform').tuples().join())`
    return (await app.run(text)).stdout.trim()
  }

  const abi = process.arch === 'arm' ? 'eabihf' : ''
  const gnu = `linux-${process.arch}-gnu${abi}`
  const musl = `linux-${process.arch}-musl${abi}`

  onLinux.each([
    ['of 64 bits, glibc', elf(64, '/lib64/ld-linux-x86-64.so.2'), gnu],
    ['of 64 bits, musl', elf(64, '/lib/ld-musl-x86_64.so.1'), musl],
    ['of 32 bits, glibc', elf(32, '/lib/ld-linux-armhf.so.3'), gnu],
    ['of 32 bits, musl', elf(32, '/lib/ld-musl-armhf.so.1'), musl],
    ['that is static', elf(64), `${gnu},${musl}`],
    ['of another system', elf(64, '/system/bin/linker64'), `${gnu},${musl}`],
    ['that is cut', elf(64, '/lib/ld-musl-x86_64.so.1').subarray(0, 20), `${gnu},${musl}`],
    ['that is no ELF file', Buffer.from('#!/bin/sh\n'), `${gnu},${musl}`],
  ])('is told by an executable %s', async (_, executable, tuples) => {
    expect(await lookedFor(executable)).toBe(tuples)
  })
})

/** An ELF file with a program header or two, the last of which names its interpreter. */
function elf(bits, interpreter) {
  const wide = bits === 64
  const [header, entry] = wide ? [64, 56] : [52, 32]
  const count = interpreter === undefined ? 1 : 2
  const text = header + 2 * entry
  const bytes = Buffer.alloc(text + 100)
  const word = (value, position) =>
    wide ? bytes.writeBigUInt64LE(BigInt(value), position) : bytes.writeUInt32LE(value, position)
  bytes.write('\x7fELF', 'latin1')
  bytes[4] = wide ? 2 : 1
  word(header, wide ? 32 : 28)
  bytes.writeUInt16LE(entry, wide ? 54 : 42)
  bytes.writeUInt16LE(count, wide ? 56 : 44)
  bytes.writeUInt32LE(1, header)
  if (count === 2) {
    const second = header + entry
    bytes.writeUInt32LE(3, second)
    word(text, second + (wide ? 8 : 4))
    word(interpreter.length + 1, second + (wide ? 32 : 16))
    bytes.write(interpreter, text, 'latin1')
  }
  return bytes
}

describe('in a folder that nobody may write to', () => {
  const asOther = process.getuid?.() === 0 ? { uid: NOBODY } : {}

  onLinux('it loads, and leaves nothing behind', async () => {
    app.installBinding()
    const before = readdirSync(app.folder, { recursive: true })
    chmodSync(app.folder, 0o555)
    try {
      expect(await app.run(LOAD, asOther)).toEqual(LOADED)
    } finally {
      chmodSync(app.folder, 0o755)
    }
    expect(readdirSync(app.folder, { recursive: true })).toEqual(before)
  })

  onLinux.each([
    ['nothing is said', {}, ''],
    [
      'but the folder was chosen, a log line says so',
      { LOCKER_CACHE_DIR: 'chosen' },
      expect.stringMatching(/cache folder cannot be used.*chosen: Permission denied.*LOCKER_CACHE_DIR/),
    ],
  ])('a call works, and where the cache cannot be kept %s', async (_, own, stderr) => {
    app.installBinding()
    chmodSync(app.folder, 0o555)
    const env = {
      HOME: app.folder,
      XDG_CACHE_HOME: '',
      LOCKER_CACHE_DIR: '',
      LOCKER_ACCESS_KEY_ID: dev.server.accessKeyId,
      LOCKER_ACCESS_KEY_SECRET: dev.server.accessKeySecret,
      LOCKER_API_BASE: dev.server.apiBase,
      ...own,
    }
    const text = `
      const value = require('lockerpm').Locker.fromEnv().getSync('NO_KEY', null, 'a default')
      console.log(value)`
    try {
      expect(await app.run(text, { env, ...asOther })).toEqual({ code: 0, stdout: 'a default\n', stderr })
    } finally {
      chmodSync(app.folder, 0o755)
    }
  })
})

describe('outside Node.js', () => {
  const entries = [
    ['lockerpm', 'Locker'],
    ['lockerpm/testing', 'startLockerServer'],
  ]
  const conditions = ['browser', 'workerd', 'edge-light']

  it.each(conditions.flatMap((condition) => entries.map((entry) => [condition, ...entry])))(
    'with the condition %s, %s is one clear error',
    async (condition, name, value) => {
      const nodeOptions = [`--conditions=${condition}`]
      const told = expect.stringContaining('lockerpm runs in Node.js, and this code was built for a browser')
      const required = await app.run(`require('${name}')`, { nodeOptions })
      expect(required).toMatchObject({ code: 1, stderr: told })
      const imported = await app.run(`import { ${value} } from '${name}'`, {
        nodeOptions: [...nodeOptions, '--input-type=module'],
      })
      expect(imported).toMatchObject({ code: 1, stderr: told })
    },
  )

  it.each(conditions)('with the condition %s, lockerpm/preload is too', async (condition) => {
    const nodeOptions = [`--conditions=${condition}`, '--require', 'lockerpm/preload']
    expect(await app.run('', { nodeOptions })).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('lockerpm runs in Node.js'),
    })
  })

  it('every name can be linked', async () => {
    const names = (file) =>
      [...readFileSync(path.join(__dirname, '..', file), 'utf8').matchAll(/^ {2}(\w+),$/gm)].map(
        ([, name]) => name,
      )
    expect(names('bundled.mjs')).toEqual(names('index.mjs'))
    expect(names('unsupported.mjs')).toEqual([...names('index.mjs'), 'startLockerServer'])
  })
})
