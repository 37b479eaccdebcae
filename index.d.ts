/** How much is logged. */
export declare const LogLevel: {
  /** Nothing. */
  readonly NONE: 0
  /** Failures and warnings. The default. */
  readonly ERROR: 1
  /** Every request as well. */
  readonly DEBUG: 2
}
export type LogLevel = (typeof LogLevel)[keyof typeof LogLevel]

/** One line of the log. It never holds a secret value, an access key secret or a key. */
export interface LogRecord {
  /** How bad it is. `debug` appears with `LogLevel.DEBUG` only. */
  level: 'error' | 'warn' | 'debug'
  /** What happened, in one line. */
  message: string
  /** The code of the error that it reports. */
  code?: string
  /** The HTTP method of the request that it reports. */
  method?: string
  /** The path of the request below `apiBase`, without its query. */
  path?: string
  /** The HTTP status of the answer; absent if none came. */
  statusCode?: number
  /** From sending the request to the end of the answer, in milliseconds. */
  durationMs?: number
  /** 1 for the first attempt of a request. */
  attempt?: number
  /** The server's id of the request. */
  requestId?: string
}

/** How what was read before may be used. */
export interface CacheOptions {
  /** Always ask the server. Default `false`. */
  fetch?: boolean
  /** For how many seconds what was read is used again without asking. 0 for not at all. Default 120. */
  restTime?: number
  /**
   * How many seconds old an answer may be that is used when the server cannot be reached or fails. A refusal (401, 403)
   * is never answered from the cache. Default 0: not at all.
   */
  staleIfError?: number
  /**
   * The folder where what was read is kept, sealed, for other processes; `null` keeps it in memory only. Default:
   * `LOCKER_CACHE_DIR` (`none` for none), else the platform's cache folder, such as `$XDG_CACHE_HOME/lockerpm`.
   */
  dir?: string | null
}

/** The options of a `Locker`. What is left out comes from the environment, else from the default. */
export interface LockerOptions {
  /** The id of the access key. Default: `LOCKER_ACCESS_KEY_ID`. */
  accessKeyId?: string
  /** The secret of the access key. Default: `LOCKER_ACCESS_KEY_SECRET`, then `LOCKER_SECRET_ACCESS_KEY`. */
  accessKeySecret?: string
  /** Another name of `accessKeySecret`. Both with different values are an error. */
  secretAccessKey?: string
  /** Where the API is. Default: `LOCKER_API_BASE`, then `https://api.locker.io/locker_secrets`. */
  apiBase?: string
  /** Headers sent with every call. They may not replace `Authorization` and others that a call depends on. */
  headers?: Record<string, string>
  /** Accept any TLS certificate. Anybody between you and the server can then act as the server. Default `false`. */
  unsafe?: boolean
  /** How much is logged. Default `LogLevel.ERROR`. */
  logLevel?: LogLevel
  /** Receives the log. Default: the console. */
  logger?: (record: LogRecord) => void
  /** How what was read before may be used. */
  cacheOptions?: CacheOptions
  /** Budget of one call in milliseconds, retries included. Default 30000. */
  timeoutMs?: number
  /** How often a read is tried again, from 0 to 100. A write is sent once. Default 2. */
  maxRetries?: number
  /** Certificates in PEM, trusted besides the system's and those of `NODE_EXTRA_CA_CERTS`. */
  caCert?: string | Uint8Array
  /** URL of an HTTP proxy for every call; `''` for none. Default: `HTTPS_PROXY`, `HTTP_PROXY` and `NO_PROXY`. */
  proxy?: string
}

/** The options of one call. What is left out comes from the `Locker`. */
export interface CallOptions {
  /** Ask the server, whatever the cache has. */
  fetch?: boolean
  /** For how many seconds what was read is used again without asking. */
  restTime?: number
  /** Budget of this call in milliseconds, retries included. */
  timeoutMs?: number
  /** Gives up the call, which then rejects with the signal's reason. A `Sync` call looks at it once, at its start. */
  signal?: AbortSignal
}

