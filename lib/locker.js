'use strict'

const check = require('./arguments')
const { fromNative } = require('./errors')
const { consoleLogger, deliver } = require('./logging')
const { native } = require('./native')
const { Environment, Secret } = require('./objects')
const { abortSignal, callOptions, lockerOptions, watchOptions } = require('./options')
const { UnderWay } = require('./under-way')

// What only some programs call (`watch`, `load`, files of secrets) is loaded by its first call: every program waits for what
// is loaded here.

const toSecret = (record) => new Secret(record)
const toEnvironment = (record) => new Environment(record)
// Array.from makes an array of this realm; the native one's own `map` would make one of Node's main realm.
const toEnvironments = (records) => Array.from(records, toEnvironment)
const textOrNull = check.nullable(check.text)

/**
 * The verbs: how each checks what it is given, and what it makes of what native code answers. A verb and its `Sync` twin
 * share their entry. `kept` gives what need not be asked for, or undefined. A long answer comes in parts where the caller
 * can wait.
 */
const verbs = {
  list: {
    take: (env) => [textOrNull('env', env)],
    give: (batch) => require('./batch').takeAll(batch),
    giveParts: (next, signal) => require('./batch').takeAsTheyCome(next, signal),
  },
  get: {
    take: (key, env, defaultValue) => {
      textOrNull('defaultValue', defaultValue)
      return [check.text('key', key), textOrNull('env', env)]
    },
    kept: (read, [key, env], options) => (options?.fetch ? undefined : read(key, env, options)),
    give: (value, _key, _env, defaultValue) => value ?? defaultValue ?? undefined,
  },
  retrieve: {
    take: (key, env) => [check.text('key', key), textOrNull('env', env)],
    give: toSecret,
  },
  create: {
    take: (data) => {
      const { key, value, environmentName, description } = check.object('data', data)
      return [
        {
          key: check.text('key', key),
          value: check.text('value', value),
          environmentName: textOrNull('environmentName', environmentName),
          description: check.optional(check.text)('description', description),
        },
      ]
    },
    give: toSecret,
  },
  modify: {
    take: (key, env, data) => {
      const { value, environmentName, description } = check.object('data', data)
      return [
        check.text('key', key),
        textOrNull('env', env),
        {
          value: check.optional(check.text)('value', value),
          environmentName: textOrNull('environmentName', environmentName),
          description: check.optional(check.text)('description', description),
        },
      ]
    },
    give: toSecret,
  },
  listEnvironments: {
    take: () => [],
    give: toEnvironments,
  },
  getEnvironment: {
    take: (name) => [check.text('name', name)],
    give: (record) => (record === null ? undefined : toEnvironment(record)),
  },
  createEnvironment: {
    take: (data) => {
      const { name, externalUrl, description } = check.object('data', data)
      return [
        {
          name: check.text('name', name),
          externalUrl: check.text('externalUrl', externalUrl),
          description: check.optional(check.text)('description', description),
        },
      ]
    },
    give: toEnvironment,
  },
  modifyEnvironment: {
    take: (name, data) => {
      const { externalUrl, description } = check.object('data', data)
      return [
        check.text('name', name),
        {
          externalUrl: check.optional(check.text)('externalUrl', externalUrl),
          description: check.optional(check.text)('description', description),
        },
      ]
    },
    give: toEnvironment,
  },
}

for (const [name, verb] of Object.entries(verbs)) {
  verb.method = name
  verb.methodSync = `${name}Sync`
}

/** A client of one project. */
class Locker {
  #native
  #readKept
  #logger
  #underWay = new UnderWay(this)

  /** @param {import('../index').LockerOptions} [options] */
  constructor(options) {
    const checked = lockerOptions(options)
    this.#logger = check.nullable(check.callback)('logger', options?.logger) ?? consoleLogger
    // Native code holds on to the function it calls, so that must not hold on to this object.
    const self = new WeakRef(this)
    const wake = () => self.deref()?.#awake()
    const { NativeLocker } = native()
    try {
      this.#native = new NativeLocker(checked, environmentVariables(), wake)
      this.#readKept = this.#native.keptReader()
    } catch (error) {
      throw fromNative(error)
    }
  }

  /** A client whose options all come from the environment. */
  static fromEnv() {
    return new this()
  }

