'use strict'

/** Package managers, each in an application of its own, with the registry of the test and no other. */

const { readdirSync, realpathSync } = require('node:fs')
const path = require('node:path')

const { newApplication } = require('./application')
const { binding, version } = require('./packages')
const { bun, tool } = require('./tools')

const YARN = 'enableTelemetry: false\nunsafeHttpWhitelist: ["127.0.0.1"]\n'
const OTHER_ARCHITECTURE = 'supportedArchitectures:\n  os: [darwin]\n  cpu: [arm64]\n'

/**
 * `program`: what its command is. `files`: what an application needs for it. `omit`: how it comes that the package of
 * this platform is not installed. `foreign`: what installs for another platform.
 */
const managers = {
  npm: {
    command: 'npm',
    program: () => ['node', tool('npm/bin/npm-cli.js')],
    omit: { command: 'npm install --omit=optional' },
    foreign: 'npm install --os=darwin --cpu=arm64',
  },
  pnpm: {
    command: 'pnpm',
    program: () => ['node', tool('pnpm/bin/pnpm.mjs')],
    omit: { command: 'pnpm install --no-optional' },
    foreign: 'pnpm install --os=darwin --cpu=arm64',
  },
  'pnpm, the version before': {
    command: 'pnpm',
    program: () => ['node', tool('pnpm-before/bin/pnpm.mjs')],
    omit: { command: 'pnpm install --no-optional' },
    foreign: 'pnpm install --os=darwin --cpu=arm64',
  },
  'yarn classic': {
    command: 'yarn',
    program: () => ['node', tool('yarn/bin/yarn.js')],
    omit: { command: 'yarn install --ignore-optional' },
    // It does not know `libc`.
    alsoInstalled: (tuple) => [
      `binding-${tuple.replace(/gnu|musl/, (abi) => (abi === 'gnu' ? 'musl' : 'gnu'))}`,
    ],
  },
  'yarn, with node_modules': {
    command: 'yarn',
    program: () => ['node', tool('@yarnpkg/cli-dist/bin/yarn.js')],
    files: { '.yarnrc.yml': `nodeLinker: node-modules\n${YARN}`, 'yarn.lock': '' },
    omit: { settings: OTHER_ARCHITECTURE },
  },
  "yarn, with Plug'n'Play": {
    command: 'yarn',
    program: () => ['node', tool('@yarnpkg/cli-dist/bin/yarn.js')],
    files: { '.yarnrc.yml': `nodeLinker: pnp\npnpEnableEsmLoader: true\n${YARN}`, 'yarn.lock': '' },
    omit: { settings: OTHER_ARCHITECTURE },
    pnp: true,
  },
  bun: {
    command: 'bun',
    program: () => [bun()],
    omit: { command: 'bun install --omit=optional' },
    foreign: 'bun install --os=darwin --cpu=arm64',
  },
}

/** An application that wants a package of ours, with nothing but this package manager. */
function applicationOf(name, registry, wanted = 'lockerpm') {
  const manager = managers[name]
  const application = newApplication()
  const env = {
    CI: '1',
    npm_config_registry: registry.url,
    npm_config_update_notifier: 'false',
    pnpm_config_registry: registry.url,
    YARN_REGISTRY: registry.url,
    YARN_NPM_REGISTRY_SERVER: registry.url,
    YARN_ENABLE_IMMUTABLE_INSTALLS: 'false',
    BUN_CONFIG_REGISTRY: registry.url,
  }
  addCommand(application, manager)
  application.write('package.json', {
    name: 'application',
    version: '1.0.0',
    private: true,
    dependencies: { [wanted]: version },
  })
  for (const [file, content] of Object.entries(manager.files ?? {})) application.write(file, content)
  return {
    ...application,
    /** Runs a command line as a user would type it. */
    async shell(line) {
      const outcome = await application.run(line, [], { env, shell: true })
      if (outcome.code !== 0) throw new Error(`${line}: ${outcome.stdout}${outcome.stderr}`)
      return outcome
    },
    /** Runs a program of the application with Node.js, or what the package manager has for that. */
    node: (...args) => (manager.pnp ? run('yarn', ['node', ...args]) : run('node', args)),
    /** The names of the packages in the scope of ours that are installed. */
    installed: () => namesIn(application, manager),
    /** Installs without the package of this platform. */
    async installWithout() {
      if (manager.omit.settings)
        application.write('.yarnrc.yml', manager.files['.yarnrc.yml'] + manager.omit.settings)
      return this.shell(manager.omit.command ?? 'yarn install')
    },
    /** The addon of the package of this platform. */
    addon: () => addonIn(application, manager),
  }

  function run(command, args) {
    return application.run(command, args, { env, shell: false })
  }
}

function addCommand(application, { command, program }) {
  application.write(`.programs/${command}`, `#!/bin/sh\nexec ${program().join(' ')} "$@"\n`)
}

/** Where the packages are that `lockerpm` gets. */
function scopeIn(application, { pnp }) {
  if (!pnp) return path.join(realpathSync(application.path('node_modules/lockerpm')), '../@lockerpm')
  const [unplugged] = readdirSync(application.path('.yarn/unplugged'))
  return application.path('.yarn/unplugged', unplugged, 'node_modules/@lockerpm')
}

function namesIn(application, manager) {
  return readdirSync(scopeIn(application, manager)).sort()
}

function addonIn(application, manager) {
  const folder = path.join(scopeIn(application, manager), path.basename(binding))
  return path.join(
    folder,
    readdirSync(folder).find((name) => name.endsWith('.node')),
  )
}

module.exports = { applicationOf, managers }
