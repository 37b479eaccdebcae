'use strict'

/** `export`: what `load` gives, as a text or in a file that appears complete or not at all. */

const { spawnSync } = require('node:child_process')
const fs = require('node:fs')
const { tmpdir } = require('node:os')
const path = require('node:path')

const { ResourceNotFoundError, ValidationError } = require('..')
const { unique, useDevServer } = require('./support/dev-server')
const { failure, forms } = require('./support/outcome')
const { environment } = require('./support/run-fixture')
const { credentials } = require('./support/server')

const dev = useDevServer()

const FIXTURE = path.join(__dirname, 'fixtures/call.js')
const posix = process.platform === 'win32' ? it.skip : it

let folder
let environmentName

beforeAll(async () => {
  environmentName = unique('environment')
  await dev.locker().createEnvironment({ name: environmentName, externalUrl: '' })
  await dev.locker().create({ key: 'BOTH', value: 'of ALL' })
  await dev.locker().create({ key: 'SHARED', value: 'two\nlines' })
  await dev.locker().create({ key: 'BOTH', value: `it's`, environmentName })
})

beforeEach(() => {
  folder = fs.mkdtempSync(path.join(tmpdir(), 'lockerpm-export-'))
})

afterEach(() => fs.rmSync(folder, { recursive: true, force: true }))

const inFolder = (name) => path.join(folder, name)

/** What comes of a call in a process that may not write a single byte to a file. */
function inLimits(...call) {
  const input = { options: credentials(dev.server), call }
  const { stdout, stderr } = spawnSync(
    'sh',
    ['-c', 'ulimit -f 0; exec "$0" "$1"', process.execPath, FIXTURE],
    {
      env: environment({ FIXTURE_INPUT: JSON.stringify(input) }),
      encoding: 'utf8',
    },
  )
  expect(stderr).toBe('')
  return JSON.parse(stdout)
}

