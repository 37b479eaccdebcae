//! Which database to open.

use std::{
    path::{self, PathBuf},
    str::FromStr,
};

use url::Url;

/// A database, as `--database` names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Database {
    /// A SQLite file, by its absolute path.
    SqliteFile(PathBuf),
    /// A SQLite database in memory, gone when it is closed.
    SqliteMemory,
}

/// Why a text names no database that can be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DatabaseUrlError {
    /// The scheme is not known.
    #[error("--database must be sqlite:PATH")]
    Scheme,
    /// PostgreSQL is still to come.
    #[error("--database: this version cannot use PostgreSQL yet; name a file with sqlite:PATH")]
    Postgres,
    /// The path is empty, or stands for a database in memory.
    #[error("--database needs a file: sqlite:PATH. For a database in memory there is `locker-server dev`")]
    NoFile,
    /// The path cannot be used.
    #[error("--database: the path must be valid UTF-8 and its folder must be known")]
    Path,
}

impl Database {
    /// The address as sqlx takes it, with the path percent-encoded so that `?` and `#` are part of the name.
    pub(super) fn url(&self) -> Result<String, DatabaseUrlError> {
        match self {
            Self::SqliteMemory => Ok("sqlite::memory:".to_owned()),
            Self::SqliteFile(path) => {
                let path = path.to_str().ok_or(DatabaseUrlError::Path)?;
                let mut url = Url::parse("sqlite:///").map_err(|_| DatabaseUrlError::Path)?;
                // Url leaves a `%` as it is, taking it for the start of an escape.
                url.set_path(&path.replace('%', "%25"));
                Ok(url.into())
            }
        }
    }
}

impl FromStr for Database {
    type Err = DatabaseUrlError;

    fn from_str(text: &str) -> Result<Self, DatabaseUrlError> {
        if text.starts_with("postgres:") || text.starts_with("postgresql:") {
            return Err(DatabaseUrlError::Postgres);
        }
        let path = text.strip_prefix("sqlite:").ok_or(DatabaseUrlError::Scheme)?;
        let path = path.strip_prefix("//").unwrap_or(path);
        if path.is_empty() || path == ":memory:" {
            return Err(DatabaseUrlError::NoFile);
        }
        path::absolute(path).map(Self::SqliteFile).map_err(|_| DatabaseUrlError::Path)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_a_file() {
        for text in ["sqlite:/var/lib/locker.db", "sqlite:///var/lib/locker.db"] {
            assert_eq!(text.parse(), Ok(Database::SqliteFile("/var/lib/locker.db".into())), "{text}");
        }
    }

    #[test]
    fn says_why_not() {
        let parse = |text: &str| text.parse::<Database>().unwrap_err();
        assert_eq!(parse("postgres://localhost/locker"), DatabaseUrlError::Postgres);
        assert_eq!(parse("mysql://localhost/locker"), DatabaseUrlError::Scheme);
        assert_eq!(parse("/var/lib/locker.db"), DatabaseUrlError::Scheme);
        assert_eq!(parse("sqlite:"), DatabaseUrlError::NoFile);
        assert_eq!(parse("sqlite::memory:"), DatabaseUrlError::NoFile);
    }

    #[test]
    fn odd_characters_stay_in_the_path() {
        let url = Database::SqliteFile("/a b/c?d#e%20f.db".into()).url();
        assert_eq!(url.as_deref(), Ok("sqlite:///a%20b/c%3Fd%23e%2520f.db"));
    }
}
