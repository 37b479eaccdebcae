//! A new migration, or a new build of the web page, is compiled in without any source file changing.

use std::path::Path;

fn main() {
    println!("cargo::rerun-if-changed=migrations");
    if Path::new("web/dist/index.html").exists() {
        println!("cargo::rerun-if-changed=web/dist");
    } else {
        // Cargo would always take a folder that is missing for a changed one.
        println!("cargo::rerun-if-changed=web");
        println!(
            "cargo::warning=the web page is not built and will be missing: run `npm run build:web` and build again"
        );
    }
}
