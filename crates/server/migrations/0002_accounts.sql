-- Accounts own workspaces, workspaces hold projects. The server stores what it needs to tell that somebody
-- knows a master password, and keys that only that password opens.

CREATE TABLE accounts (
    id                 TEXT   PRIMARY KEY NOT NULL,
    -- In lower case.
    email              TEXT   NOT NULL UNIQUE,
    -- JSON: how the master password is stretched, with its salt.
    kdf                TEXT   NOT NULL,
    -- A PHC string: the hash of the sign-in key, which is derived from the master password.
    sign_in_hash       TEXT   NOT NULL,
    -- The account key, sealed for the master password.
    sealed_account_key TEXT   NOT NULL,
    creation_date      BIGINT NOT NULL
);

CREATE TABLE workspaces (
    id            TEXT   PRIMARY KEY NOT NULL,
    account_id    TEXT   NOT NULL REFERENCES accounts (id),
    name          TEXT   NOT NULL,
    creation_date BIGINT NOT NULL
);

CREATE INDEX workspaces_of_account ON workspaces (account_id, creation_date, id);

-- NULL for a project that was made before there were accounts: its access keys still work, nobody manages it.
ALTER TABLE projects ADD COLUMN workspace_id TEXT REFERENCES workspaces (id);
-- The project key, sealed for the account key.
ALTER TABLE projects ADD COLUMN sealed_project_key TEXT;

CREATE INDEX projects_of_workspace ON projects (workspace_id, id);

CREATE TABLE sessions (
    -- SHA-256 of the cookie, so that nobody who reads the database can use a session.
    id_hash         TEXT   PRIMARY KEY NOT NULL,
    -- JSON.
    data            TEXT   NOT NULL,
    expiration_date BIGINT NOT NULL
);

CREATE INDEX sessions_by_expiration_date ON sessions (expiration_date);

CREATE TABLE access_logs (
    -- UUIDs of version 7: their order is that of time.
    id            TEXT   PRIMARY KEY NOT NULL,
    project_id    BIGINT NOT NULL REFERENCES projects (id),
    date          BIGINT NOT NULL,
    -- Who: one of the two. No reference, because the entry outlives the access key.
    access_key_id TEXT,
    account_id    TEXT,
    -- What, such as secret.create, and to which item.
    action        TEXT   NOT NULL,
    item_id       TEXT,
    address       TEXT   NOT NULL,
    -- The status of the answer.
    status        BIGINT NOT NULL
);

CREATE INDEX access_logs_of_project ON access_logs (project_id, id);
CREATE INDEX access_logs_by_date ON access_logs (date);

-- When the calls of a subject that were let through will have been paid for, in microseconds since the epoch.
CREATE TABLE rate_limits (
    subject TEXT   PRIMARY KEY NOT NULL,
    arrival BIGINT NOT NULL
);

-- What all servers of a database must agree on.
CREATE TABLE settings (
    name  TEXT PRIMARY KEY NOT NULL,
    value TEXT NOT NULL
);

-- The number of the newest project. A number is never used twice, because it is part of name hashes.
CREATE TABLE counters (
    name  TEXT   PRIMARY KEY NOT NULL,
    value BIGINT NOT NULL
);

INSERT INTO counters (name, value) SELECT 'projects', COALESCE(MAX(id), 0) FROM projects;
