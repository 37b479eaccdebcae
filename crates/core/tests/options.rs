//! Every option: its default, its environment variable, and what an unusable value gets.

#![allow(clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

use locker_core::{Config, Error, ErrorKind, Options};
use secrecy::SecretString;

const SECRET: &str = "fnbKrFwCS8m9smiJ6ctX8Kw42ygY/GnC87pyyPliXaw=";
const OTHER_SECRET: &str = "ptLdlTNv/PDpqEXM2pA233sKk83IKqeabhlssQNHAOs=";

fn valid() -> Options {
    Options {
        access_key_id: Some("0d0c0b0a-0000-4000-8000-000000000001".into()),
        access_key_secret: Some(SECRET.into()),
        ..Options::default()
    }
}

fn with(change: impl FnOnce(&mut Options)) -> Result<Config, Error> {
    let mut options = valid();
    change(&mut options);
    Config::new(options, |_| None)
}

fn refused(change: impl FnOnce(&mut Options)) -> (ErrorKind, Option<&'static str>) {
    let error = with(change).expect_err("the option must be refused");
    let field = error.field().expect("the error names the field");
    assert!(error.to_string().starts_with(field), "the text of {field:?} names it: {error}");
    (error.kind(), error.field())
}

#[test]
fn credentials_are_required() {
    let no_environment = |_: &str| None;
    for (options, field) in [
        (Options { access_key_id: None, ..valid() }, "accessKeyId"),
        (Options { access_key_id: Some(String::new()), ..valid() }, "accessKeyId"),
        (Options { access_key_secret: None, ..valid() }, "accessKeySecret"),
        (Options { access_key_secret: Some("".into()), ..valid() }, "accessKeySecret"),
    ] {
        let error = Config::new(options, no_environment).expect_err("must be refused");
        assert_eq!((error.kind(), error.field()), (ErrorKind::Validation, Some(field)));
    }
}

#[test]
fn credentials_come_from_the_environment_where_they_are_left_out() {
    let variable = |name: &str| match name {
        "LOCKER_ACCESS_KEY_ID" => Some("id-of-the-environment".to_owned()),
        "LOCKER_SECRET_ACCESS_KEY" => Some(SECRET.to_owned()),
        // An empty variable counts as none.
        "LOCKER_ACCESS_KEY_SECRET" | "LOCKER_API_BASE" => Some(String::new()),
        _ => None,
    };
    let config = Config::new(Options::default(), variable).expect("the environment has it all");
    assert!(format!("{config:?}").contains("id-of-the-environment"));
    assert!(format!("{config:?}").contains("https://api.locker.io/locker_secrets"));
    // An option wins over the environment, also an empty one: it was meant to be something.
    let options = Options { access_key_id: Some(String::new()), ..Options::default() };
    assert_eq!(Config::new(options, variable).expect_err("empty").field(), Some("accessKeyId"));
}

#[test]
fn the_two_names_of_the_secret_are_one_option() {
    let both = |secret: &str, synonym: &str| {
        with(|options| {
            options.access_key_secret = Some(SecretString::from(secret));
            options.secret_access_key = Some(SecretString::from(synonym));
        })
    };
    assert!(both(SECRET, SECRET).is_ok());
    let error = both(SECRET, OTHER_SECRET).expect_err("two values for one option");
    assert_eq!((error.kind(), error.field()), (ErrorKind::Validation, Some("accessKeySecret")));
    let synonym_alone = with(|options| {
        options.access_key_secret = None;
        options.secret_access_key = Some(SECRET.into());
    });
    assert!(synonym_alone.is_ok());
}

#[test]
fn credentials_that_cannot_be_valid_are_refused_at_once() {
    for secret in ["not base64!", "c2hvcnQ=", &SECRET[..43], &format!("{SECRET}\n"), &format!(" {SECRET}")] {
        let refusal = refused(|options| options.access_key_secret = Some(secret.into()));
        assert_eq!(refusal, (ErrorKind::Authentication, Some("accessKeySecret")), "{secret:?}");
    }
    for id in ["with space", "line\nbreak", "ünïcode", &"x".repeat(300)] {
        let refusal = refused(|options| options.access_key_id = Some(id.into()));
        assert_eq!(refusal, (ErrorKind::Authentication, Some("accessKeyId")), "{id:?}");
    }
}

#[test]
fn no_refusal_repeats_the_secret() {
    let secret = "c3VwZXItc2VjcmV0LWJ1dC1ub3QtdmFsaWQ";
    let error = with(|options| options.access_key_secret = Some(secret.into())).expect_err("no padding");
    assert!(!format!("{error} {error:?}").contains(secret));
    assert!(!format!("{:?}", with(|_| ()).expect("valid")).contains(SECRET));
}

