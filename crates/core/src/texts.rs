//! The texts of many records in few allocations.

use std::{
    ops::Range,
    sync::{Arc, OnceLock},
};

/// The texts of a record: alone, or among those of the other records of a page. A project has many thousand records, and
/// each allocation costs time and memory of its own.
pub(crate) struct Texts<const N: usize> {
    store: Store,
    bounds: Bounds<N>,
}

enum Store {
    Own(Box<str>),
    Gathered(Arc<OnceLock<Box<str>>>),
}

/// Where the texts of a record are. They are one after the other.
struct Bounds<const N: usize> {
    start: u32,
    /// Where each of them ends. It begins where the one before ends.
    ends: [u32; N],
    /// A bit for each that is not null.
    present: u16,
}

impl<const N: usize> Texts<N> {
    /// Copies the texts. So many that a length does not fit into 32 bits come in no answer, whose size is bounded.
    pub(crate) fn new(texts: [Option<&str>; N]) -> Option<Self> {
        let mut all = String::with_capacity(texts.iter().flatten().map(|text| text.len()).sum());
        let bounds = Bounds::of_copies(texts, &mut all)?;
        Some(Self { store: Store::Own(all.into_boxed_str()), bounds })
    }

    /// The text in this place; `None` if it is null.
    pub(crate) fn get(&self, at: usize) -> Option<&str> {
        self.all().get(self.bounds.range(at)?)
    }

    /// A copy that is alone.
    pub(crate) fn alone(&self) -> Self {
        let Bounds { start, ends, present } = self.bounds;
        let own = self.all().get(start as usize..).unwrap_or_default();
        let own = own.get(..(ends[N - 1] - start) as usize).unwrap_or_default();
        let bounds = Bounds { start: 0, ends: ends.map(|end| end - start), present };
        Self { store: Store::Own(own.into()), bounds }
    }

    fn all(&self) -> &str {
        match &self.store {
            Store::Own(all) => all,
            Store::Gathered(all) => all.get().map(Box::as_ref).unwrap_or_default(),
        }
    }
}

impl<const N: usize> Bounds<N> {
    /// Adds the texts to `all`.
    fn of_copies(texts: [Option<&str>; N], all: &mut String) -> Option<Self> {
        const { assert!(N <= u16::BITS as usize) };
        let start = u32::try_from(all.len()).ok()?;
        let (mut ends, mut present) = ([0; N], 0);
        for (at, text) in texts.into_iter().enumerate() {
            all.push_str(text.unwrap_or_default());
            ends[at] = u32::try_from(all.len()).ok()?;
            present |= u16::from(text.is_some()) << at;
        }
        Some(Self { start, ends, present })
    }

    fn range(&self, at: usize) -> Option<Range<usize>> {
        let start = if at == 0 { self.start } else { self.ends[at - 1] };
        (self.present >> at & 1 == 1).then_some(start as usize..self.ends[at] as usize)
    }
}

/// Gathers the texts of the records of a page in one allocation.
pub(crate) struct Gathering {
    all: String,
    gathered: Arc<OnceLock<Box<str>>>,
}

impl Gathering {
    /// `capacity` is for the bytes of all texts. What is too much of it is given back.
    pub(crate) fn with_capacity(capacity: usize) -> Self {
        Self { all: String::with_capacity(capacity), gathered: Arc::default() }
    }

    /// Copies the texts of a record. They can be read when all are gathered, and are null until then.
    pub(crate) fn add<const N: usize>(&mut self, texts: [Option<&str>; N]) -> Option<Texts<N>> {
        let bounds = Bounds::of_copies(texts, &mut self.all)?;
        Some(Texts { store: Store::Gathered(Arc::clone(&self.gathered)), bounds })
    }

    /// Nothing more is added.
    pub(crate) fn finish(self) {
        self.gathered.get_or_init(|| self.all.into_boxed_str());
    }
}

#[cfg(test)]
mod tests {
    use std::array;

    use super::{Gathering, Texts};

    const GIVEN: [Option<&str>; 5] = [Some("a"), None, Some(""), Some("\u{e9}\u{e9}"), None];

    fn read<const N: usize>(texts: &Texts<N>) -> [Option<&str>; N] {
        array::from_fn(|at| texts.get(at))
    }

    #[test]
    fn null_and_empty_differ_and_neighbours_do_not_mix() {
        assert_eq!(read(&Texts::new(GIVEN).unwrap()), GIVEN);
        assert_eq!(Texts::new([None, None]).unwrap().get(0), None);
    }

    #[test]
    fn records_of_a_page_do_not_mix() {
        let mut gathering = Gathering::with_capacity(0);
        let first = gathering.add([Some("first"), None, Some("")]).unwrap();
        let second = gathering.add([Some("second"), None, Some("2")]).unwrap();
        assert_eq!(read(&first), [None; 3]);
        gathering.finish();
        assert_eq!(read(&first), [Some("first"), None, Some("")]);
        assert_eq!(read(&second), [Some("second"), None, Some("2")]);
    }

    #[test]
    fn a_copy_is_alone() {
        let mut gathering = Gathering::with_capacity(0);
        gathering.add([Some("another's")]).unwrap();
        let texts = gathering.add(GIVEN).unwrap();
        gathering.finish();
        let alone = texts.alone();
        drop(texts);
        assert_eq!(read(&alone), GIVEN);
    }
}