/** The options of a watch. */
export interface WatchOptions {
  /** How often to look, in milliseconds. Default 30000. */
  intervalMs?: number
  /** Budget of one look in milliseconds. */
  timeoutMs?: number
  /** Ends the watch. An iteration over it then throws the signal's reason. */
  signal?: AbortSignal
  /** With a listener: receives the error that has ended the watch, such as an access key that was deactivated. */
  onError?: (error: LockerError) => void
}

/** Where a secret is. */
export interface SecretPlace {
  /** The name of the secret. */
  key: string
  /** The environment that it is in; `null` for ALL. */
  environmentName: string | null
}

/** What has changed from one look to the next. A secret that moved was removed here and added there. */
export interface SecretChanges {
  /** Secrets that were not there at the look before. */
  added: SecretPlace[]
  /** Secrets with another value or description. */
  changed: SecretPlace[]
  /** Secrets that are no longer there. */
  removed: SecretPlace[]
}

/** A watch that goes on until it is stopped. It never keeps the process alive by itself. */
export interface Watch extends AsyncIterableIterator<SecretChanges> {
  /** Ends the watch, and iterations over it. */
  stop(): void
}

/** A secret. Its data are own properties; printing it shows `[REDACTED]` for the value. */
export declare class Secret {
  private constructor()
  /** The server's id of it. */
  readonly id: string
  /** Its name, by which it is asked for. */
  readonly key: string
  /** What is kept secret. */
  readonly value: string
  /** `''` if there is none. */
  readonly description: string
  /** `null` for ALL. */
  readonly environmentName: string | null
  /** `null` for ALL. */
  readonly environmentId: string | null
  /** The project that it belongs to. */
  readonly projectId: number
  /** Seconds since the epoch. */
  readonly creationDate: number | null
  /** Seconds since the epoch. */
  readonly revisionDate: number | null
  /** Seconds since the epoch. */
  readonly updatedDate: number | null
  /** Names the secret, never its value. */
  toString(): string
}

/** An environment. Its data are own properties. */
export declare class Environment {
  private constructor()
  /** The server's id of it. */
  readonly id: string
  /** Its name, by which it is asked for. */
  readonly name: string
  /** The address of what runs in it, as it was given. */
  readonly externalUrl: string
  /** `''` if there is none. */
  readonly description: string
  /** The project that it belongs to. */
  readonly projectId: number
  /** Seconds since the epoch. */
  readonly creationDate: number | null
  /** Seconds since the epoch. */
  readonly revisionDate: number | null
  /** Seconds since the epoch. */
  readonly updatedDate: number | null
}

/** The keys of your secrets as properties. Empty, until the file that `lockerpm types` writes fills it. */
export interface KnownSecrets {}

/** The names of your environments as properties. Empty, until the file that `lockerpm types` writes fills it. */
export interface KnownEnvironments {}

/** What may be asked for: any key, or one of `KnownSecrets` once that is filled. */
export type SecretKey = keyof KnownSecrets extends never ? string : keyof KnownSecrets

/** Where it may be looked for: any environment, or one of `KnownEnvironments` once that is filled; `''` for ALL. */
export type EnvironmentName = keyof KnownEnvironments extends never ? string : keyof KnownEnvironments | ''

/** A secret to be created. */
export interface NewSecret {
  /** Its name, by which it will be asked for. */
  key: string
  /** What is to be kept secret. */
  value: string
  /** The environment that it shall be in. Left out, `null` or `''`: ALL. */
  environmentName?: string | null
  /** A note on it. Default `''`. */
  description?: string
}

/** What shall be different about a secret. */
export interface SecretChange {
  /** Left out: stays as it is. */
  value?: string
  /** The environment that the secret shall be in afterwards. Left out, `null` or `''`: **it moves to ALL**. */
  environmentName?: string | null
  /** Left out: stays as it is. */
  description?: string
}

/** An environment to be created. */
export interface NewEnvironment {
  /** Its name, which cannot be changed later. */
  name: string
  /** The address of what runs in it. */
  externalUrl: string
  /** A note on it. Default `''`. */
  description?: string
}