#[test]
fn the_api_base_is_an_http_url_without_extras() {
    for base in [
        "",
        "api.locker.io",
        "ftp://locker.io",
        "http://",
        "https://user:pass@locker.io",
        "https://locker.io/?a=1",
        "https://locker.io/#a",
        "/v1",
    ] {
        let refusal = refused(|options| options.connection.api_base = Some(base.into()));
        assert_eq!(refusal, (ErrorKind::Validation, Some("apiBase")), "{base:?}");
    }
    let config =
        with(|options| options.connection.api_base = Some("http://127.0.0.1:8080/locker_secrets///".into()));
    assert!(format!("{:?}", config.expect("valid")).contains("\"http://127.0.0.1:8080/locker_secrets\""));
}

#[test]
fn headers_cannot_replace_what_a_call_depends_on() {
    for (name, value) in [
        ("Authorization", "Bearer other"),
        ("host", "elsewhere"),
        ("Content-Length", "0"),
        ("with space", "value"),
        ("", "value"),
        ("x-line", "a\r\nb: c"),
    ] {
        let refusal = refused(|options| options.connection.headers = vec![(name.into(), value.into())]);
        assert_eq!(refusal, (ErrorKind::Validation, Some("headers")), "{name:?}");
    }
    assert!(with(|options| options.connection.headers = vec![("X-Team".into(), "payments".into())]).is_ok());
}

#[test]
fn numbers_have_ranges() {
    type Set = fn(&mut Options, f64);
    let options: [(&str, Set, &[f64], &[f64]); 5] = [
        ("logLevel", |o, n| o.connection.log_level = Some(n), &[7.0, -1.0, 0.5, f64::NAN], &[0.0, 1.0, 2.0]),
        (
            "timeoutMs",
            |o, n| o.connection.timeout_ms = Some(n),
            &[0.0, -1.0, f64::NAN, f64::INFINITY, 3e9],
            &[0.5, 1.0, 2e9],
        ),
        (
            "maxRetries",
            |o, n| o.connection.max_retries = Some(n),
            &[-1.0, 1.5, 101.0, f64::NAN],
            &[0.0, 2.0, 100.0],
        ),
        (
            "cacheOptions.restTime",
            |o, n| o.rest_time = Some(n),
            &[-1.0, f64::NAN, f64::INFINITY],
            &[0.0, 0.5, 3600.0],
        ),
        (
            "cacheOptions.staleIfError",
            |o, n| o.stale_if_error = Some(n),
            &[-1.0, f64::NAN, 1e12],
            &[0.0, 86400.0],
        ),
    ];
    for (field, set, unusable, usable) in options {
        for &number in unusable {
            assert_eq!(
                refused(|options| set(options, number)),
                (ErrorKind::Validation, Some(field)),
                "{number}"
            );
        }
        for &number in usable {
            assert!(with(|options| set(options, number)).is_ok(), "{field} = {number}");
        }
    }
}

#[test]
fn certificates_have_to_be_certificates() {
    let not_a_certificate = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
    for pem in
        ["", "no PEM", "-----BEGIN CERTIFICATE-----\n!!!\n-----END CERTIFICATE-----\n", not_a_certificate]
    {
        let refusal = refused(|options| options.connection.ca_cert = Some(pem.into()));
        assert_eq!(refusal, (ErrorKind::Validation, Some("caCert")), "{pem:?}");
    }
}

#[test]
fn proxies_are_http_urls_and_their_passwords_stay_out_of_errors() {
    for proxy in ["socks5://127.0.0.1:1080", "http://", "::", "ftp://user:hunter2@proxy"] {
        let error =
            with(|options| options.connection.proxy = Some(proxy.into())).expect_err("must be refused");
        assert_eq!((error.kind(), error.field()), (ErrorKind::Validation, Some("proxy")), "{proxy:?}");
        assert!(!error.to_string().contains("hunter2"));
    }
    for proxy in ["", "http://127.0.0.1:3128", "127.0.0.1:3128", "https://proxy.example"] {
        assert!(with(|options| options.connection.proxy = Some(proxy.into())).is_ok(), "{proxy:?}");
    }
    let variable = |name: &str| (name == "https_proxy").then(|| "socks5://127.0.0.1:1".to_owned());
    assert_eq!(Config::new(valid(), variable).expect_err("no HTTP proxy").field(), Some("HTTPS_PROXY"));
}
