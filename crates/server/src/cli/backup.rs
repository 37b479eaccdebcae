//! `locker-server backup`.

use std::path::PathBuf;

use super::{CommandResult, database::DatabaseParser, tell};
use crate::store::{self, Copied, Database};

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The database: sqlite:PATH or postgres://USER@HOST/NAME.
    #[arg(long, value_name = "URL", value_parser = DatabaseParser)]
    database: Database,
    /// The file to write, readable for you only.
    #[arg(long, value_name = "FILE")]
    to: PathBuf,
    /// Replace the file if it exists.
    #[arg(long)]
    force: bool,
}

pub(super) async fn run(args: Args) -> CommandResult {
    let copied = store::backup(&args.database, &args.to, args.force).await?;
    tell(format_args!("{}: {}", args.to.display(), describe(&copied)));
    Ok(())
}

/// How many rows of each table.
pub(super) fn describe(copied: &Copied) -> String {
    copied.iter().map(|(table, rows)| format!("{table} {rows}")).collect::<Vec<_>>().join(", ")
}
