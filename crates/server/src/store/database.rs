//! Which database to open.

use std::{
    fmt,
    path::{self, PathBuf},
    str::FromStr,
};

use sqlx::{ConnectOptions, postgres::PgConnectOptions};
use url::{Host, Url};

/// A database, as `--database` names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Database {
    /// A SQLite file, by its absolute path.
    SqliteFile(PathBuf),
    /// A SQLite database in memory, gone when it is closed.
    SqliteMemory,
    /// A PostgreSQL database, which many servers may share.
    Postgres(PostgresUrl),
}

/// The address of a PostgreSQL database. Printing it leaves out the password and everything else that is nobody's
/// business.
#[derive(Clone, PartialEq, Eq)]
pub struct PostgresUrl(Url);

/// Why a text names no database that can be used. None of the texts repeats what was given: there may be a password
/// in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DatabaseUrlError {
    /// The scheme is not known.
    #[error("--database must be sqlite:PATH or postgres://USER@HOST:PORT/NAME")]
    Scheme,
    /// The parts of a PostgreSQL address cannot be told apart.
    #[error(
        "--database: write postgres://USER:PASSWORD@HOST:PORT/NAME, and in a user name or password %2F for /, \
         %3A for :, %40 for @, %3F for ?, %23 for # and %25 for %"
    )]
    Postgres,
    /// What follows the `?` is not known.
    #[error("--database: what may follow the ? of a PostgreSQL address is {}", PARAMETERS.join(", "))]
    Parameter,
    /// What follows the `?` has a value that cannot be used.
    #[error(
        "--database: after the ?, sslmode is disable, allow, prefer, require, verify-ca or verify-full, hostaddr is \
         an IP address and port is a number"
    )]
    Value,
    /// The path is empty, or stands for a database in memory.
    #[error("--database needs a file: sqlite:PATH. For a database in memory there is `locker-server dev`")]
    NoFile,
    /// The path cannot be used.
    #[error("--database: the path must be valid UTF-8 and its folder must be known")]
    Path,
}

/// Others would be ignored with a warning that repeats their value, which may be a misspelt `password`.
const PARAMETERS: [&str; 11] = [
    "sslmode",
    "sslrootcert",
    "sslcert",
    "sslkey",
    "host",
    "hostaddr",
    "port",
    "dbname",
    "user",
    "password",
    "application_name",
];

impl Database {
    /// The address as sqlx takes it, with a path percent-encoded so that `?` and `#` are part of the name.
    pub(super) fn url(&self) -> Result<Url, DatabaseUrlError> {
        match self {
            Self::Postgres(PostgresUrl(url)) => {
                let mut url = url.clone();
                // sqlx would look for a name with these brackets in it.
                if let Some(Host::Ipv6(address)) = url.host() {
                    url.query_pairs_mut().append_pair("hostaddr", &address.to_string());
                }
                Ok(url)
            }
            Self::SqliteMemory => Url::parse("sqlite::memory:").map_err(|_| DatabaseUrlError::Path),
            Self::SqliteFile(path) => {
                let path = path.to_str().ok_or(DatabaseUrlError::Path)?;
                let mut url = Url::parse("sqlite:///").map_err(|_| DatabaseUrlError::Path)?;
                // Url leaves a `%` as it is, taking it for the start of an escape.
                url.set_path(&path.replace('%', "%25"));
                Ok(url)
            }
        }
    }
}

impl FromStr for Database {
    type Err = DatabaseUrlError;

    fn from_str(text: &str) -> Result<Self, DatabaseUrlError> {
        if text.starts_with("postgres:") || text.starts_with("postgresql:") {
            return text.parse().map(Self::Postgres);
        }
        let path = text.strip_prefix("sqlite:").ok_or(DatabaseUrlError::Scheme)?;
        let path = path.strip_prefix("//").unwrap_or(path);
        if path.is_empty() || path == ":memory:" {
            return Err(DatabaseUrlError::NoFile);
        }
        path::absolute(path).map(Self::SqliteFile).map_err(|_| DatabaseUrlError::Path)
    }
}

