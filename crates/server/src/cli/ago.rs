//! How long ago something was, as people say it.

use std::time::{SystemTime, UNIX_EPOCH};

const UNITS: [(u64, &str); 4] = [(86_400, "day"), (3_600, "hour"), (60, "minute"), (1, "second")];

/// Tells how long before now `date` was, in seconds since the Unix epoch.
pub(super) fn ago(date: f64) -> String {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    in_words(now.as_secs_f64() - date)
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "whole seconds are meant")]
fn in_words(seconds: f64) -> String {
    // The server's clock may be ahead of this one.
    let seconds = seconds.max(0.0) as u64;
    match UNITS.into_iter().find(|(length, _)| seconds >= *length) {
        None => "now".to_owned(),
        Some((length, unit)) => {
            let count = seconds / length;
            format!("{count} {unit}{} ago", if count == 1 { "" } else { "s" })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_largest_unit_is_enough() {
        for (seconds, words) in [
            (-5.0, "now"),
            (0.9, "now"),
            (1.0, "1 second ago"),
            (59.9, "59 seconds ago"),
            (60.0, "1 minute ago"),
            (7_199.0, "1 hour ago"),
            (7_200.0, "2 hours ago"),
            (86_400.0 * 400.5, "400 days ago"),
        ] {
            assert_eq!(in_words(seconds), words);
        }
    }
}
