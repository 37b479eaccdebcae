//! The hash of a sign-in key, which is all that the server keeps of it.

use argon2::{
    Argon2,
    password_hash::{PasswordHasher, PasswordVerifier, phc::PasswordHash},
};
use tokio::sync::Semaphore;

use super::{DomainError, fields::SignInKey};

/// Hashing takes 19 MiB each time: so many at once, whatever is asked.
static TURNS: Semaphore = Semaphore::const_new(4);

/// Argon2id with the parameters that OWASP recommends, as a PHC string.
pub(super) async fn hash(key: SignInKey) -> Result<String, DomainError> {
    in_turn(move || {
        let hash = Argon2::default().hash_password(key.as_bytes());
        hash.map(|hash| hash.to_string()).map_err(|_| DomainError::Failed("a sign-in key cannot be hashed"))
    })
    .await
}

/// Whether `key` is the one that was hashed. Without a hash it takes as long, so that nobody can tell from the time
/// whether there is an account.
pub(super) async fn verify(key: SignInKey, hash: Option<String>) -> Result<bool, DomainError> {
    in_turn(move || {
        let argon2 = Argon2::default();
        let Some(hash) = hash else {
            let _ = argon2.hash_password(key.as_bytes());
            return Ok(false);
        };
        let hash =
            PasswordHash::new(&hash).map_err(|_| DomainError::Failed("a stored hash cannot be read"))?;
        Ok(argon2.verify_password(key.as_bytes(), &hash).is_ok())
    })
    .await
}

async fn in_turn<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, DomainError> + Send + 'static,
) -> Result<T, DomainError> {
    let _turn = TURNS.acquire().await;
    tokio::task::spawn_blocking(work).await.map_err(|_| DomainError::Failed("hashing broke off"))?
}
