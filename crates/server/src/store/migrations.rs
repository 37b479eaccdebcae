//! The tables, and which version of this program they are of.

use sqlx::{AnyConnection, migrate::Migrator};

use super::StoreError;

pub(super) static MIGRATIONS: Migrator = sqlx::migrate!();

/// Whose tables they are that a database has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Version {
    #[error("this version of locker-server")]
    This,
    #[error("an older version of locker-server")]
    Older,
    #[error("a newer version of locker-server")]
    Newer,
    #[error("another program")]
    Foreign,
}

/// Looks at what was done to a database, and changes nothing.
pub(super) async fn version(connection: &mut AnyConnection) -> Result<Version, StoreError> {
    let sql = "SELECT version, checksum FROM _sqlx_migrations ORDER BY version";
    let applied: Vec<(i64, Vec<u8>)> = match sqlx::query_as(sql).fetch_all(connection).await {
        // There is no such table.
        Err(sqlx::Error::Database(_)) => return Ok(Version::Foreign),
        other => other?,
    };
    let known: Vec<_> = MIGRATIONS.iter().map(|one| (one.version, one.checksum.to_vec())).collect();
    Ok(if applied == known {
        Version::This
    } else if known.starts_with(&applied) {
        Version::Older
    } else if applied.starts_with(&known) {
        Version::Newer
    } else {
        Version::Foreign
    })
}
