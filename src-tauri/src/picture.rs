//! Pictures that the window shows and its scripts cannot read: the QR code of an authorisation link, which carries `state`, and
//! that of a person's new secret for one-time codes.
//!
//! `waybill-qr://localhost/{attempt}` or `…/person-{id}` (`http://waybill-qr.localhost/…` on Windows) is another origin than the UI's,
//! and the answer grants nobody access to it: an `<img>` may show it, a canvas that has drawn it is tainted, `fetch` is
//! refused by the content policy. Invariant: only such an image ever comes from here, for a person with the
//! right who stands at the window's door.

use crate::front::Front;
use desk::api::{AttemptQr, Enrolment};
use serde_json::json;
use tauri::{
    AppHandle, Manager as _, Runtime,
    http::{Request, Response, StatusCode, header},
};

/// The scheme, as the policy in `tauri.conf.json` names it.
pub const SCHEME: &str = "waybill-qr";

/// The picture that `request` names, or an empty 404: the page says in words what is missing.
pub async fn answer<R: Runtime>(app: AppHandle<R>, request: Request<Vec<u8>>) -> Response<Vec<u8>> {
    let id = request.uri().path().trim_start_matches('/').to_owned();
    let (command, id) = match id.strip_prefix("person-") {
        Some(person) => ("people.enrol", person.to_owned()),
        None => ("accounts.qr", id),
    };
    let svg = match app.state::<Front>().beside(command, json!({ "id": id })).await {
        Ok(answer) if command == "people.enrol" => {
            serde_json::from_value::<Enrolment>(answer).map(|e| e.svg).unwrap_or_default()
        }
        Ok(answer) => serde_json::from_value::<AttemptQr>(answer).map(|qr| qr.svg).unwrap_or_default(),
        Err(error) => {
            tracing::info!(code = ?error.code, "there is no QR code to show");
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
