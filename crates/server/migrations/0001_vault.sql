-- Portable between SQLite and PostgreSQL. Dates are microseconds since the epoch.
-- A rule that two writers could break is a constraint here.

CREATE TABLE projects (
    id                BIGINT PRIMARY KEY NOT NULL,
    name              TEXT   NOT NULL,
    creation_date     BIGINT NOT NULL,
    revision_date     BIGINT NOT NULL,
    -- 0 until an item is deleted or an environment renamed.
    deleted_item_date BIGINT NOT NULL DEFAULT 0
);

CREATE TABLE access_keys (
    id                 TEXT   PRIMARY KEY NOT NULL,
    project_id         BIGINT NOT NULL REFERENCES projects (id),
    -- The project key, sealed for the secret of this access key.
    sealed_project_key TEXT   NOT NULL,
    permission         TEXT   NOT NULL CHECK (permission IN ('read', 'read-write')),
    -- Addresses and networks separated by commas; empty allows every address.
    allowed_addresses  TEXT   NOT NULL,
    -- An active key holds one of two slots, an inactive key none.
    slot               BIGINT CHECK (slot IN (1, 2)),
    expiration_date    BIGINT,
    creation_date      BIGINT NOT NULL,
    revision_date      BIGINT NOT NULL,
    last_use_date      BIGINT,
    UNIQUE (project_id, slot)
);

CREATE TABLE environments (
    id            TEXT   PRIMARY KEY NOT NULL,
    project_id    BIGINT NOT NULL REFERENCES projects (id),
    hash          TEXT   NOT NULL,
    name          TEXT   NOT NULL,
    external_url  TEXT   NOT NULL,
    description   TEXT   NOT NULL,
    creation_date BIGINT NOT NULL,
    revision_date BIGINT NOT NULL,
    UNIQUE (project_id, hash),
    UNIQUE (project_id, id)
);

CREATE TABLE secrets (
    id             TEXT   PRIMARY KEY NOT NULL,
    project_id     BIGINT NOT NULL REFERENCES projects (id),
    -- NULL is ALL.
    environment_id TEXT,
    hash           TEXT   NOT NULL,
    key            TEXT   NOT NULL,
    value          TEXT   NOT NULL,
    description    TEXT   NOT NULL,
    creation_date  BIGINT NOT NULL,
    revision_date  BIGINT NOT NULL,
    FOREIGN KEY (project_id, environment_id) REFERENCES environments (project_id, id)
);

-- Two indexes, because NULL equals nothing in a unique index.
CREATE UNIQUE INDEX secrets_in_all ON secrets (project_id, hash) WHERE environment_id IS NULL;
CREATE UNIQUE INDEX secrets_in_environment ON secrets (project_id, hash, environment_id);

-- A list walks these in its own order and tests the revision date without touching the rows. Without the one
-- by hash, a search by hash would walk the whole project too, because that saves sorting.
CREATE INDEX secrets_in_order ON secrets (project_id, creation_date, id, revision_date);
CREATE INDEX secrets_by_hash ON secrets (project_id, hash, creation_date, id);
CREATE INDEX environments_in_order ON environments (project_id, creation_date, id, revision_date);
