//! `locker-server account`.

use serde::Serialize;

use super::{
    CommandResult, print, print_text,
    signing_in::{SigningIn, sign_out},
};

#[derive(Debug, clap::Subcommand)]
pub(super) enum Command {
    /// Make an account. Its master password opens everything in it: nobody can bring back one that is lost.
    Create {
        #[command(flatten)]
        signing_in: SigningIn,
        /// Print one line of JSON.
        #[arg(long)]
        json: bool,
    },
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Shown<'a> {
    account_id: &'a str,
    email: &'a str,
}

pub(super) async fn run(command: Command) -> CommandResult {
    let Command::Create { signing_in, json } = command;
    let account = signing_in.create_account().await?;
    let shown = Shown { account_id: account.id(), email: account.email() };
    let printed =
        if json { print(&shown) } else { print_text(&format!("The account {} is made.\n", shown.email)) };
    sign_out(account).await;
    printed
}
