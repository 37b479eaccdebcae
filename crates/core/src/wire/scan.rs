//! Pages of secrets in the form in which servers write them, which is most of what is ever parsed.
//!
//! Whatever is not of that form is `None` here, and for `serde_json` to read or to refuse: white space, escapes, objects
//! within a secret, a field that comes twice. What is read here, `serde_json` would read in the same way.

use memchr::memchr2;
use serde::de::DeserializeOwned;

use super::{
    DESCRIPTION, ENVIRONMENT_HASH, ENVIRONMENT_ID, ENVIRONMENT_NAME, Head, ID, KEY, Page, SECRET_HASH,
    SecretItem, VALUE,
};
use crate::texts::{Gathering, Texts};

/// Room is made for as many secrets as a page claims, but not for more than fit into it: each takes so many bytes.
const LEAST_SECRET: usize = 256;

/// The page that is written here, if it is of the usual form.
pub(super) fn page(json: &str) -> Option<Page<SecretItem>> {
    // Within texts, JSON has no control characters; between them, the usual form has no white space.
    if has_control_characters(json.as_bytes()) {
        return None;
    }
    let mut scanner = Scanner { json, at: 0 };
    let page = scanner.page()?;
    (scanner.at == json.len()).then_some(page)
}

/// What the page says before its items, if it is of the usual form so far.
pub(super) fn head(json: &str) -> Option<Head> {
    let (mut count, mut next) = (None, None);
    // Given up as soon as both are known.
    _ = Scanner { json, at: 0 }.object(|scanner, name| {
        match name {
            "count" => put(&mut count, scanner.number()?)?,
            "next" => put(&mut next, scanner.string()?)?,
            _ => scanner.skip()?,
        }
        (count.is_none() || next.is_none()).then_some(())
    });
    Some(Head { count: count?, next: next?.to_owned() })
}

/// Whether any byte is below 0x20. So many at a time that the compiler looks at them side by side.
fn has_control_characters(bytes: &[u8]) -> bool {
    let (groups, rest) = bytes.as_chunks::<64>();
    let has_some = |bytes: &[u8]| bytes.iter().fold(false, |found, byte| found | (*byte < b' '));
    groups.iter().any(|group| has_some(group)) || has_some(rest)
}

struct Scanner<'a> {
    json: &'a str,
    at: usize,
}

impl<'a> Scanner<'a> {
    fn page(&mut self) -> Option<Page<SecretItem>> {
        let mut count: Option<u64> = None;
        let (mut next, mut revision_date, mut results) = (None, None, None);
        self.object(|scanner, name| match name {
            "count" => put(&mut count, scanner.number()?),
            "next" => put(&mut next, scanner.text()?.map(str::to_owned)),
            "revision_date" => put(&mut revision_date, scanner.date()?),
            "results" => put(&mut results, scanner.secrets(count.unwrap_or_default())?),
            _ => scanner.skip(),
        })?;
        Some(Page {
            count: count?,
            next: next.flatten(),
            revision_date: revision_date.flatten(),
            results: results?,
        })
    }

    fn secrets(&mut self, claimed: u64) -> Option<Vec<SecretItem>> {
        let fitting = (self.json.len() - self.at) / LEAST_SECRET;
        let mut secrets =
            Vec::with_capacity(usize::try_from(claimed).map_or(fitting, |count| count.min(fitting)));
        // A secret that comes alone, as the answer to a search, needs nothing that is shared.
        let mut gathering = (claimed > 1).then(|| Gathering::with_capacity(self.json.len() - self.at));
        self.byte(b'[')?;
        if self.peek()? == b']' {
            self.at += 1;
            return Some(secrets);
        }
        loop {
            secrets.push(self.secret(gathering.as_mut())?);
            match self.take()? {
                b',' => {}
                b']' => break,
                _ => return None,
            }
        }
        if let Some(gathering) = gathering {
            gathering.finish();
        }
        Some(secrets)
    }

