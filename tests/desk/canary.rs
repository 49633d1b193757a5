//! Known secrets and personal data, after every flow: in no plain file, in no answer that may enter a webview.

use crate::world::*;
use desk::Place;
use desk::api::*;
use std::path::Path;

fn files(dir: &Path, out: &mut Vec<std::path::PathBuf>) {
    for e in std::fs::read_dir(dir).unwrap().flatten() {
        let p = e.path();
        if p.is_dir() {
            files(&p, out);
        } else if e.file_type().is_ok_and(|t| t.is_file()) {
            out.push(p);
        }
    }
}

fn holds(hay: &[u8], needle: &str) -> bool {
    hay.windows(needle.len()).any(|w| w == needle.as_bytes())
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_secret_or_personal_lies_about() {
    let w = World::ready().await;
    let window = w.desk.door(Place::Window, "window");
    let login = Login { name: OWNER.into(), password: OWNER_PASSWORD.into() };
    let mut answers =
        vec![serde_json::to_string(&call::<_, LoginDone>(&window, "session.login", login).await.unwrap()).unwrap()];
    // Open attempts, so that live states and verifiers exist.
    let (a, b) = (w.start("taobao").await, w.start("standard").await);
    let (link_a, link_b) = (w.link(&a).await, w.link(&b).await);
    let state = |l: &url::Url| l.query_pairs().find(|(k, _)| k == "state").unwrap().1.into_owned();
    let home = browse(&link_a, "青禾茶器", "grant").await;
    let code = url::Url::parse(&home).unwrap().query_pairs().find(|(k, _)| k == "code").unwrap().1.into_owned();
    let mut secrets = vec![
        ("app secret", sandbox::PRACTICE_APP_SECRET.to_owned()),
        ("state", state(&link_a)),
        ("state", state(&link_b)),
        ("code", code),
        ("password", OWNER_PASSWORD.to_owned()),
    ];
    for token in w.market.secrets_given_out() {
        secrets.push(("token", token));
    }
    assert!(secrets.len() >= 7, "the market gave out tokens to look for");
    let parcel = w.submit(order()).await.unwrap();
    let _: Done =
        call(&w.owner, "orders.save_draft", SaveDraft { draft: format!("{{\"n\":\"{RECIPIENT}\"}}") }).await.unwrap();

    // Everything a window can ask for, as the owner who may see nearly everything.
    let grants: Vec<GrantView> = call(&window, "accounts.list", Nothing {}).await.unwrap();
    let courier = grants[0].couriers[0].id.clone();
    let id = |s: &str| serde_json::json!({ "id": s });
    for (name, req) in [
        ("app.state", serde_json::json!({})),
        ("people.list", serde_json::json!({})),
        ("accounts.platforms", serde_json::json!({})),
        ("accounts.attempts", serde_json::json!({})),
        ("accounts.attempt", id(&a.id)),
        ("accounts.list", serde_json::json!({})),
        ("accounts.reload", id(&grants[0].id)),
        ("accounts.details", id(&courier)),
        ("orders.list", serde_json::json!({"before": null, "limit": 50, "filter": "all", "search": ""})),
        ("orders.show", id(&parcel.row.id)),
        ("prints.list", id("")),
        ("printers.list", serde_json::json!({})),
        ("log.list", serde_json::to_value(list_log(None, 200)).unwrap()),
        ("people.rules", serde_json::json!({})),
        ("posts.list", serde_json::json!({})),
    ] {
        let v = raw(&window, name, req).await.unwrap();
        answers.push(v.to_string());
    }
    let denied = raw(&window, "accounts.link", id(&b.id)).await;
    assert!(denied.is_err(), "the link with its state does not enter a webview");
    for text in &answers {
        for (what, s) in &secrets {
            assert!(!text.contains(s.as_str()), "{what} in an answer to the window");
        }
        assert!(
            !text.contains(RECIPIENT_PHONE) && !text.contains(RECIPIENT),
            "unmasked personal data without `reveal`"
        );
    }
    let revealed: RevealedParcel = call(&window, "orders.reveal", ById { id: parcel.row.id.clone() }).await.unwrap();
    assert_eq!(revealed.recipient.phone, RECIPIENT_PHONE, "a person with the right sees it");
    assert!(w.log().await.iter().any(|r| r.action == "personal.reveal"), "and it is in the log");

    // Files: while open (with the WAL) and after closing.
    secrets.extend([
        ("phone", RECIPIENT_PHONE.to_owned()),
        ("name", RECIPIENT.to_owned()),
        ("address", "世外桃源广场".to_owned()),
        ("settlement contact", "王会计".to_owned()),
    ]);
    let folder = w.desk.folder().to_owned();
    let scan = |when: &str| {
        let mut all = Vec::new();
        files(&folder, &mut all);
        assert!(all.iter().any(|f| f.ends_with("desk.db")), "there is a database to scan");
        for f in all {
            let bytes = std::fs::read(&f).unwrap_or_default();
            for (what, s) in &secrets {
                assert!(!holds(&bytes, s), "{what} in {} {when}", f.display());
            }
        }
    };
    scan("while open");
    w.desk.close().await;
    scan("after closing");
}
