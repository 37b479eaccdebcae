//! The texts of many records in few allocations.

use std::{
    array,
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
    Shared(Arc<OnceLock<Gathered>>),
}

/// The texts of a page.
struct Gathered {
    all: Box<str>,
    /// Of how many records they are.
    records: usize,
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
        let all = match &self.store {
            Store::Own(all) => all,
            Store::Shared(gathered) => &gathered.get()?.all,
        };
        self.bounds.range(at).map(|range| &all[range])
    }

    /// A copy that is alone, if most records are gone whose texts are kept with these.
    pub(crate) fn apart(&self) -> Option<Self> {
        let Store::Shared(shared) = &self.store else { return None };
        // Each record that is left has a share.
        let is_wasteful = Arc::strong_count(shared) < shared.get()?.records.div_ceil(2);
        is_wasteful.then(|| Self::new(array::from_fn(|at| self.get(at)))).flatten()
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
    records: usize,
    shared: Arc<OnceLock<Gathered>>,
}

impl Gathering {
    /// `capacity` is for the bytes of all texts. What is too much of it is given back.
    pub(crate) fn with_capacity(capacity: usize) -> Self {
        Self { all: String::with_capacity(capacity), records: 0, shared: Arc::default() }
    }

    /// Copies the texts of a record. They can be read when all are gathered, and are null until then.
    pub(crate) fn add<const N: usize>(&mut self, texts: [Option<&str>; N]) -> Option<Texts<N>> {
        self.records += 1;
        let bounds = Bounds::of_copies(texts, &mut self.all)?;
        Some(Texts { store: Store::Shared(Arc::clone(&self.shared)), bounds })
    }

    /// Nothing more is added.
    pub(crate) fn finish(self) {
        let Self { all, records, shared } = self;
        shared.get_or_init(|| Gathered { all: all.into_boxed_str(), records });
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

    fn gather(count: usize) -> Vec<Texts<5>> {
        let mut gathering = Gathering::with_capacity(1);
        let texts = (0..count).map(|_| gathering.add(GIVEN).unwrap()).collect();
        gathering.finish();
        texts
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
    fn the_last_of_a_page_do_not_keep_all_of_it() {
        let mut texts = gather(10);
        texts.truncate(5);
        assert!(texts[0].apart().is_none());
        texts.truncate(4);
        let apart = texts[0].apart().unwrap();
        assert_eq!(read(&apart), GIVEN);
        assert!(apart.apart().is_none());
    }
}