describe.each(forms)('%s', (form, call) => {
  const exported = (options, ...rest) => call(dev.locker(), 'export', options, ...rest)

  it.each([
    ['env', `BOTH="it's"\nSHARED='two\nlines'\n`],
    ['ini', `BOTH="it's"\nSHARED="two\\nlines"\n`],
    ['json', `{\n  "BOTH": "it's",\n  "SHARED": "two\\nlines"\n}\n`],
    ['yaml', `"BOTH": "it's"\n"SHARED": "two\\nlines"\n`],
    ['shell', `export BOTH='it'\\''s'\nexport SHARED='two\nlines'\n`],
  ])('gives ALL overlaid by the environment as %s', async (format, text) => {
    expect(await exported({ format, environmentName })).toBe(text)
  })

  it('gives ALL alone without an environment', async () => {
    for (const all of [undefined, null, '']) {
      const text = await exported({ format: 'json', environmentName: all })
      expect(JSON.parse(text)).toEqual({ BOTH: 'of ALL', SHARED: 'two\nlines' })
    }
  })

  it('gives what import reads', async () => {
    const name = unique('environment')
    await dev.locker().createEnvironment({ name, externalUrl: '' })
    for (const format of ['env', 'ini', 'json']) {
      const file = inFolder(`secrets.${format}`)
      await exported({ format, environmentName, file })
      await dev.locker().import(file, { environmentName: name })
      expect(await dev.locker().import(file, { environmentName: name })).toMatchObject({
        kept: ['BOTH', 'SHARED'],
      })
      expect(await dev.locker().get('BOTH', name)).toBe(`it's`)
    }
  })

  it('gives the manifest of a Secret its name', async () => {
    expect(await exported({ format: 'k8s', name: 'my-app' })).toContain('name: "my-app"\n')
  })

  it('writes a new file, and nothing else', async () => {
    const file = inFolder('.env')
    expect(await exported({ format: 'env', environmentName, file })).toBeUndefined()
    expect(fs.readFileSync(file, 'utf8')).toBe(`BOTH="it's"\nSHARED='two\nlines'\n`)
    expect(fs.readdirSync(folder)).toEqual(['.env'])
  })

  posix('makes the file readable by its owner only, also in place of another', async () => {
    const before = process.umask(0)
    try {
      const file = inFolder('.env')
      await exported({ format: 'env', file })
      expect(fs.statSync(file).mode & 0o777).toBe(0o600)
      fs.chmodSync(file, 0o644)
      await exported({ format: 'env', file, force: true })
      expect(fs.statSync(file).mode & 0o777).toBe(0o600)
    } finally {
      process.umask(before)
    }
  })

  it('replaces a file only with force', async () => {
    const file = inFolder('.env')
    fs.writeFileSync(file, 'before')
    const error = await failure(() => call(dev.countedLocker(), 'export', { format: 'env', file }))
    expect(error).toMatchObject({ name: 'ValidationError', field: 'file' })
    expect(error.message).toContain('force')
    expect(await dev.seen()).toEqual([])
    expect(fs.readFileSync(file, 'utf8')).toBe('before')
    await exported({ format: 'json', file, force: true })
    expect(JSON.parse(fs.readFileSync(file, 'utf8'))).toMatchObject({ BOTH: 'of ALL' })
    expect(fs.readdirSync(folder)).toEqual(['.env'])
  })

  posix('gives whoever has the old file open the old content', async () => {
    const file = inFolder('.env')
    fs.writeFileSync(file, 'before')
    const opened = fs.openSync(file)
    try {
      await exported({ format: 'env', file, force: true })
      expect(fs.readFileSync(opened, 'utf8')).toBe('before')
    } finally {
      fs.closeSync(opened)
    }
  })

  posix.each([[false], [true]])('follows no link, with force: %s', async (force) => {
    const [target, file] = [inFolder('target'), inFolder('.env')]
    for (const existing of [false, true]) {
      if (existing) fs.writeFileSync(target, 'before')
      fs.rmSync(file, { force: true })
      fs.symlinkSync(target, file)
      const error = await failure(() => exported({ format: 'env', file, force }))
      expect(error).toMatchObject({ name: 'ValidationError', field: 'file' })
      expect(fs.lstatSync(file).isSymbolicLink()).toBe(true)
      expect(fs.existsSync(target)).toBe(existing)
    }
    expect(fs.readFileSync(target, 'utf8')).toBe('before')
    expect(fs.readdirSync(folder).sort()).toEqual(['.env', 'target'])
  })

  it('replaces no folder', async () => {
    const file = inFolder('folder')
    fs.mkdirSync(file)
    const error = await failure(() => exported({ format: 'env', file, force: true }))
    expect(error).toMatchObject({ name: 'ValidationError', field: 'file' })
    expect(fs.readdirSync(folder)).toEqual(['folder'])
  })

  it('does not replace what has appeared meanwhile', async () => {
    const file = inFolder('.env')
    const fsync = jest
      .spyOn(fs, 'fsyncSync')
      .mockImplementationOnce(() => fs.writeFileSync(file, 'of another'))
    try {
      const error = await failure(() => exported({ format: 'env', file }))
      expect(error).toMatchObject({ name: 'ValidationError', field: 'file' })
      expect(error.message).toContain('force')
      expect(fs.readFileSync(file, 'utf8')).toBe('of another')
      expect(fs.readdirSync(folder)).toEqual(['.env'])
    } finally {
      fsync.mockRestore()
    }
  })

  posix('leaves nothing behind when it cannot write to the end', async () => {
    const file = inFolder('.env')
    fs.writeFileSync(file, 'before')
    const { error } = inLimits(form === 'sync' ? 'exportSync' : 'export', {
      format: 'env',
      file,
      force: true,
    })
    expect(error).toMatchObject({ name: 'ValidationError', code: 'validation_error' })
    expect(error.message).toContain('EFBIG')
    expect(fs.readFileSync(file, 'utf8')).toBe('before')
    expect(fs.readdirSync(folder)).toEqual(['.env'])
  })

  it('tells of a folder that does not exist', async () => {
    const error = await failure(() => exported({ format: 'env', file: inFolder('none/.env') }))
    expect(error).toMatchObject({ name: 'ValidationError', field: 'file' })
    expect(error.cause.code).toBe('ENOENT')
  })

  it('writes nothing when the secrets cannot be read or written', async () => {
    const file = inFolder('.env')
    const absent = await failure(() => exported({ format: 'env', environmentName: 'prdo', file }))
    expect(absent).toBeInstanceOf(ResourceNotFoundError)
    const unfit = await failure(() => exported({ format: 'docker', environmentName, file }))
    expect(unfit).toBeInstanceOf(ValidationError)
    expect(fs.readdirSync(folder)).toEqual([])
  })

  it('takes the options of every call', async () => {
    const reason = new Error('stop')
    expect(await failure(() => exported({ format: 'env' }, { signal: AbortSignal.abort(reason) }))).toBe(
      reason,
    )
  })

  it.each([
    ['options', undefined],
    ['format', {}],
    ['format', { format: 'toml' }],
    ['environmentName', { format: 'env', environmentName: 7 }],
    ['file', { format: 'env', file: 7 }],
    ['force', { format: 'env', file: '.env', force: 'yes' }],
    ['name', { format: 'k8s', name: 7 }],
    ['name', { format: 'k8s', name: 'My App' }],
  ])('refuses a wrong %s', async (field, options) => {
    expect(await failure(() => exported(options))).toMatchObject({ name: 'ValidationError', field })
  })
})
