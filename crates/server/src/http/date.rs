//! Dates, as the wire writes them.

use serde::{Serialize, Serializer};
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{ObjectBuilder, RefOr, Schema, schema::Type},
};

use crate::store::Timestamp;

const MICROS: i64 = 1_000_000;

/// Seconds since the epoch with a fraction. A double holds the microseconds of the next 200 years exactly enough
/// to give them back.
#[derive(Clone, Copy, Debug)]
pub(super) struct Seconds(pub(super) Timestamp);

impl Serialize for Seconds {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let micros = self.0.as_micros();
        if micros % MICROS == 0 {
            serializer.serialize_i64(micros / MICROS)
        } else {
            serializer.serialize_f64(micros as f64 / MICROS as f64)
        }
    }
}

impl Seconds {
    /// What a client sends back; `None` if it is no date.
    pub(super) fn parse(text: &str) -> Option<Timestamp> {
        let seconds: f64 = text.parse().ok()?;
        (seconds.is_finite() && seconds >= 0.0)
            .then(|| Timestamp::from_micros((seconds * MICROS as f64).round() as i64))
    }
}

impl PartialSchema for Seconds {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::Number)
            .description(Some("Seconds since the epoch, with a fraction."))
            .into()
    }
}

impl ToSchema for Seconds {}

/// The dates of an item.
#[derive(Serialize, ToSchema)]
pub(super) struct Dates {
    creation_date: Seconds,
    revision_date: Seconds,
    updated_date: Seconds,
    deleted_date: Option<Seconds>,
    last_use_date: Option<Seconds>,
}

impl Dates {
    /// Of an item that exists. Nobody notes when an item is used: the server cannot know.
    pub(super) fn new(creation_date: Timestamp, revision_date: Timestamp) -> Self {
        let revision_date = Seconds(revision_date);
        Self {
            creation_date: Seconds(creation_date),
            revision_date,
            updated_date: revision_date,
            deleted_date: None,
            last_use_date: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(micros: i64) -> String {
        serde_json::to_string(&Seconds(Timestamp::from_micros(micros))).unwrap()
    }

    #[test]
    fn zero_and_whole_seconds_have_no_fraction() {
        assert_eq!(written(0), "0");
        assert_eq!(written(1_700_000_000_000_000), "1700000000");
    }

    #[test]
    fn come_back_to_the_microsecond() {
        for micros in (0..100_000)
            .chain(1_700_000_000_000_000..1_700_000_000_020_000)
            .chain(7_999_999_999_999_000..8_000_000_000_000_000)
        {
            let text = written(micros);
            assert_eq!(Seconds::parse(&text), Some(Timestamp::from_micros(micros)), "{text}");
        }
    }

    #[test]
    fn what_is_no_date() {
        for text in ["-1", "NaN", "inf", "yesterday", "1,5"] {
            assert_eq!(Seconds::parse(text), None, "{text}");
        }
    }
}
