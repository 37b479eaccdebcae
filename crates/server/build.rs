//! A new migration is compiled in without any source file changing.

fn main() {
    println!("cargo:rerun-if-changed=migrations");
}
