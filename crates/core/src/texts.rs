//! Several texts in one allocation.

/// The texts of a record, one after the other. A project has many thousand records, and each allocation costs time and
/// memory of its own.
#[derive(Clone)]
pub(crate) struct Texts<const N: usize> {
    all: Box<str>,
    /// Where each of them ends. It begins where the one before ends.
    ends: [u32; N],
    /// A bit for each that is not null.
    present: u16,
}

impl<const N: usize> Texts<N> {
    /// Copies the texts. So many that a length does not fit into 32 bits come in no answer, whose size is bounded.
    pub(crate) fn new(texts: [Option<&str>; N]) -> Option<Self> {
        const { assert!(N <= u16::BITS as usize) };
        let mut all = String::with_capacity(texts.iter().flatten().map(|text| text.len()).sum());
        let (mut ends, mut present) = ([0; N], 0);
        for (at, text) in texts.into_iter().enumerate() {
            all.push_str(text.unwrap_or_default());
            ends[at] = u32::try_from(all.len()).ok()?;
            present |= u16::from(text.is_some()) << at;
        }
        Some(Self { all: all.into_boxed_str(), ends, present })
    }

    /// The text in this place; `None` if it is null.
    pub(crate) fn get(&self, at: usize) -> Option<&str> {
        let start = if at == 0 { 0 } else { self.ends[at - 1] };
        (self.present >> at & 1 == 1).then(|| &self.all[start as usize..self.ends[at] as usize])
    }
}

#[cfg(test)]
mod tests {
    use super::Texts;

    #[test]
    fn null_and_empty_differ_and_neighbours_do_not_mix() {
        let given = [Some("a"), None, Some(""), Some("\u{e9}\u{e9}"), None];
        let texts = Texts::new(given).unwrap();
        assert_eq!(std::array::from_fn(|at| texts.get(at)), given);
        assert_eq!(Texts::new([None, None]).unwrap().get(0), None);
    }
}