/** What shall be different about an environment. What is left out stays as it is. */
export interface EnvironmentChange {
  /** The address of what runs in it. */
  externalUrl?: string
  /** A note on it. */
  description?: string
}

/** What an import reads: the path of a file, or a text. */
export type ImportSource = string | ImportText

/** A text that an import reads. */
export interface ImportText {
  /** The text itself. */
  content: string
  /** Default: that of the options, else `env`. */
  format?: ImportFormat
}

/** The formats that an import reads. */
export type ImportFormat = 'env' | 'ini' | 'json'

/** The formats that an export writes. */
export type ExportFormat = 'env' | 'json' | 'yaml' | 'shell' | 'docker' | 'k8s' | 'ini'

/** The options of an import. */
export interface ImportOptions {
  /** The environment that the secrets shall be in. Left out, `null` or `''`: ALL. */
  environmentName?: string | null
  /** Default: by the extension of the file, else `env`. */
  format?: ImportFormat
  /** Send nothing, and tell what would be done. Default `false`. */
  dryRun?: boolean
  /** Change secrets that exist with another value. Otherwise they are kept. Default `true`. */
  overwrite?: boolean
  /** Called after each secret of the source. */
  onProgress?: (done: number, total: number) => void
  /** How many requests are under way at once. Default 16. */
  concurrency?: number
  /** Budget of each request in milliseconds. */
  timeoutMs?: number
  /** Gives up the import, which then rejects with the signal's reason. What was sent until then stays. */
  signal?: AbortSignal
}

/** What became of the keys of a source, in its order. */
export interface ImportResult {
  /** Those that did not exist in that environment. */
  created: string[]
  /** Those that had another value. */
  changed: string[]
  /** Those that needed no change, or that `overwrite: false` has protected. */
  kept: string[]
  /** Those that are not known to be in the project now. To run the import again settles them. */
  refused: ImportRefusal[]
}

/** A key that an import could not bring in. */
export interface ImportRefusal {
  /** The key of the source. */
  key: string
  /** Why. */
  error: LockerError
}

/** What is exported, and where to. */
export interface ExportOptions {
  /** Left out, `null` or `''`: ALL alone. */
  environmentName?: string | null
  /** `shell` can be sourced, `docker` is for `--env-file`, and `k8s` is the manifest of a `Secret`. */
  format: ExportFormat
  /** The file to write, readable by its owner only. Left out: the text is given back. */
  file?: string
  /** Replace a file that exists. Default `false`. */
  force?: boolean
  /** The name of the Kubernetes `Secret`. Default `locker-secrets`. */
  name?: string
}

/**
 * A client of one project. Constructing it is cheap and does no input or output, except that the first one loads the native
 * code; the first call does. One `Locker` serves any number of calls at once. For the name of an environment, `null`,
 * `undefined` and `''` all mean ALL.
 *
 * Each verb but `import` has a `Sync` twin that takes the same and gives the same, and blocks this thread until it is done.
 */
export declare class Locker {
  /**
   * @throws {ValidationError} for an option that is unusable
   * @throws {AuthenticationError} for credentials that cannot be valid
   */
  constructor(options?: LockerOptions)

  /** A client whose options all come from the environment. */
  static fromEnv(): Locker

  /**
   * Tells which secrets are added, changed or removed from now on, to `listener` or to whoever iterates over the result.
   * An outage is survived; what changed during it is told after it. An error that will not pass, such as an access key
   * that was deactivated, ends the watch.
   */
  watch(listener: (changes: SecretChanges) => void, options?: WatchOptions): Watch
  watch(options?: WatchOptions): Watch

  /**
   * Forgets everything that was read, in memory and on disk.
   * @throws {CacheError} if the file cannot be removed
   */
  clearCache(): Promise<void>
  /** {@link Locker.clearCache}, blocking this thread until it is done. */
  clearCacheSync(): void

  /** Every secret of the project, or those of `env` only. */
  list(env?: EnvironmentName | null, options?: CallOptions): Promise<Secret[]>
  /** {@link Locker.list}, blocking this thread until it is done. */
  listSync(env?: EnvironmentName | null, options?: CallOptions): Secret[]