impl FromStr for PostgresUrl {
    type Err = DatabaseUrlError;

    fn from_str(text: &str) -> Result<Self, DatabaseUrlError> {
        let url = Url::parse(text).map_err(|_| DatabaseUrlError::Postgres)?;
        // A password with a bare `/`, `#` or `@` ends up in these.
        let name = url.path().trim_start_matches('/');
        if !url.has_authority() || url.fragment().is_some() || name.contains(['/', '@']) {
            return Err(DatabaseUrlError::Postgres);
        }
        if url.query_pairs().any(|(name, _)| !PARAMETERS.contains(&&*name)) {
            return Err(DatabaseUrlError::Parameter);
        }
        PgConnectOptions::from_url(&url).map_err(|_| DatabaseUrlError::Value)?;
        Ok(Self(url))
    }
}

impl fmt::Display for PostgresUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "postgres://{}", self.0.host_str().unwrap_or_default())?;
        if let Some(port) = self.0.port() {
            write!(f, ":{port}")?;
        }
        f.write_str(self.0.path())
    }
}

impl fmt::Debug for PostgresUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PostgresUrl({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(text: &str) -> DatabaseUrlError {
        let error = text.parse::<Database>().unwrap_err();
        assert!(!error.to_string().contains("hunter2"), "{error}");
        error
    }

    #[test]
    fn names_a_file() {
        for text in ["sqlite:/var/lib/locker.db", "sqlite:///var/lib/locker.db"] {
            assert_eq!(text.parse(), Ok(Database::SqliteFile("/var/lib/locker.db".into())), "{text}");
        }
    }

    #[test]
    fn says_why_not() {
        assert_eq!(refusal("mysql://localhost/locker"), DatabaseUrlError::Scheme);
        assert_eq!(refusal("/var/lib/locker.db"), DatabaseUrlError::Scheme);
        assert_eq!(refusal("sqlite:"), DatabaseUrlError::NoFile);
        assert_eq!(refusal("sqlite::memory:"), DatabaseUrlError::NoFile);
        for text in ["postgres:locker", "postgres://u:hunter2/x@h/locker", "postgres://u:1/hunter2@h/locker"]
        {
            assert_eq!(refusal(text), DatabaseUrlError::Postgres, "{text}");
        }
        assert_eq!(refusal("postgres://u:hunter2#x@h/locker"), DatabaseUrlError::Postgres);
        assert_eq!(refusal("postgres://h/locker#hunter2"), DatabaseUrlError::Postgres);
        assert_eq!(refusal("postgres://h/locker?pasword=hunter2"), DatabaseUrlError::Parameter);
        assert_eq!(refusal("postgres://h/locker?sslmode=hunter2"), DatabaseUrlError::Value);
    }

    #[test]
    fn a_password_is_never_printed() {
        for text in [
            "postgres://ann:hunter2@db.example:5433/locker?sslmode=verify-full",
            "postgresql://ann@db.example:5433/locker?password=hunter2",
        ] {
            let Ok(database) = text.parse::<Database>() else { panic!("{text} is refused") };
            let Database::Postgres(url) = &database else { panic!("{text} is no PostgreSQL") };
            assert_eq!(url.to_string(), "postgres://db.example:5433/locker");
            assert_eq!(format!("{database:?}"), "Postgres(PostgresUrl(postgres://db.example:5433/locker))");
        }
    }

    #[test]
    fn an_ipv6_address_is_no_name() {
        let url = "postgres://ann@[::1]:5433/locker".parse::<Database>().unwrap().url().unwrap();
        assert_eq!(PgConnectOptions::from_url(&url).unwrap().get_host(), "::1");
    }

    #[test]
    fn odd_characters_stay_in_the_path() {
        let url = Database::SqliteFile("/a b/c?d#e%20f.db".into()).url().unwrap();
        assert_eq!(url.as_str(), "sqlite:///a%20b/c%3Fd%23e%2520f.db");
    }
}
