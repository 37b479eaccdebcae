//! The other end of the wire: a server that speaks the Locker Secrets protocol and stores only ciphertext.
//!
//! Dependencies point one way: [`cli`] -> [`http`] -> [`domain`] -> [`store`].

pub mod cli;
pub mod domain;
pub mod http;
mod private_fs;
pub mod store;