  /**
   * The value of a secret in `env`, else in ALL. `defaultValue` is given only if there is neither; every failure
   * throws.
   */
  get(
    key: SecretKey,
    env: EnvironmentName | null | undefined,
    defaultValue: string,
    options?: CallOptions,
  ): Promise<string>
  get(
    key: SecretKey,
    env?: EnvironmentName | null,
    defaultValue?: string | null,
    options?: CallOptions,
  ): Promise<string | undefined>
  /** {@link Locker.get}, blocking this thread until it is done. */
  getSync(
    key: SecretKey,
    env: EnvironmentName | null | undefined,
    defaultValue: string,
    options?: CallOptions,
  ): string
  getSync(
    key: SecretKey,
    env?: EnvironmentName | null,
    defaultValue?: string | null,
    options?: CallOptions,
  ): string | undefined

  /**
   * A whole secret, in `env`, else in ALL.
   * @throws {ResourceNotFoundError} if there is neither
   */
  retrieve(key: SecretKey, env?: EnvironmentName | null, options?: CallOptions): Promise<Secret>
  /** {@link Locker.retrieve}, blocking this thread until it is done. */
  retrieveSync(key: SecretKey, env?: EnvironmentName | null, options?: CallOptions): Secret

  /**
   * Creates a secret.
   * @throws {AlreadyExistsError} if the key exists in that environment
   * @throws {ResourceNotFoundError} if the environment does not exist
   */
  create(data: NewSecret, options?: CallOptions): Promise<Secret>
  /** {@link Locker.create}, blocking this thread until it is done. */
  createSync(data: NewSecret, options?: CallOptions): Secret

  /**
   * Changes the secret in exactly `env`; it never falls back to ALL. **Without `data.environmentName` the secret moves
   * to ALL**: to keep it where it is, name its environment.
   * @throws {ResourceNotFoundError} if there is no such secret, or no such environment to move to
   * @throws {AlreadyExistsError} if the key exists in the environment that it would move to
   */
  modify(
    key: string,
    env: string | null | undefined,
    data: SecretChange,
    options?: CallOptions,
  ): Promise<Secret>
  /** {@link Locker.modify}, blocking this thread until it is done. */
  modifySync(key: string, env: string | null | undefined, data: SecretChange, options?: CallOptions): Secret

  /**
   * `{ KEY: value }` of ALL, overlaid by those of `env`. The object has no prototype.
   * @throws {ResourceNotFoundError} if the environment does not exist; the message lists those that do
   */
  load(env?: EnvironmentName | null, options?: CallOptions): Promise<Record<string, string>>
  /** {@link Locker.load}, blocking this thread until it is done. */
  loadSync(env?: EnvironmentName | null, options?: CallOptions): Record<string, string>

  /**
   * Brings the secrets of a file or a text into an environment. Only what differs from what is there is sent, so an import
   * that was interrupted goes on when it is run again. A rate limit is waited for. It has no `Sync` twin, because many
   * requests are under way at once.
   * @throws {ValidationError} if the source cannot be read as a whole; nothing is sent then
   * @throws {ResourceNotFoundError} if the environment does not exist; the message lists those that do
   */
  import(source: ImportSource, options?: ImportOptions): Promise<ImportResult>

  /**
   * Writes what `load` gives in another format: as a text, or to a file, which appears complete or not at all.
   * @throws {ValidationError} if the file exists and `force` is not given, if it cannot be written, or if the format
   *   cannot hold a key or a value
   * @throws {ResourceNotFoundError} if the environment does not exist; the message lists those that do
   */
  export(exportOptions: ExportOptions & { file: string }, options?: CallOptions): Promise<undefined>
  export(exportOptions: ExportOptions & { file?: undefined }, options?: CallOptions): Promise<string>
  export(exportOptions: ExportOptions, options?: CallOptions): Promise<string | undefined>
  /** {@link Locker.export}, blocking this thread until it is done. */
  exportSync(exportOptions: ExportOptions & { file: string }, options?: CallOptions): undefined
  exportSync(exportOptions: ExportOptions & { file?: undefined }, options?: CallOptions): string
  exportSync(exportOptions: ExportOptions, options?: CallOptions): string | undefined

