//! `locker-server account`.

use std::error::Error;

use locker_core::crypto::{Kdf, MasterPassword};
use serde::Serialize;

use super::{
    CommandResult,
    database::DatabaseParser,
    master_password, new_account, print, print_text,
    signing_in::{SigningIn, sign_out},
};
use crate::{
    domain::{
        accounts::{self, SignUp},
        fields::Email,
    },
    store::{Database, Store},
};

#[derive(Debug, clap::Subcommand)]
pub(super) enum Command {
    /// Make an account. Its master password opens everything in it: nobody can bring back one that is lost.
    Create {
        #[command(flatten)]
        signing_in: SigningIn,
        /// Make it in this database, as the operator of the server and even if sign-up is closed; no server is asked.
        #[arg(long, value_name = "URL", value_parser = DatabaseParser)]
        database: Option<Database>,
        /// Print one line of JSON.
        #[arg(long)]
        json: bool,
    },
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Shown {
    account_id: String,
    email: String,
}

pub(super) async fn run(command: Command) -> CommandResult {
    let Command::Create { signing_in, database, json } = command;
    let shown = match database {
        Some(database) => create_in(&database, signing_in.email).await?,
        None => {
            let account = signing_in.create_account().await?;
            let shown = Shown { account_id: account.id().to_owned(), email: account.email().to_owned() };
            sign_out(account).await;
            shown
        }
    };
    if json { print(&shown) } else { print_text(&format!("The account {} is made.\n", shown.email)) }
}

async fn create_in(database: &Database, email: String) -> Result<Shown, Box<dyn Error>> {
    let email = Email::try_from(email).map_err(|problem| format!("--email: {problem}"))?;
    let (password, kdf) = (MasterPassword::choose(&master_password::choose()?)?, Kdf::make()?);
    let master_key = new_account::derive(password, kdf.clone()).await?;
    let (new, _) = new_account::make(email, kdf, &master_key)?;
    let store = Store::open(database).await?;
    let account = accounts::create(&store, new, SignUp::Open).await?;
    store.close().await;
    Ok(Shown { account_id: account.id, email: account.email })
}
