//! Pictures that the window shows and its scripts cannot read: the QR code of an authorisation link, which carries `state`,
//! that of a person's new secret for one-time codes (`person-{id}`), and the recovery card while it is being made (`card`).
//!
//! `waybill-qr://localhost/{attempt}` or `…/person-{id}` (`http://waybill-qr.localhost/…` on Windows) is another origin than the UI's,
//! and the answer grants nobody access to it: an `<img>` may show it, a canvas that has drawn it is tainted, `fetch` is
//! refused by the content policy. Invariant: only an image of an open attempt or card ever comes from here, for a person with the
//! right who stands at the window's door.

use crate::front::Front;
use serde_json::json;
use tauri::{
    AppHandle, Manager as _, Runtime,
    http::{Request, Response, StatusCode, header},
};

/// The scheme, as the policy in `tauri.conf.json` names it.
pub const SCHEME: &str = "waybill-qr";

/// The recovery card; attempts have ids of hex digits.
const CARD: &str = "card";

/// What of an answer is shown; the words of a card are left out.
#[derive(serde::Deserialize)]
struct Drawn {
    svg: String,
}

/// The picture that `request` names, or an empty 404: the page says in words what is missing.
pub async fn answer<R: Runtime>(app: AppHandle<R>, request: Request<Vec<u8>>) -> Response<Vec<u8>> {
    let id = request.uri().path().trim_start_matches('/').to_owned();
    let (command, request) = match (id.as_str(), id.strip_prefix("person-")) {
        (CARD, _) => ("backup.card_words", json!({})),
        (_, Some(person)) => ("people.enrol", json!({ "id": person })),
        _ => ("accounts.qr", json!({ "id": id })),
    };
    let svg = match app.state::<Front>().beside(command, request).await {
        Ok(answer) => serde_json::from_value::<Drawn>(answer).map(|drawn| drawn.svg).unwrap_or_default(),
        Err(error) => {
            tracing::info!(code = ?error.code, "there is no picture to show");
            String::new()
        }
    };
    let status = if svg.is_empty() { StatusCode::NOT_FOUND } else { StatusCode::OK };
    let mut response = Response::new(svg.into_bytes());
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, header::HeaderValue::from_static("image/svg+xml"));
    headers.insert(header::CACHE_CONTROL, header::HeaderValue::from_static("no-store"));
    response
}
