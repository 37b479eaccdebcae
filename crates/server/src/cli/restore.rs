//! `locker-server restore`.

use std::path::PathBuf;

use super::{CommandResult, backup::describe, database::DatabaseParser, tell};
use crate::store::{self, Database};

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The database, which must be empty: sqlite:PATH, made if it is missing, or postgres://USER@HOST/NAME.
    #[arg(long, value_name = "URL", value_parser = DatabaseParser)]
    database: Database,
    /// The backup.
    #[arg(long, value_name = "FILE")]
    from: PathBuf,
}

pub(super) async fn run(args: Args) -> CommandResult {
    let copied = store::restore(&args.database, &args.from).await?;
    tell(format_args!("restored {}", describe(&copied)));
    Ok(())
}