  /** Every environment of the project. */
  listEnvironments(options?: CallOptions): Promise<Environment[]>
  /** {@link Locker.listEnvironments}, blocking this thread until it is done. */
  listEnvironmentsSync(options?: CallOptions): Environment[]

  /** The environment of this name; `undefined` if there is none. Every failure throws. */
  getEnvironment(name: string, options?: CallOptions): Promise<Environment | undefined>
  /** {@link Locker.getEnvironment}, blocking this thread until it is done. */
  getEnvironmentSync(name: string, options?: CallOptions): Environment | undefined

  /**
   * Creates an environment.
   * @throws {AlreadyExistsError} if the name exists
   */
  createEnvironment(data: NewEnvironment, options?: CallOptions): Promise<Environment>
  /** {@link Locker.createEnvironment}, blocking this thread until it is done. */
  createEnvironmentSync(data: NewEnvironment, options?: CallOptions): Environment

  /**
   * Changes an environment. Its name cannot be changed.
   * @throws {ResourceNotFoundError} if there is no such environment
   */
  modifyEnvironment(name: string, data: EnvironmentChange, options?: CallOptions): Promise<Environment>
  /** {@link Locker.modifyEnvironment}, blocking this thread until it is done. */
  modifyEnvironmentSync(name: string, data: EnvironmentChange, options?: CallOptions): Environment
}

/** What an error can carry besides its message. */
export interface LockerErrorDetails {
  /** Fit to be shown to a user. Default: the message. */
  userMessage?: string
  /** The HTTP status. Default: the one that the class stands for. */
  statusCode?: number
  /** The option or argument that has to change. */
  field?: string
  /** Whether the same call may succeed later without any change. Default `false`. */
  retryable?: boolean
  /** How many seconds to wait; for a `RateLimitError`. */
  retryAfter?: number
  /** The server's id of the request. */
  requestId?: string
  /** The beginning of the server's answer. */
  httpBody?: string
  /** What this error came from. */
  cause?: unknown
}

/**
 * The base of all errors of this package. No field, message or stack ever holds a secret value or the access key's
 * secret.
 */
export declare class LockerError extends Error {
  constructor(message: string, details?: LockerErrorDetails)
  /** Stable; texts are not. */
  readonly code: string
  /** The message without technical additions, fit to be shown to a user. */
  readonly userMessage: string
  /** The HTTP status of the server's answer, or the one that this class stands for. */
  readonly statusCode?: number
  /** The option or argument that has to change. */
  readonly field?: string
  /** Whether the same call may succeed later without any change. */
  readonly retryable: boolean
  /** The server's id of the request. */
  readonly requestId?: string
  /** The beginning of the server's answer. At most 4 KiB. */
  readonly httpBody?: string
}

/** The access key is unknown, inactive, malformed, or cannot open the project. */
export declare class AuthenticationError extends LockerError {}
/** The access key may not do this, or not from this address. */
export declare class PermissionDeniedError extends LockerError {}
/** Too many calls. */
export declare class RateLimitError extends LockerError {
  /** How many seconds the server asks to wait, if it said so. */
  readonly retryAfter?: number
}
/** The secret or the environment does not exist. */
export declare class ResourceNotFoundError extends LockerError {}
/** The server failed, or its answer does not follow the protocol. */
export declare class APIServerError extends LockerError {}
/** No answer: refused, reset, DNS, TLS. */
export declare class APIConnectionError extends LockerError {}
/** No complete answer within `timeoutMs`. */
export declare class TimeoutError extends APIConnectionError {}
/** Encryption or decryption failed on this side. */
export declare class CliRunError extends LockerError {}
/** Data was altered, or is not what the protocol requires. */
export declare class IntegrityError extends CliRunError {}
/** The (key, environment) or the environment exists. */
export declare class AlreadyExistsError extends LockerError {}
/** What the caller passed is unusable; `field` names it. */
export declare class ValidationError extends LockerError {}
/** The cache folder cannot be used, and the call needed it. */
export declare class CacheError extends LockerError {}