    fn secret(&mut self, gathering: Option<&mut Gathering>) -> Option<SecretItem> {
        let (mut texts, mut dates) = ([None; 8], [None; 3]);
        let (mut project_id, mut data) = (None, None);
        self.object(|scanner, name| {
            let place = match name {
                "id" => ID,
                "environment_id" => ENVIRONMENT_ID,
                "environment_hash" => ENVIRONMENT_HASH,
                "environment_name" => ENVIRONMENT_NAME,
                "secret_hash" => SECRET_HASH,
                "key" => KEY,
                "value" => VALUE,
                "description" => DESCRIPTION,
                "creation_date" => return put(&mut dates[0], scanner.date()?),
                "revision_date" => return put(&mut dates[1], scanner.date()?),
                "updated_date" => return put(&mut dates[2], scanner.date()?),
                "project_id" => return put(&mut project_id, scanner.number()?),
                "data" => return put(&mut data, scanner.word("null")?),
                _ => return scanner.skip(),
            };
            put(&mut texts[place], scanner.text()?)
        })?;
        let mut texts = texts.map(Option::flatten);
        texts[ID]?;
        for sealed in [ENVIRONMENT_NAME, KEY, VALUE, DESCRIPTION] {
            texts[sealed] = texts[sealed].filter(|text| !text.is_empty());
        }
        let texts = gathering.map_or_else(|| Texts::new(texts), |gathering| gathering.add(texts))?;
        Some(SecretItem::new(texts, project_id?, dates.map(Option::flatten)))
    }

    /// The members of an object, each with its value still to come.
    fn object(&mut self, mut member: impl FnMut(&mut Self, &'a str) -> Option<()>) -> Option<()> {
        self.byte(b'{')?;
        if self.peek()? == b'}' {
            self.at += 1;
            return Some(());
        }
        loop {
            let name = self.string()?;
            self.byte(b':')?;
            member(self, name)?;
            match self.take()? {
                b',' => {}
                b'}' => return Some(()),
                _ => return None,
            }
        }
    }

    /// A string or null.
    fn text(&mut self) -> Option<Option<&'a str>> {
        if self.peek()? == b'"' { self.string().map(Some) } else { self.word("null").map(|()| None) }
    }

    /// A number or null.
    fn date(&mut self) -> Option<Option<f64>> {
        if self.peek()? == b'n' { self.word("null").map(|()| None) } else { self.number().map(Some) }
    }

    /// A value of no interest.
    fn skip(&mut self) -> Option<()> {
        match self.peek()? {
            b'"' => self.string().map(drop),
            b'n' => self.word("null"),
            b't' => self.word("true"),
            b'f' => self.word("false"),
            _ => self.number::<f64>().map(drop),
        }
    }

    fn string(&mut self) -> Option<&'a str> {
        self.byte(b'"')?;
        let rest = &self.json.as_bytes()[self.at..];
        let length = memchr2(b'"', b'\\', rest).filter(|end| rest[*end] == b'"')?;
        let string = self.json.get(self.at..self.at + length)?;
        self.at += length + 1;
        Some(string)
    }

    /// A number, as `serde_json` understands it: two dates are compared that need not come by the same way.
    fn number<T: Number>(&mut self) -> Option<T> {
        let rest = &self.json.as_bytes()[self.at..];
        if let Some((decimal, length)) = Decimal::read(rest)
            && let Some(number) = T::exactly(decimal)
        {
            self.at += length;
            return Some(number);
        }
        let is_part = |byte: &u8| byte.is_ascii_digit() || matches!(byte, b'-' | b'+' | b'.' | b'e' | b'E');
        let length = rest.iter().take_while(|byte| is_part(byte)).count();
        let number = serde_json::from_str(self.json.get(self.at..self.at + length)?).ok()?;
        self.at += length;
        Some(number)
    }

    fn word(&mut self, wanted: &str) -> Option<()> {
        let is_it = self.json.as_bytes()[self.at..].starts_with(wanted.as_bytes());
        self.at += wanted.len();
        is_it.then_some(())
    }

    fn byte(&mut self, wanted: u8) -> Option<()> {
        (self.take()? == wanted).then_some(())
    }

    fn take(&mut self) -> Option<u8> {
        let byte = self.peek()?;
        self.at += 1;
        Some(byte)
    }

    fn peek(&self) -> Option<u8> {
        self.json.as_bytes().get(self.at).copied()
    }
}

