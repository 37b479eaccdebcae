//! What large answers are read into, used again: for each page of a list malloc would get memory from the system, and give
//! it back.

use std::{
    mem,
    ops::{Deref, DerefMut, RangeInclusive},
    sync::{Arc, Mutex, MutexGuard, PoisonError, Weak},
    time::Duration,
};

use tokio::{runtime::Handle, time};

/// So many are kept. No more pages of a list are under way at a time.
const MOST: usize = 3;
/// The capacity, in bytes, of those that are kept: malloc handles smaller ones well, and larger ones are rare.
const KEPT: RangeInclusive<usize> = 128 * 1024..=2 * 1024 * 1024;
/// After so long without a large answer none is kept any more: a client at rest holds no memory that it does not need.
const REST: Duration = Duration::from_secs(2);

/// The buffers of one client that are free.
#[derive(Default)]
pub(super) struct Buffers(Mutex<Free>);

#[derive(Default)]
struct Free {
    buffers: Vec<Vec<u8>>,
    /// Whether any was taken since the last look.
    is_used: bool,
    /// Whether there is a task that looks.
    is_watched: bool,
}

/// A buffer that goes back when it is dropped. What was in it is ciphertext, and is not zeroed.
#[derive(Default)]
pub(super) struct Buffer {
    bytes: Vec<u8>,
    home: Weak<Buffers>,
}

impl Buffers {
    /// An empty buffer with room for so many bytes.
    pub(super) fn take(self: &Arc<Self>, capacity: usize) -> Buffer {
        let known = KEPT.contains(&capacity).then(|| self.free().take(capacity)).flatten();
        let bytes = known.unwrap_or_else(|| Vec::with_capacity(capacity));
        Buffer { bytes, home: Arc::downgrade(self) }
    }

    fn give(self: &Arc<Self>, mut bytes: Vec<u8>) {
        // Without a runtime nobody would ever look.
        let Ok(runtime) = Handle::try_current() else { return };
        bytes.clear();
        let mut free = self.free();
        if free.buffers.len() < MOST {
            free.buffers.push(bytes);
        }
        if !mem::replace(&mut free.is_watched, true) {
            runtime.spawn(watch(Arc::downgrade(self)));
        }
    }

    fn free(&self) -> MutexGuard<'_, Free> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Free {
    fn take(&mut self, capacity: usize) -> Option<Vec<u8>> {
        self.is_used = true;
        let Some(at) = self.buffers.iter().position(|buffer| buffer.capacity() >= capacity) else {
            // One that is too small makes room for what comes back.
            self.buffers.pop();
            return None;
        };
        Some(self.buffers.swap_remove(at))
    }

    /// Lets go of the buffers if none was taken since the last look; then nobody looks any more.
    fn is_at_rest(&mut self) -> bool {
        if mem::take(&mut self.is_used) {
            return false;
        }
        *self = Self::default();
        true
    }
}

/// Looks after the buffers until they are at rest.
async fn watch(buffers: Weak<Buffers>) {
    loop {
        time::sleep(REST).await;
        if buffers.upgrade().is_none_or(|buffers| buffers.free().is_at_rest()) {
            return;
        }
    }
}

impl Drop for Buffer {
    fn drop(&mut self) {
        if KEPT.contains(&self.bytes.capacity())
            && let Some(home) = self.home.upgrade()
        {
            home.give(mem::take(&mut self.bytes));
        }
    }
}

impl From<Vec<u8>> for Buffer {
    fn from(bytes: Vec<u8>) -> Self {
        Self { bytes, home: Weak::new() }
    }
}

impl Deref for Buffer {
    type Target = Vec<u8>;

    fn deref(&self) -> &Vec<u8> {
        &self.bytes
    }
}

impl DerefMut for Buffer {
    fn deref_mut(&mut self) -> &mut Vec<u8> {
        &mut self.bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: usize = 1_000_000;

    fn free(buffers: &Buffers) -> usize {
        buffers.free().buffers.len()
    }

    #[tokio::test]
    async fn a_buffer_comes_again_and_is_empty() {
        let buffers = Arc::new(Buffers::default());
        let mut first = buffers.take(PAGE);
        first.extend_from_slice(b"sealed");
        let place = first.as_ptr();
        drop(first);
        let second = buffers.take(PAGE - 1);
        assert_eq!((second.as_ptr(), second.len(), free(&buffers)), (place, 0, 0));
        drop(second);
        assert!(buffers.take(PAGE + 1).capacity() > PAGE);
    }

    #[tokio::test]
    async fn few_of_bounded_size_are_kept() {
        let buffers = Arc::new(Buffers::default());
        for capacity in [KEPT.start() - 1, KEPT.end() + 1] {
            drop(buffers.take(capacity));
            assert_eq!(free(&buffers), 0, "{capacity}");
        }
        let many: Vec<_> = (0..2 * MOST).map(|_| buffers.take(PAGE)).collect();
        drop(many);
        assert_eq!(free(&buffers), MOST);
    }

    #[tokio::test(start_paused = true)]
    async fn at_rest_none_is_kept() {
        let buffers = Arc::new(Buffers::default());
        for _ in 0..2 {
            drop(buffers.take(PAGE));
            time::sleep(REST * 3 / 2).await;
            assert_eq!(free(&buffers), 1);
            time::sleep(REST).await;
            assert_eq!(free(&buffers), 0);
        }
    }

    #[test]
    fn without_a_runtime_none_is_kept() {
        let buffers = Arc::new(Buffers::default());
        drop(buffers.take(PAGE));
        assert_eq!(free(&buffers), 0);
    }
}
