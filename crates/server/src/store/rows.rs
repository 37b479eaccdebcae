//! Several rows in one statement.

/// The parameters of so many rows: `($1, $2), ($3, $4)`. Nothing of a client is in this text.
pub(super) fn parameters(rows: usize, columns: usize) -> String {
    let row = |row: usize| {
        let first = row * columns + 1;
        let parameters: Vec<_> = (first..first + columns).map(|n| format!("${n}")).collect();
        format!("({})", parameters.join(", "))
    };
    (0..rows).map(row).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_parameter_has_a_number_of_its_own() {
        assert_eq!(parameters(2, 3), "($1, $2, $3), ($4, $5, $6)");
    }
}