/// A number without an exponent, of so few digits that 64 bits hold them.
#[derive(Clone, Copy)]
struct Decimal {
    is_negative: bool,
    digits: u64,
    /// How many of the digits are after the point.
    after_point: usize,
}

impl Decimal {
    const MAX_DIGITS: usize = 19;

    /// The number at the start of `json`, and its length.
    fn read(json: &[u8]) -> Option<(Self, usize)> {
        let is_negative = json.first() == Some(&b'-');
        let start = usize::from(is_negative);
        let (before_point, digits) = add_digits(&json[start..], 0);
        if before_point == 0 || (before_point > 1 && json[start] == b'0') {
            return None;
        }
        let end = start + before_point;
        let (after_point, digits, end) = match json.get(end) {
            Some(b'.') => {
                let (count, digits) = add_digits(&json[end + 1..], digits);
                if count == 0 {
                    return None;
                }
                (count, digits, end + 1 + count)
            }
            _ => (0, digits, end),
        };
        let has_exponent = matches!(json.get(end), Some(b'e' | b'E'));
        let is_short = before_point + after_point <= Self::MAX_DIGITS;
        (is_short && !has_exponent).then_some((Self { is_negative, digits, after_point }, end))
    }
}

/// How many digits `json` starts with, and `number` with these digits after its own. Too many make it wrap.
fn add_digits(json: &[u8], number: u64) -> (usize, u64) {
    let (mut count, mut number) = (0, number);
    for byte in json {
        let digit = byte.wrapping_sub(b'0');
        if digit > 9 {
            break;
        }
        number = number.wrapping_mul(10).wrapping_add(u64::from(digit));
        count += 1;
    }
    (count, number)
}

/// A type of numbers in pages.
trait Number: DeserializeOwned {
    /// What `serde_json` makes of this number, if that can be told without it.
    fn exactly(decimal: Decimal) -> Option<Self>;
}

impl Number for u64 {
    fn exactly(decimal: Decimal) -> Option<Self> {
        (decimal.after_point == 0 && !decimal.is_negative).then_some(decimal.digits)
    }
}

impl Number for i64 {
    fn exactly(decimal: Decimal) -> Option<Self> {
        match decimal {
            Decimal { after_point: 0, is_negative: false, digits } => digits.try_into().ok(),
            // Minus zero is no integer.
            Decimal { after_point: 0, is_negative: true, digits: 1.. } => {
                0_i64.checked_sub_unsigned(decimal.digits)
            }
            _ => None,
        }
    }
}

impl Number for f64 {
    fn exactly(decimal: Decimal) -> Option<Self> {
        let Decimal { is_negative, digits, after_point } = decimal;
        let number = match after_point {
            0 => digits as f64,
            // Both are exact, so that the quotient is rounded once.
            _ if digits <= 1 << f64::MANTISSA_DIGITS => digits as f64 / POWERS_OF_TEN.get(after_point)?,
            _ => return None,
        };
        Some(if is_negative { -number } else { number })
    }
}

const POWERS_OF_TEN: [f64; Decimal::MAX_DIGITS] =
    [1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18];

/// Puts a value where there is none yet.
fn put<T>(place: &mut Option<T>, value: T) -> Option<()> {
    place.is_none().then(|| *place = Some(value))
}

#[cfg(test)]
mod tests {
    use proptest::{prelude::*, sample::Index};
    use serde_json::{Value, json};

    use super::*;

