//! The web page: what a browser is told about it. Whether it works is tested with a browser.
#![allow(clippy::panic, clippy::unwrap_used)]

mod support;

use reqwest::{Client, Method, header::HeaderMap};
use support::{Answer, Server, send};

async fn get(server: &Server, path: &str) -> Answer {
    send(client().get(format!("{}{path}", server.url))).await
}

fn client() -> Client {
    support::client_builder().build().unwrap()
}

fn header<'a>(headers: &'a HeaderMap, name: &str) -> &'a str {
    headers.get(name).unwrap_or_else(|| panic!("{name} is missing")).to_str().unwrap()
}

/// What the page loads, by the names that one build gave.
fn assets(html: &str) -> Vec<&str> {
    html.split('"').filter_map(|text| text.strip_prefix("./assets/")).collect()
}

#[tokio::test]
async fn everything_of_the_page_has_its_security_headers() {
    let server = Server::start().await;
    let page = get(&server, "/").await;
    let mut paths = vec!["/".to_owned(), "/assets/missing.js".to_owned()];
    paths.extend(assets(&page.text).iter().map(|name| format!("/assets/{name}")));
    for path in paths {
        let headers = get(&server, &path).await.headers;
        let policy = header(&headers, "content-security-policy");
        for directive in [
            "default-src 'none'",
            "script-src 'self'",
            "style-src 'self'",
            "connect-src 'self'",
            "base-uri 'none'",
            "form-action 'none'",
            "frame-ancestors 'none'",
            "require-trusted-types-for 'script'",
        ] {
            assert!(policy.split("; ").any(|each| each == directive), "{path}: {directive} in {policy}");
        }
        assert!(!policy.contains("unsafe") && !policy.contains('*') && !policy.contains("http"), "{policy}");
        assert_eq!(header(&headers, "x-content-type-options"), "nosniff");
        assert_eq!(header(&headers, "referrer-policy"), "no-referrer");
        assert_eq!(header(&headers, "cross-origin-opener-policy"), "same-origin");
        assert_eq!(header(&headers, "cross-origin-resource-policy"), "same-origin");
        assert!(header(&headers, "permissions-policy").contains("camera=()"));
    }
}

#[tokio::test]
async fn the_page_is_asked_for_each_time_and_its_assets_once() {
    let server = Server::start().await;
    let page = get(&server, "/").await;
    if page.status == 404 {
        // This build has no page; it says so in a sentence.
        assert!(page.text.contains("npm run build:web"), "{}", page.text);
        assert_eq!(header(&page.headers, "content-type"), "text/plain; charset=utf-8");
        return;
    }
    assert_eq!((page.status, header(&page.headers, "cache-control")), (200, "no-cache"));
    assert_eq!(header(&page.headers, "content-type"), "text/html; charset=utf-8");
    let tag = header(&page.headers, "etag");
    let again = client().get(&server.url).header("if-none-match", format!("W/\"other\", {tag}"));
    let again = send(again).await;
    assert_eq!((again.status, again.text.as_str(), header(&again.headers, "etag")), (304, "", tag));
    let changed = send(client().get(&server.url).header("if-none-match", "W/\"other\"")).await;
    assert_eq!((changed.status, changed.text), (200, page.text.clone()));

    let mut kinds = Vec::new();
    for name in assets(&page.text) {
        let asset = get(&server, &format!("/assets/{name}")).await;
        assert_eq!(asset.status, 200, "{name}");
        assert_eq!(header(&asset.headers, "cache-control"), "public, max-age=31536000, immutable");
        kinds.push(header(&asset.headers, "content-type").to_owned());
    }
    kinds.sort();
    assert_eq!(kinds, ["image/svg+xml", "text/css; charset=utf-8", "text/javascript; charset=utf-8"]);
}

#[tokio::test]
async fn the_page_has_nothing_inline_and_nothing_from_elsewhere() {
    let server = Server::start().await;
    let html = get(&server, "/").await.text;
    for refused in ["<style", "style=", "onload", "http://", "https://", "src=\"//", "<base"] {
        assert!(!html.contains(refused), "{refused} in {html}");
    }
    let scripts = html.matches("<script").count();
    assert_eq!(html.matches("src=\"./assets/").count(), scripts, "{html}");
}

#[tokio::test]
async fn nothing_else_is_cached_or_found() {
    let server = Server::start().await;
    for path in ["/assets/missing.js", "/assets/index.html", "/assets/%2e%2e/index.html", "/index.html"] {
        let answer = get(&server, path).await;
        answer.expect_refusal(404, "not_found");
        assert_eq!(header(&answer.headers, "cache-control"), "no-store", "{path}");
    }
    assert_eq!(header(&get(&server, "/healthz").await.headers, "cache-control"), "no-store");
    assert_eq!(header(&server.api().get("/v1/profile").await.headers, "cache-control"), "no-store");
    let posted = send(client().request(Method::POST, &server.url)).await;
    posted.expect_refusal(405, "method_not_allowed");
}
