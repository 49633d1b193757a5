//! A person in front of the practice market's pages, without a browser: opens the link, logs in, consents, follows the
//! answer home. For the trial and the tests; real platforms have pages that only a person may answer.

use std::time::Duration;

/// Walks from the link to the page that the desk's loopback door shows. Errors: the step and what came instead.
pub async fn authorize(link: &str, account: &str, password: &str) -> Result<(), String> {
    let home = consent(link, account, password).await?;
    text("the way home", browser()?.get(home)).await.map(drop)
}

/// Walks from the link to the address that the browser is sent home to, without going there.
pub async fn consent(link: &str, account: &str, password: &str) -> Result<String, String> {
    let http = browser()?;
    let page = text("the link", http.get(link)).await?;
    let visit = field(&page, "name=\"visit\" value=\"")?.to_owned();
    let at = |action: &str| {
        let base = reqwest::Url::parse(link).map_err(|e| format!("the link is no address: {e}"))?;
        base.join(action).map_err(|e| format!("{action} is no address: {e}"))
    };
    let login = at(field(&page, "<form method=\"post\" action=\"")?)?;
    let form = [("visit", visit.as_str()), ("account", account), ("password", password)];
    let page = text("the login", http.post(login).form(&form)).await?;
    let consent = at(field(&page, "<form method=\"post\" action=\"")?)?;
    let form = [("visit", visit.as_str()), ("answer", "grant")];
    let gone = http.post(consent).form(&form).send().await.map_err(|e| format!("the consent: {e}"))?;
    let home = gone.headers().get("location").and_then(|h| h.to_str().ok());
    home.map(str::to_owned).ok_or_else(|| format!("the consent: {} and no way home", gone.status()))
}

fn browser() -> Result<reqwest::Client, String> {
    // Fails only if a provider was installed before us, which is as good.
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .timeout(Duration::from_secs(20))
        .no_proxy()
        .tls_certs_only([])
        .build()
        .map_err(|e| format!("the HTTP client cannot be built: {e}"))
}

async fn text(step: &str, request: reqwest::RequestBuilder) -> Result<String, String> {
    // Addresses carry codes: an error must not repeat them.
    let answer = request.send().await.map_err(|e| format!("{step}: {}", e.without_url()))?;
    let status = answer.status();
    let body = answer.text().await.map_err(|e| format!("{step}: {}", e.without_url()))?;
    if status.is_success() { Ok(body) } else { Err(format!("{step}: {status}")) }
}

fn field<'a>(page: &'a str, before: &str) -> Result<&'a str, String> {
    page.split_once(before)
        .and_then(|(_, rest)| rest.split_once('"'))
        .map(|(value, _)| value)
        .ok_or_else(|| "the page is another one than expected".to_owned())
}