    fn written(page: &Page<SecretItem>) -> Value {
        let Page { count, next, revision_date, results } = page;
        json!({ "count": count, "next": next, "revision_date": revision_date, "results": results })
    }

    /// A page as `locker-server` writes it.
    fn usual() -> Value {
        let secret = |id: &str, text: Option<&str>| {
            json!({
                "object": "secret", "id": id, "creation_date": 1_700_000_000.25, "revision_date": 1_700_000_000,
                "updated_date": null, "deleted_date": null, "project_id": 7, "environment_id": text,
                "environment_hash": text, "environment_name": text, "key": "2.a|b|c", "secret_hash": "hash",
                "value": "2.d|e|f", "description": "", "is_shared": false, "data": null,
            })
        };
        let results = [secret("one", None), secret("two", Some("t\u{e9}xt"))];
        json!({ "count": 2, "next": "/v1/secrets?page=2", "previous": null, "revision_date": 1.5, "results": results })
    }

    #[test]
    fn the_usual_form_is_read() {
        let several = usual().to_string();
        let one = several.replace(r#""count":2"#, r#""count":1"#);
        for json in [several, one] {
            let read = page(&json).unwrap();
            let expected: Page<SecretItem> = serde_json::from_str(&json).unwrap();
            assert_eq!(written(&read), written(&expected));
            assert_eq!(read.results[0].creation_date(), Some(1_700_000_000.25));
            assert_eq!(read.results[0].updated_date(), None);
        }
        assert!(page(r#"{"count":0,"next":null,"results":[]}"#).is_some());
    }

    #[test]
    fn the_head_is_read_where_it_comes_first() {
        let head_of = |json: &str| head(json).map(|Head { count, next }| (count, next));
        let expected = Some((9, "/v1/secrets?page=2".to_owned()));
        assert_eq!(head_of(r#"{"count":9,"next":"/v1/secrets?page=2","results":["#), expected);
        assert_eq!(head_of(r#"{"revision_date":1.5,"next":"/v1/secrets?page=2","count":9"#), expected);
        for other in [
            "",
            "[]",
            r#"{"count":9,"next":null,"results":[]}"#,
            r#"{"count":9,"results":[],"next":"/v1/secrets?page=2"}"#,
            r#"{"count":9,"count":9,"next":"/v1/secrets?page=2"}"#,
            r#"{"count":-9,"next":"/v1/secrets?page=2"}"#,
            r#"{"count":9,"next":"/v1/secrets\u003fpage=2"}"#,
        ] {
            assert_eq!(head_of(other), None, "{other}");
        }
    }

    #[test]
    fn a_secret_is_small() {
        assert!(size_of::<SecretItem>() <= 88);
    }

    #[test]
    fn every_other_form_is_left_to_serde() {
        let json = usual().to_string();
        for (from, to) in [
            (r#""one""#, r#""\u006fne""#),
            (r#""one""#, "null"),
            (r#""one""#, "1"),
            (r#""one""#, "\"o\u{1}ne\""),
            (r#""one","#, r#""one","id":"one","#),
            (r#""project_id":7"#, r#""project_id":7.5"#),
            (r#""project_id":7"#, r#""project_id":07"#),
            (r#""project_id":7,"#, ""),
            (r#""data":null"#, r#""data":{}"#),
            (r#""data":null"#, r#""data":nul"#),
            (r#""count":2"#, r#""count":-2"#),
            (r#""count":2"#, r#""count": 2"#),
            (r#""results":["#, r#""results":[[],"#),
            (r#""previous":null"#, r#""previous":[]"#),
        ] {
            assert!(json.contains(from), "{from}");
            assert!(page(&json.replace(from, to)).is_none(), "{to}");
        }
        for end in ["", " ", "}}", "},", "} "] {
            assert!(page(&format!("{}{end}", &json[..json.len() - 1])).is_none());
        }
    }

    #[test]
    fn a_control_character_is_found_anywhere() {
        for length in 0..140 {
            let mut bytes = vec![b' '; length];
            assert!(!has_control_characters(&bytes));
            bytes.fill(0xff);
            assert!(!has_control_characters(&bytes));
            for at in 0..length {
                for control in [0, 0x1f] {
                    bytes[at] = control;
                    assert!(has_control_characters(&bytes), "{control} at {at} of {length}");
                }
                bytes[at] = 0x80;
            }
        }
    }

    /// The whole text as a number; `None` if it is none.
    fn number<T: Number>(text: &str) -> Option<T> {
        let mut scanner = Scanner { json: text, at: 0 };
        scanner.number().filter(|_| scanner.at == text.len())
    }

    fn check_number(text: &str) -> Result<(), TestCaseError> {
        let expected = serde_json::from_str(text).ok().map(f64::to_bits);
        prop_assert_eq!(number(text).map(f64::to_bits), expected, "{}", text);
        prop_assert_eq!(number::<i64>(text), serde_json::from_str(text).ok(), "{}", text);
        prop_assert_eq!(number::<u64>(text), serde_json::from_str(text).ok(), "{}", text);
        Ok(())
    }

    #[test]
    fn numbers_at_the_limits_are_those_of_serde() {
        let wholes = [
            "0",
            "7",
            "00",
            "07",
            "",
            "9007199254740992",
            "9007199254740993",
            "9223372036854775807",
            "9223372036854775808",
            "9223372036854775809",
            "9999999999999999999",
            "18446744073709551615",
            "18446744073709551616",
            "99999999999999999999",
        ];
        let rests = [
            "",
            ".",
            ".0",
            ".25",
            ".9",
            ".e1",
            "e0",
            ".5E-2",
            "e400",
            "-",
            "-1",
            "+",
            ".1.1",
            ".000000000000000001",
        ];
        for whole in wholes {
            for rest in rests {
                for sign in ["", "-", "--", "+"] {
                    check_number(&format!("{sign}{whole}{rest}")).unwrap();
                }
            }
        }
    }

    const SNIPPETS: [&str; 24] = [
        "\"",
        "\\",
        "\\\"",
        "{",
        "}",
        "[",
        "]",
        ",",
        ":",
        " ",
        "\n",
        "null",
        "true",
        "-",
        ".",
        "e9",
        "0",
        "1e400",
        "\u{e9}",
        "\u{7f}",
        "\"id\":\"x\",",
        "\"count\":3,",
        "\"data\":null,",
        "\"value\":\"\",",
    ];

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(20_000))]

        #[test]
        fn numbers_are_those_of_serde(
            text in prop_oneof![
                "-?(0|[1-9][0-9]{0,20})([.][0-9]{1,24})?",
                "-?(0|[1-9][0-9]{0,8})[.][0-9]{1,9}",
                "-?0[.]0{0,20}[0-9]{1,4}",
                "-?[0-9]{0,22}([.][0-9]{0,24})?([eE][+-]?[0-9]{0,3})?",
                "[-+.eE0-9]{0,6}",
            ],
        ) {
            check_number(&text)?;
        }

        #[test]
        fn what_is_read_is_what_serde_reads(
            changes in prop::collection::vec((any::<Index>(), 0..12_usize, prop::sample::select(&SNIPPETS[..])), 1..4),
        ) {
            let mut json: Vec<char> = usual().to_string().chars().collect();
            for (place, removed, snippet) in changes {
                let start = place.index(json.len() + 1);
                let end = json.len().min(start + removed);
                json.splice(start..end, snippet.chars());
            }
            let json: String = json.into_iter().collect();
            if let Some(page) = page(&json) {
                let expected: Page<SecretItem> = serde_json::from_str(&json).map_err(|problem| {
                    TestCaseError::fail(format!("{json}: {problem}"))
                })?;
                prop_assert_eq!(written(&page), written(&expected));
            }
        }
    }
}
