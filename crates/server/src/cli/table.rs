//! Answers for people: aligned columns.

/// Two blanks between columns, each as wide as its longest cell; no blanks at the end of a line.
pub(super) fn table<const N: usize>(rows: &[[String; N]]) -> String {
    let width = |column: usize| rows.iter().map(|row| shown(&row[column]).chars().count()).max();
    let widths: [usize; N] = std::array::from_fn(|column| width(column).unwrap_or_default());
    let mut text = String::new();
    for row in rows {
        let cells: Vec<String> =
            row.iter().zip(widths).map(|(cell, width)| format!("{:width$}", shown(cell))).collect();
        text.push_str(cells.join("  ").trim_end());
        text.push('\n');
    }
    text
}

/// A foreign text could hold what a terminal takes for commands.
fn shown(cell: &str) -> String {
    cell.replace(char::is_control, "\u{fffd}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_aligned_and_harmless() {
        let rows = [["id", "name", ""], ["1", "\u{e9}t\u{e9}", "x"], ["1000", "\u{1b}[31mred", ""]];
        let rows = rows.map(|row| row.map(str::to_owned));
        let lines = ["id    name", "1     \u{e9}t\u{e9}       x", "1000  \u{fffd}[31mred", ""];
        assert_eq!(table(&rows), lines.join("\n"));
    }
}