  /** Tells what changes, to `listener` or to whoever iterates over the result. */
  watch(listener, options) {
    if (typeof listener !== 'function') [listener, options] = [undefined, listener]
    const { intervalMs, onError, signal } = watchOptions(options)
    signal?.throwIfAborted()
    const start = (wake) =>
      this.#native.watch(intervalMs, callOptions({ timeoutMs: options?.timeoutMs }), wake)
    const { Watch } = require('./watch')
    return new Watch(start, { listener, onError, signal, afterLook: () => this.#deliverLog() })
  }

  /** Forgets everything that was read, in memory and on disk. */
  async clearCache() {
    try {
      await this.#underWay.add(() => this.#native.clearCache())
    } catch (error) {
      throw fromNative(error)
    }
  }

  clearCacheSync() {
    try {
      this.#native.clearCacheSync()
    } catch (error) {
      throw fromNative(error)
    }
  }

  list(env, options) {
    return this.#call('list', [env], options)
  }

  listSync(env, options) {
    return this.#callSync('list', [env], options)
  }

  get(key, env, defaultValue, options) {
    return this.#call('get', [key, env, defaultValue], options)
  }

  getSync(key, env, defaultValue, options) {
    return this.#callSync('get', [key, env, defaultValue], options)
  }

  retrieve(key, env, options) {
    return this.#call('retrieve', [key, env], options)
  }

  retrieveSync(key, env, options) {
    return this.#callSync('retrieve', [key, env], options)
  }

  create(data, options) {
    return this.#call('create', [data], options)
  }

  createSync(data, options) {
    return this.#callSync('create', [data], options)
  }

  modify(key, env, data, options) {
    return this.#call('modify', [key, env, data], options)
  }

  modifySync(key, env, data, options) {
    return this.#callSync('modify', [key, env, data], options)
  }

  listEnvironments(options) {
    return this.#call('listEnvironments', [], options)
  }

  listEnvironmentsSync(options) {
    return this.#callSync('listEnvironments', [], options)
  }

  getEnvironment(name, options) {
    return this.#call('getEnvironment', [name], options)
  }

  getEnvironmentSync(name, options) {
    return this.#callSync('getEnvironment', [name], options)
  }

  createEnvironment(data, options) {
    return this.#call('createEnvironment', [data], options)
  }

  createEnvironmentSync(data, options) {
    return this.#callSync('createEnvironment', [data], options)
  }

  modifyEnvironment(name, data, options) {
    return this.#call('modifyEnvironment', [name, data], options)
  }

  modifyEnvironmentSync(name, data, options) {
    return this.#callSync('modifyEnvironment', [name, data], options)
  }

  load(env, options) {
    return this.#follow(require('./load').load(env), options)
  }

  loadSync(env, options) {
    return this.#followSync(require('./load').load(env), options)
  }

  import(source, options) {
    return require('./import').importSecrets(this, source, options)
  }

  export(exportOptions, options) {
    return this.#follow(require('./export').exportSecrets(exportOptions), options)
  }

  exportSync(exportOptions, options) {
    return this.#followSync(require('./export').exportSecrets(exportOptions), options)
  }

  #follow(calls, options) {
    return require('./calls').follow(calls, (verb, given) => this.#call(verb, given, options))
  }

  #followSync(calls, options) {
    return require('./calls').followSync(calls, (verb, given) => this.#callSync(verb, given, options))
  }

  async #call(name, given, options) {
    const { method, take, kept, give, giveParts } = verbs[name]
    const taken = take(...given)
    const takenOptions = callOptions(options)
    const signal = abortSignal(options)
    signal?.throwIfAborted()
    const known = this.#kept(kept, taken, takenOptions)
    if (known !== undefined) return give(known, ...given)
    const cancel = signal && new (native().CancelHandle)()
    const stopWatching = signal && require('./abort').onAbort(signal, () => cancel.cancel())
    const begin = () => this.#native[method](...taken, takenOptions, cancel)
    try {
      if (giveParts) {
        const parts = begin()
        return await giveParts(() => this.#underWay.add(() => parts.next()), signal)
      }
      return give(await this.#underWay.add(begin), ...given)
    } catch (error) {
      throw signal?.aborted ? signal.reason : fromNative(error)
    } finally {
      stopWatching?.()
    }
  }

  #callSync(name, given, options) {
    const { methodSync, take, kept, give } = verbs[name]
    const taken = take(...given)
    const takenOptions = callOptions(options)
    abortSignal(options)?.throwIfAborted()
    const known = this.#kept(kept, taken, takenOptions)
    if (known !== undefined) return give(known, ...given)
    try {
      return give(this.#native[methodSync](...taken, takenOptions), ...given)
    } catch (error) {
      throw fromNative(error)
    } finally {
      this.#deliverLog()
    }
  }

  #kept(kept, taken, options) {
    try {
      return kept?.(this.#readKept, taken, options)
    } catch (error) {
      throw fromNative(error)
    }
  }

  /** Takes what native code has waiting. The log is taken last and told first: it then has what led to each answer. */
  #awake() {
    const ended = this.#native.takeEnded()
    this.#deliverLog()
    if (ended) this.#underWay.end(ended)
  }

  #deliverLog() {
    const records = this.#native.takeLogRecords()
    if (records) deliver(records, this.#logger)
  }
}

/** The variables that native code may look at; in a worker thread they are the worker's own. */
function environmentVariables() {
  const names = native()
    .environmentVariables()
    .filter((name) => process.env[name] !== undefined)
  return Object.fromEntries(names.map((name) => [name, process.env[name]]))
}

module.exports = { Locker }
