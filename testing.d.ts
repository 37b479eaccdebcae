/** How a server for tests is started. */
export interface LockerServerOptions {
  /** Further arguments of `locker-server dev`, such as `--tls-self-signed`. */
  args?: string[]
  /** The program. Default: `LOCKER_SERVER_BIN`, then the package `@lockerpm/server`, then `locker-server` of `PATH`. */
  binary?: string
}

/** A running `locker-server` with a project of its own. `new Locker(server)` is a client of it. */
export interface LockerServer {
  /** The id of an access key that may read and write. */
  readonly accessKeyId: string
  /** The secret of that access key. */
  readonly accessKeySecret: string
  /** Where the API is. */
  readonly apiBase: string
  /** The certificate authority in PEM, with `--tls-self-signed`. */
  readonly caCert?: string
  /** What was read is not kept on disk: the project is gone when the server is. */
  readonly cacheOptions: {
    /** Nowhere. */
    dir: null
  }
  /** Where the server's page is. */
  readonly url: string
  /** The id of the project. */
  readonly projectId: number
  /** An access key that may only read. */
  readonly readOnly: {
    /** Its id. */
    accessKeyId: string
    /** Its secret. */
    accessKeySecret: string
  }
  /** The account that the project belongs to. */
  readonly account: {
    /** What it signs in with on the page, */
    email: string
    /** and its password there. */
    masterPassword: string
  }
  /** Ends the server, and waits for its end. */
  stop(): Promise<void>
}

/**
 * Starts a `locker-server` on a free port, with an empty project in memory. It ends with this process at the latest, and
 * does not keep it alive.
 * @throws {Error} if there is no such program, or if it does not start
 */
export declare function startLockerServer(options?: LockerServerOptions): Promise<LockerServer>
