//! Work on many items, on all cores.

use std::{num::NonZero, panic, sync::LazyLock, thread};

/// What a thread must have to do to be worth its start: about a millisecond.
const LEAST_ITEMS: usize = 500;

/// Asking for it reads files.
static CORES: LazyLock<usize> = LazyLock::new(|| thread::available_parallelism().map_or(1, NonZero::get));

/// Does `work` on parts of `items`, and gives what comes of them in order, or the first error.
pub(super) fn collect<T: Sync, R: Send, E: Send>(
    items: &[T],
    work: impl Fn(&[T]) -> Result<Vec<R>, E> + Sync,
) -> Result<Vec<R>, E> {
    let part = items.len().div_ceil(*CORES).max(LEAST_ITEMS);
    if items.len() <= part {
        return work(items);
    }
    let (own, others) = items.split_at(part);
    thread::scope(|scope| {
        let work = &work;
        let start = |items| (items, thread::Builder::new().spawn_scoped(scope, move || work(items)));
        let others: Vec<_> = others.chunks(part).map(start).collect();
        let mut all = work(own)?;
        for (items, other) in others {
            let mut part = match other {
                Ok(other) => other.join().unwrap_or_else(|panic| panic::resume_unwind(panic)),
                // A container may allow no more threads.
                Err(_) => work(items),
            }?;
            all.append(&mut part);
        }
        Ok(all)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_order_is_that_of_the_items() {
        for count in [0, 1, LEAST_ITEMS, LEAST_ITEMS + 1, 10 * LEAST_ITEMS + 7] {
            let items: Vec<usize> = (0..count).collect();
            let doubled = collect(&items, |items| Ok::<_, ()>(items.iter().map(|item| 2 * item).collect()));
            assert_eq!(doubled.unwrap(), items.iter().map(|item| 2 * item).collect::<Vec<_>>());
        }
    }

    #[test]
    fn an_error_of_any_part_is_the_error_of_all() {
        let items: Vec<usize> = (0..10 * LEAST_ITEMS).collect();
        for wrong in [0, items.len() / 2, items.len() - 1] {
            let work = |items: &[usize]| if items.contains(&wrong) { Err(wrong) } else { Ok(items.to_vec()) };
            assert_eq!(collect(&items, work), Err(wrong));
        }
    }
}
