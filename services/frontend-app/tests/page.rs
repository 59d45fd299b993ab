//! The page in a real browser.

mod support;

use std::path::PathBuf;

use service_testing::browser::Browser;
use service_testing::peers;
use support::Platform;

const STATES: &str = "return [...document.querySelectorAll('.card .word')].map(e => e.textContent).join()";

fn pictures() -> PathBuf {
    PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("pictures")
}

/// All that a page needs to be read by everyone: names for fields and groups, no sideways scrolling,
/// targets large enough for fingers.
async fn is_accessible(browser: &Browser) {
    let nameless = "return [...document.querySelectorAll('input, select, textarea, button')]
        .filter(e => !(e.labels && e.labels.length) && !e.textContent.trim()).map(e => e.outerHTML)";
    assert_eq!(browser.run(nameless).await, serde_json::json!([]));
    let wide = "return document.documentElement.scrollWidth > document.documentElement.clientWidth";
    assert_eq!(browser.run(wide).await, false, "the page scrolls sideways");
    let small = "return [...document.querySelectorAll('button, select, textarea, .choice')]
        .filter(e => e.getBoundingClientRect().height < 43.9).map(e => e.outerHTML)";
    assert_eq!(browser.run(small).await, serde_json::json!([]), "too small to be touched");
    let order = "return [...document.querySelectorAll('h1,h2,h3')].map(e => +e.tagName[1])
        .every((level, i, all) => i === 0 ? level === 1 : level <= all[i - 1] + 1)";
    assert_eq!(browser.run(order).await, true, "headings skip a level");
}

/// Only this origin was asked for anything.
async fn asked_only(browser: &Browser, url: &str) {
    let asked = browser.run("return performance.getEntriesByType('resource').map(e => e.name)").await;
    let asked = asked.as_array().expect("a list").clone();
    assert!(asked.iter().all(|name| name.as_str().is_some_and(|name| name.starts_with(url))), "{asked:?}");
}

#[tokio::test]
async fn a_person_uses_the_page() {
    if !peers::wanted() {
        return;
    }
    let mut platform = Platform::start().await;
    let url = format!("http://{}", platform.address());
    let browser = Browser::start((1100, 900), false).await;
    browser.go(&url).await;
    browser.until(&format!("{STATES} === 'Working,Working'")).await;
    let text = browser.run("return document.body.innerText").await.to_string();
    for needle in ["backend-app-pod", "backend-service-pod", "frontend-pod", "node-1", " ms"] {
        assert!(text.contains(needle), "{needle} is missing in {text}");
    }
    is_accessible(&browser).await;

    for (via, name) in [("backend", "backend-app"), ("backend-service", "backend-service")] {
        browser.write("#text", "Grüße & <b>Küsse</b>").await;
        browser.run("document.getElementById('answer').replaceChildren()").await;
        browser.click(&format!("input[value='{via}']")).await;
        browser.click("#send").await;
        browser.until("return document.querySelector('#answer output') !== null").await;
        let answer = browser.run("return document.getElementById('answer').innerText").await.to_string();
        assert!(answer.contains("GRÜSSE & <B>KÜSSE</B>"), "{answer}");
        assert!(answer.contains(&format!("by {name} in")), "{answer}");
    }
    asked_only(&browser, &url).await;
    assert_eq!(browser.console().await, Vec::<serde_json::Value>::new(), "the console is clean");
    eprintln!("{}", browser.picture(&pictures(), "page").await.display());

    // A backend fails: it is shown, and the other goes on.
    platform.backend_app.take().expect("running").stop().await;
    browser.until(&format!("{STATES} === 'Not available,Working'")).await;
    let why = browser.run("return document.querySelector('.card .why').textContent").await.to_string();
    assert!(why.contains("does not answer (connection refused)"), "{why}");
    browser.click("input[value='backend']").await;
    browser.click("#send").await;
    browser.until("return document.querySelector('#answer .bad') !== null").await;
    let answer = browser.run("return document.getElementById('answer').innerText").await.to_string();
    assert!(answer.contains("backend-app could not do this."), "{answer}");
    eprintln!("{}", browser.picture(&pictures(), "page-backend-down").await.display());

    // The frontend itself is gone.
    platform.frontend.terminate();
    browser.until(&format!("{STATES} === 'Not available,Not available'")).await;
    browser.until("return document.body.innerText.includes('cannot reach its own server')").await;
    browser.quit().await;
}

#[tokio::test]
async fn the_page_fits_a_phone() {
    if !peers::wanted() {
        return;
    }
    let platform = Platform::start().await;
    let browser = Browser::start((360, 740), true).await;
    for path in ["/", "/info"] {
        browser.go(&format!("http://{}{path}", platform.address())).await;
        is_accessible(&browser).await;
    }
    eprintln!("{}", browser.picture(&pictures(), "phone-info").await.display());
    browser.go(&format!("http://{}/", platform.address())).await;
    browser.until(&format!("{STATES} === 'Working,Working'")).await;
    eprintln!("{}", browser.picture(&pictures(), "phone").await.display());
    assert_eq!(browser.console().await, Vec::<serde_json::Value>::new());
    browser.quit().await;
}

#[tokio::test]
async fn the_documentation_works_offline() {
    if !peers::wanted() {
        return;
    }
    let platform = Platform::start().await;
    let url = format!("http://{}", platform.address());
    let browser = Browser::start((1100, 900), false).await;
    browser.go(&format!("{url}/docs")).await;
    browser.until("return document.querySelectorAll('.opblock').length >= 13").await;
    // Trying an operation out is part of interactive documentation.
    browser.click("#operations-backend-app-backend_status .opblock-summary-control").await;
    browser.until("return document.querySelector('.try-out__btn') !== null").await;
    browser.click(".try-out__btn").await;
    browser.until("return document.querySelector('.execute') !== null").await;
    browser.click(".execute").await;
    browser.until("return document.body.innerText.includes('backend-app-pod')").await;
    asked_only(&browser, &url).await;
    assert_eq!(browser.console().await, Vec::<serde_json::Value>::new(), "the console is clean");
    eprintln!("{}", browser.picture(&pictures(), "docs").await.display());
    browser.quit().await;
}
