//! One story that every implementation of [`Store`] must tell the same way: a shop's day from its owner's first login
//! to the grant that ends, through every method of the trait.

pub(crate) mod batches;
pub(crate) mod cast;
mod parcels;

use super::{
    AttemptChange, BackupRow, Badge, Card, CustomArea, GrantState, Hours, LabelOf, LogQuery, NewCarrierLabel, NewPrint,
    OwnTemplate, PersonChange, Post, PrintChange, Printer, PrinterRule, R, RefreshEnd, Store, StoreError,
};
use crate::rights::{OWNER, Permission};
use crate::vault::{Carried, Recovery};
use cast::{
    app, at, attempt, attempt_id, courier_id, details, grant_id, log, offer, person, person_id, printer, printer_id,
    shop, tokens,
};
use domain::attempt::AttemptState;
use domain::chance::OsChance;
use domain::ids::{CarrierLabelId, GrantId};
use domain::journal::PrintState;
use domain::secret::Secret;

/// Panics where the store tells it differently. Wants an empty store.
pub(crate) async fn tells_the_same_story<S: Store>(store: &S) {
    people(store).await;
    settings(store).await;
    a_grant(store).await;
    couriers_and_printers(store).await;
    parcels::a_parcel(store).await;
    parcels::its_label(store).await;
    parcels::a_second_attempt(store).await;
    parcels::lists(store).await;
    parcels::attention(store).await;
    batches::a_morning(store).await;
    parcels::time_is_over(store).await;
    the_grant_ends(store).await;
    the_log(store).await;
    store.close().await;
}

fn is_taken<T: std::fmt::Debug>(answer: R<T>, rule: &str, why: &str) {
    match answer {
        Err(StoreError::Taken { rule: found }) => assert_eq!(found, rule, "{why}"),
        other => panic!("{why}: not Taken but {other:?}"),
    }
}

async fn settings<S: Store>(store: &S) {
    assert_eq!(store.setting("purge.days").await.unwrap(), None);
    store.save_setting("purge.days", "30", &log("data.keep", "")).await.unwrap();
    store.save_setting("purge.days", "60", &log("data.keep", "")).await.unwrap();
    assert_eq!(store.setting("purge.days").await.unwrap().as_deref(), Some("60"), "the newest");
    assert!(store.card().await.unwrap().is_none());
    for by in ["owner", "clerk"] {
        let key = Recovery::fresh(&OsChance).backup_key();
        let card = Card { id: key.card(), key, made_at: at(1), made_by: by.to_owned() };
        store.set_card(&card, &log("backup.card", by)).await.unwrap();
        let kept = store.card().await.unwrap().unwrap();
        assert_eq!((kept.id, kept.key.card(), kept.made_by.as_str()), (card.id, card.id, by), "one card, the newest");
    }
    for (n, good) in [(1, true), (2, false)] {
        let row = BackupRow {
            id: 0,
            started_at: at(n),
            ended_at: at(n + 1),
            how: "nightly".to_owned(),
            good,
            file: format!("/backups/{n}"),
            bytes: 9,
            rows: 8,
            log_rows: 7,
            log_head: "ab".to_owned(),
            trouble: if good { String::new() } else { "disk_full".to_owned() },
            detail: String::new(),
        };
        store.add_backup(&row, &log("backup", "")).await.unwrap();
        assert_eq!(store.backups(1).await.unwrap(), [BackupRow { id: n.cast_signed(), ..row }], "newest first");
    }
    assert!(store.backup_removed(1, at(9), &log("backup.rotated", "")).await.unwrap());
    assert!(!store.backup_removed(1, at(9), &log("backup.rotated", "")).await.unwrap(), "once");
    let left: Vec<i64> = store.backups(9).await.unwrap().into_iter().map(|b| b.id).collect();
    assert_eq!(left, [2]);
    // Copies need a file: they are told in `sqlite/tests/backup.rs`; here only that a folder which is not there is said.
    let nowhere = std::path::Path::new("/nowhere/at/all/copy.db");
    assert!(store.copy_out(nowhere).await.is_err());
    let carried = Carried::from_bytes(&[7; 128]).expect("any 128 bytes are keys");
    let card = store.card().await.unwrap().unwrap();
    assert!(store.take_in(nowhere, &carried, &card, &log("backup.restored", "")).await.is_err());
}

async fn people<S: Store>(store: &S) {
    assert_eq!(store.log_verify().await.unwrap().0, 0, "the story wants an empty store");
    store.add_person(&person("owner", "Ｑián 掌柜", OWNER), &log("people.add", "owner")).await.unwrap();
    store.add_person(&person("clerk", "小李", "clerk"), &log("people.add", "clerk")).await.unwrap();
    let again = person("other", " qIÁN 掌柜 ", "staff");
    is_taken(store.add_person(&again, &log("people.add", "other")).await, "people.name_folded", "names fold alike");
    let usurper = person("other", "老王", OWNER);
    is_taken(store.add_person(&usurper, &log("people.add", "other")).await, "one_owner", "a shop has one owner");
    let ids: Vec<_> = store.people().await.unwrap().into_iter().map(|p| p.id).collect();
    assert_eq!(ids, [person_id("owner"), person_id("clerk")], "people come by creation");

    store.login_failed("QIÁN 掌柜", 1, at(1), &log("login.failed", "")).await.unwrap();
    store.login_failed("qián 掌柜", 2, at(5), &log("login.failed", "")).await.unwrap();
    assert_eq!(store.login_tries("Ｑián 掌柜").await.unwrap(), (2, at(5)), "failures count by folded name");
    assert_eq!(store.login_tries("nobody").await.unwrap().0, 0, "nobody failed under this name");
    let owner = store.person_named("QIÁN 掌柜　").await.unwrap().expect("found however it is typed");
    assert_eq!((owner.name.as_str(), owner.post.as_str()), ("Ｑián 掌柜", OWNER), "kept as typed");
    store.logged_in(&owner.id, at(9), Some("$argon2id$new"), &log("login", "owner")).await.unwrap();
    assert_eq!(store.login_tries("qián 掌柜").await.unwrap().0, 0, "a login forgets the failures");
    let owner = store.person(&owner.id).await.unwrap().unwrap();
    assert_eq!((owner.password_phc.as_str(), owner.last_login_at), ("$argon2id$new", Some(at(9))));
    store.logged_in(&owner.id, at(10), None, &log("login", "owner")).await.unwrap();
    assert_eq!(store.person(&owner.id).await.unwrap().unwrap().password_phc, "$argon2id$new", "None keeps the hash");
    assert!(store.person(&person_id("other")).await.unwrap().is_none(), "the refused ones were not written");

    store.add_session("terminal-token", &owner.id, at(60)).await.unwrap();
    assert_eq!(store.session("terminal-token", at(59)).await.unwrap().unwrap().id, owner.id);
    assert!(store.session("terminal-token", at(60)).await.unwrap().is_none(), "a session ends at its time");
    assert!(store.session("another-token", at(1)).await.unwrap().is_none());
    store.end_sessions(&owner.id, &log("logout", "owner")).await.unwrap();
    assert!(store.session("terminal-token", at(1)).await.unwrap().is_none(), "ended by the person");
    posts(store).await;
    somebody_else(store).await;
}

async fn posts<S: Store>(store: &S) {
    assert!(store.posts().await.unwrap().is_empty(), "the program's own posts are not in the store");
    let mut post = Post {
        id: "post-1".to_owned(),
        name: "夜班".to_owned(),
        rights: vec![Permission::SubmitOrder, Permission::Reprint],
        removed: false,
    };
    store.save_post(&post, &log("post.save", "post-1")).await.unwrap();
    post.rights.clear();
    store.save_post(&post, &log("post.save", "post-1")).await.unwrap();
    assert_eq!(store.posts().await.unwrap(), [post], "the newer one replaces");
}

async fn somebody_else<S: Store>(store: &S) {
    let id = person_id("clerk");
    let entry = |action: &str| log(action, "clerk");
    let before = store.person(&id).await.unwrap().unwrap();
    assert_eq!((before.card.real_name.as_str(), before.has_totp, before.has_pin), ("李小明", false, false));
    store.add_session("clerk-token", &id, at(60)).await.unwrap();
    let hours = vec![Hours { days: [true; 7], from: 540, to: 1080 }];
    let change = PersonChange {
        place: Some(("post-1".to_owned(), vec![Permission::ViewLog])),
        hours: Some(hours.clone()),
        totp: Some(Secret::new("GEZDGNBVGY3TQOJQ")),
        pin_phc: Some("$argon2id$pin".to_owned()),
        certified: Some((at(3), "totp".to_owned(), Some(Secret::new("11010519491231002X")))),
        ..PersonChange::default()
    };
    assert!(store.change_person(&id, &change, &entry("people.configure")).await.unwrap());
    let after = store.person(&id).await.unwrap().unwrap();
    assert_eq!((after.post.as_str(), &after.extra[..], &after.hours), ("post-1", &[Permission::ViewLog][..], &hours));
    assert_eq!((after.certified, after.has_totp, after.has_pin), (Some((at(3), "totp".to_owned())), true, true));
    assert_eq!((after.card, after.password_phc), (before.card, before.password_phc), "what is not given stays");
    assert!(store.session("clerk-token", at(1)).await.unwrap().is_some(), "another post ends no session");
    let keys = store.person_keys(&id).await.unwrap();
    assert_eq!((keys.totp.unwrap().reveal(), keys.pin_phc.as_str()), ("GEZDGNBVGY3TQOJQ", "$argon2id$pin"));
    assert!(store.totp_used(&id, 7).await.unwrap());
    assert!(
        !store.totp_used(&id, 7).await.unwrap() && !store.totp_used(&id, 6).await.unwrap(),
        "each code counts once"
    );
    store.pin_failed(&id, &entry("login.failed")).await.unwrap();
    assert_eq!(store.person_keys(&id).await.unwrap().pin_failures, 1);
    store.logged_in(&id, at(4), None, &entry("login")).await.unwrap();
    assert_eq!(store.person_keys(&id).await.unwrap().pin_failures, 0, "a login forgets them");

    // One identity card certifies one account.
    store.add_person(&person("twin", "小李二", "clerk"), &log("people.add", "twin")).await.unwrap();
    let same = PersonChange { certified: change.certified.clone(), ..PersonChange::default() };
    let taken = store.change_person(&person_id("twin"), &same, &log("people.certified", "twin")).await;
    is_taken(taken, "one_id_card", "the same card");
    assert_eq!(store.person(&person_id("twin")).await.unwrap().unwrap().certified, None, "nothing was written");

    // One badge brings one person in; another one, and none, end it.
    let badge = |code: &str| Some(Some((Secret::new(code), Badge { at: at(4), own: true })));
    let give =
        |code: &str| PersonChange { badge: badge(code), checked_at: Some(Some(at(4))), ..PersonChange::default() };
    assert!(store.person_of_badge("b-1").await.unwrap().is_none());
    assert!(store.change_person(&id, &give("b-1"), &entry("people.badge")).await.unwrap());
    let bearer = store.person_of_badge("b-1").await.unwrap().expect("found by the code");
    assert_eq!((&bearer.id, bearer.badge, bearer.checked_at), (&id, Some(Badge { at: at(4), own: true }), Some(at(4))));
    let taken = store.change_person(&person_id("twin"), &give("b-1"), &log("people.badge", "twin")).await;
    is_taken(taken, "one_badge", "somebody else's");
    assert!(store.change_person(&id, &give("b-2"), &entry("people.badge")).await.unwrap());
    assert!(store.person_of_badge("b-1").await.unwrap().is_none(), "replaced");
    let none = PersonChange { badge: Some(None), checked_at: Some(None), ..PersonChange::default() };
    assert!(store.change_person(&id, &none, &entry("people.badge")).await.unwrap());
    assert!(store.person_of_badge("b-2").await.unwrap().is_none(), "taken away");
    let bare = store.person(&id).await.unwrap().unwrap();
    assert_eq!((bare.badge, bare.checked_at), (None, None));

    store.right_used(&id, Permission::ViewLog, at(5)).await.unwrap();
    store.right_used(&id, Permission::ViewLog, at(4)).await.unwrap();
    assert_eq!(store.right_uses(&id).await.unwrap(), [(Permission::ViewLog, at(5))], "the latest counts");

    // Goes, and comes back uncertified.
    let gone = PersonChange { departed_at: Some(Some(at(6))), ..PersonChange::default() };
    assert!(store.change_person(&id, &gone, &entry("people.depart")).await.unwrap());
    assert_eq!(store.person(&id).await.unwrap().unwrap().departed_at, Some(at(6)));
    assert!(store.session("clerk-token", at(1)).await.unwrap().is_none(), "no session outlives a departure");
    let back = PersonChange {
        departed_at: Some(None),
        certify_from: Some(at(8)),
        password: Some(("$argon2id$again".to_owned(), at(8), true)),
        ..PersonChange::default()
    };
    assert!(store.change_person(&id, &back, &entry("people.restore")).await.unwrap());
    let back = store.person(&id).await.unwrap().unwrap();
    assert_eq!((back.departed_at, back.certified, back.certify_from), (None, None, at(8)));
    assert_eq!((back.password_phc.as_str(), back.password_strong), ("$argon2id$again", true));
    let nobody = person_id("nobody");
    assert!(!store.change_person(&nobody, &PersonChange::default(), &log("people.configure", "nobody")).await.unwrap());
    assert_eq!(store.person_keys(&nobody).await.unwrap().pin_phc, "");
}

async fn a_grant<S: Store>(store: &S) {
    assert!(store.app("taobao").await.unwrap().is_none());
    store.set_app(&app("first"), &log("app.set", "taobao")).await.unwrap();
    store.set_app(&app("second"), &log("app.set", "taobao")).await.unwrap();
    let kept = store.app("taobao").await.unwrap().unwrap();
    assert_eq!((kept.secret.reveal(), kept.key.as_str()), ("second", "12345678"), "the newer one replaces");

    let id = hold(store, "try-1", "state-1", "access-1").await;
    let held = store.attempt(&id).await.unwrap().unwrap();
    assert_eq!((held.state, held.door.as_str(), held.shop), (AttemptState::Held, "loopback", Some(shop())));
    assert_eq!((held.secret_state.reveal(), held.verifier.reveal()), ("state-1", "verifier"), "not over yet");
    assert_eq!(store.attempt_tokens(&id).await.unwrap(), Some(tokens("access-1", "refresh")));
    assert_eq!(store.attempts_not_over().await.unwrap().len(), 1);
    assert!(store.grant_of_shop("taobao", &shop()).await.unwrap().is_none(), "held is not granted");

    let owner = person_id("owner");
    let made = store.activate(&id, &grant_id("grant"), &owner, at(20), &log("grant.confirm", "grant")).await.unwrap();
    assert_eq!(made, Some(grant_id("grant")));
    let late = store.activate(&id, &grant_id("grant-2"), &owner, at(20), &log("grant.confirm", "grant-2")).await;
    assert_eq!(late.unwrap(), None, "somebody else confirmed it already");
    let over = store.attempt_by_state("state-1").await.unwrap().expect("a late answer finds its attempt");
    assert_eq!((over.state, over.grant), (AttemptState::Active, Some(grant_id("grant"))));
    assert!(over.secret_state.is_empty() && over.verifier.is_empty(), "an attempt that is over has no secrets");
    assert_eq!(store.attempt_tokens(&id).await.unwrap(), None, "they moved into the grant");
    assert_eq!(store.tokens(&grant_id("grant")).await.unwrap(), Some(tokens("access-1", "refresh")));

    let dead = GrantState::NeedsRenewal;
    let entry = log("grant.dead", "grant");
    assert!(store.move_grant(&grant_id("grant"), GrantState::Active, dead, "expired", &entry).await.unwrap());
    assert!(!store.move_grant(&grant_id("grant"), GrantState::Active, dead, "expired", &entry).await.unwrap());
    assert_eq!(store.grant(&grant_id("grant")).await.unwrap().unwrap().reason, "expired");
    let id = hold(store, "try-2", "state-2", "access-2").await;
    let renewed = store.activate(&id, &grant_id("grant-2"), &owner, at(30), &log("grant.confirm", "grant")).await;
    assert_eq!(renewed.unwrap(), Some(grant_id("grant")), "the same shop keeps its grant");
    let grant = store.grant_of_shop("taobao", &shop()).await.unwrap().unwrap();
    assert_eq!((grant.state, grant.reason.as_str(), grant.granted_at), (GrantState::Active, "", at(30)));
    assert_eq!(grant.expires_at, Some(at(86_400)));
    assert_eq!(store.tokens(&grant.id).await.unwrap(), Some(tokens("access-2", "refresh")), "with the new tokens");
    store.grant_used(&grant.id, at(40)).await.unwrap();
    assert_eq!(store.grants().await.unwrap()[0].last_used_at, Some(at(40)));
    its_tokens_are_renewed(store, &grant.id).await;

    let entry = log("attempt.cancel", "try-3");
    store.add_attempt(&attempt("try-3", "state-3", ""), &log("attempt.open", "try-3")).await.unwrap();
    let no = AttemptChange { reason: Some("called_off".to_owned()), ..AttemptChange::default() };
    let (open, cancelled) = (AttemptState::Open, AttemptState::Cancelled);
    assert!(store.move_attempt(&attempt_id("try-3"), open, cancelled, &no, &entry).await.unwrap());
    assert!(!store.move_attempt(&attempt_id("try-3"), open, cancelled, &no, &entry).await.unwrap(), "once only");
    let over = store.attempt(&attempt_id("try-3")).await.unwrap().unwrap();
    assert_eq!((over.reason.as_str(), over.secret_state.is_empty()), ("called_off", true));
    let id = hold(store, "wrong-shop", "state-w", "access-w").await;
    let wrong = log("attempt.refuse", "wrong-shop");
    let (held, refused) = (AttemptState::Held, AttemptState::Refused);
    assert!(store.move_attempt(&id, held, refused, &AttemptChange::default(), &wrong).await.unwrap());
    assert_eq!(store.attempt_tokens(&id).await.unwrap(), None, "tokens of a shop that was not confirmed are gone");
    assert_eq!(store.attempt(&id).await.unwrap().unwrap().shop, Some(shop()), "whose they were is remembered");
    assert!(store.attempts_not_over().await.unwrap().is_empty());
}

/// An attempt up to `held`.
pub(crate) async fn hold<S: Store>(store: &S, id: &str, state: &str, access: &str) -> domain::ids::AttemptId {
    store.add_attempt(&attempt(id, state, "verifier"), &log("attempt.open", id)).await.unwrap();
    let id = attempt_id(id);
    let came = AttemptChange { door: Some("loopback".to_owned()), ..AttemptChange::default() };
    let got = AttemptChange { tokens: Some((tokens(access, "refresh"), shop())), ..AttemptChange::default() };
    for (from, to, change) in [
        (AttemptState::Open, AttemptState::Received, &came),
        (AttemptState::Received, AttemptState::Exchanging, &AttemptChange::default()),
        (AttemptState::Exchanging, AttemptState::Held, &got),
    ] {
        let moved = store.move_attempt(&id, from, to, change, &log("attempt", id.as_str())).await.unwrap();
        assert!(moved, "{from:?} → {to:?}");
    }
    id
}

async fn custom_areas<S: Store>(store: &S) {
    let words = |text: &str| CustomArea { text: text.to_owned(), goods: true, ..CustomArea::default() };
    let (all, one) = (None, Some(grant_id("grant")));
    let entry = log("custom_area.save", "");
    store.save_custom_area(&all, Some(&words("谢谢惠顾")), &entry).await.unwrap();
    store.save_custom_area(&one, Some(&words("七天无理由")), &entry).await.unwrap();
    store.save_custom_area(&all, Some(&words("谢谢")), &entry).await.unwrap();
    let kept = store.custom_areas().await.unwrap();
    assert!(kept.contains(&(all.clone(), words("谢谢"))) && kept.contains(&(one.clone(), words("七天无理由"))));
    assert_eq!(kept.len(), 2, "one a shop");
    store.save_custom_area(&one, None, &entry).await.unwrap();
    assert_eq!(store.custom_areas().await.unwrap(), [(all, words("谢谢"))]);
}

async fn carrier_labels<S: Store>(store: &S) {
    let page = |id: &str, page: u32, number: &str| NewCarrierLabel {
        id: CarrierLabelId::from_stored(id),
        page,
        tracking: number.to_owned(),
        ..cast::carrier_label()
    };
    let job = |id: &str, label: &str, copy| NewPrint {
        of: LabelOf::Carrier(CarrierLabelId::from_stored(label)),
        printer: printer_id("old"),
        ..cast::job(id, "", "", copy)
    };
    let entry = log("carrier_label.print", "page-1");
    store.add_carrier_label(&page("page-1", 1, "1Z1"), &job("of-1", "page-1", 0), &entry).await.unwrap();
    store.add_carrier_label(&page("page-2", 2, "1Z2"), &job("of-2", "page-2", 0), &entry).await.unwrap();
    let again = store.add_carrier_label(&page("page-3", 1, "1Z3"), &job("of-3", "page-3", 0), &entry).await;
    assert!(matches!(again, Err(StoreError::Taken { .. })), "a page is printed once: {again:?}");
    let again = store.add_carrier_label(&page("page-3", 3, "1Z3"), &job("of-2", "page-3", 0), &entry).await;
    assert!(matches!(again, Err(StoreError::Taken { .. })), "a press counts once: {again:?}");
    let ids: Vec<String> = store.carrier_labels(9).await.unwrap().into_iter().map(|l| l.id.to_string()).collect();
    assert_eq!(ids, ["page-2", "page-1"], "newest first, and nothing of what was refused");
    let one = store.carrier_label(&CarrierLabelId::from_stored("page-1")).await.unwrap().unwrap();
    assert_eq!((one.name.as_str(), one.page, one.pages, one.tracking.as_str()), ("label.pdf", 1, 3, "1Z1"));
    assert_eq!(store.carrier_file(&one.id).await.unwrap(), Some(cast::carrier_label().file), "byte for byte");
    let known = async |hash: &str, page, number: &str| {
        store.carrier_label_of(hash, page, number).await.unwrap().map(|l| l.id.to_string())
    };
    let hash = cast::carrier_label().hash;
    assert_eq!(known(&hash, 2, "1Z1").await.as_deref(), Some("page-2"), "the page itself first");
    assert_eq!(known("other", 1, "1Z1").await.as_deref(), Some("page-1"), "then the number, fetched again");
    assert_eq!(known("other", 2, "1Z1").await, None, "another page may bear it, too");
    assert_eq!(known("other", 2, "").await, None, "no number is nobody's number");
    assert_eq!(known(&hash, 3, "").await, None);
    let copy = store.add_print(&job("of-1-copy", "page-1", 1), &log("print.reprint", "page-1")).await;
    copy.unwrap();
    let twice = store.add_print(&job("other-copy", "page-1", 1), &log("print.reprint", "page-1")).await;
    assert!(matches!(twice, Err(StoreError::Taken { .. })), "a copy number is given once: {twice:?}");
    let copies: Vec<u32> = store.prints_of_label(&one.id).await.unwrap().into_iter().map(|p| p.copy).collect();
    assert_eq!(copies, [0, 1]);
    // No number has to be live for it.
    for (from, to) in [(PrintState::Queued, PrintState::Rendered), (PrintState::Rendered, PrintState::Sending)] {
        let moved = store.move_print(&cast::job_id("of-1"), from, to, &Default::default(), &entry).await;
        assert!(moved.unwrap());
    }
    let end = (PrintState::Sending, PrintState::Sent);
    assert!(store.move_print(&cast::job_id("of-1"), end.0, end.1, &Default::default(), &entry).await.unwrap());
    let none = PrintChange::default();
    for id in ["of-2", "of-1-copy"].map(cast::job_id) {
        assert!(store.move_print(&id, PrintState::Queued, PrintState::Failed, &none, &entry).await.unwrap());
    }
}

async fn own_templates<S: Store>(store: &S) {
    let version = |version, text: &str| OwnTemplate {
        id: "own-1".to_owned(),
        made_from: "waybill-100x180".to_owned(),
        version,
        text: text.to_owned(),
        created_at: at(5),
        created_by: person_id("owner"),
    };
    let (one, two) = (version(1, "first"), version(2, "second"));
    assert!(store.save_own_template(&one, &log("template.save", "own-1")).await.unwrap());
    assert!(!store.save_own_template(&version(3, "x"), &log("template.save", "own-1")).await.unwrap(), "a gap");
    assert!(store.save_own_template(&two, &log("template.save", "own-1")).await.unwrap());
    assert!(!store.save_own_template(&two, &log("template.save", "own-1")).await.unwrap(), "the same version again");
    assert_eq!(store.own_templates().await.unwrap(), std::slice::from_ref(&two), "the newest");
    assert_eq!(store.own_template("own-1", 1).await.unwrap(), Some(one), "and each older one");
    assert_eq!(store.own_template("own-1", 3).await.unwrap(), None);
    assert!(store.remove_own_template("own-1", &log("template.remove", "own-1")).await.unwrap());
    assert!(!store.remove_own_template("own-1", &log("template.remove", "own-1")).await.unwrap());
    assert!(store.own_templates().await.unwrap().is_empty(), "not offered");
    assert_eq!(store.own_template("own-1", 2).await.unwrap(), Some(two), "but there for what was printed");
    assert!(!store.save_own_template(&version(3, "x"), &log("template.save", "own-1")).await.unwrap(), "it is gone");
}

async fn couriers_and_printers<S: Store>(store: &S) {
    let grant = grant_id("grant");
    let fresh = [courier_id("west"), courier_id("east"), courier_id("spare")];
    let offers = [offer("西湖", 90), offer("江干", 7)];
    store.load_couriers(&grant, &offers, &fresh, at(50), &log("couriers.load", "grant")).await.unwrap();
    store.save_details(&courier_id("west"), &details("13800138000"), &log("courier.details", "west")).await.unwrap();
    let newer = [offer("拱墅", 1), offer("西湖", 89)];
    store.load_couriers(&grant, &newer, &[courier_id("north")], at(55), &log("couriers.load", "grant")).await.unwrap();
    let seen: Vec<_> = store.couriers().await.unwrap().into_iter().map(|c| (c.id, c.balance, c.present)).collect();
    let (west, east, north) = (courier_id("west"), courier_id("east"), courier_id("north"));
    let expected = [(west.clone(), Some(89), true), (east.clone(), Some(7), false), (north, Some(1), true)];
    assert_eq!(seen, expected, "known ones keep their id, missing ones are kept but not present");
    assert_eq!(store.grant(&grant).await.unwrap().unwrap().couriers_at, Some(at(55)));
    let kept = store.courier(&west).await.unwrap().unwrap();
    assert_eq!(kept.details, details("13800138000"), "details outlive a reload");
    assert_eq!((kept.senders, kept.customer_codes), (offer("西湖", 0).senders, vec!["K1".to_owned()]));

    assert_eq!(store.default_courier().await.unwrap(), None);
    store.set_default_courier(&east, &log("courier.default", "east")).await.unwrap();
    store.set_default_courier(&west, &log("courier.default", "west")).await.unwrap();
    assert_eq!(store.default_courier().await.unwrap(), Some(west), "there is one default");

    store.save_printer(&printer("old", true), &log("printer.save", "old")).await.unwrap();
    store.save_printer(&printer("counter", true), &log("printer.save", "counter")).await.unwrap();
    let defaults: Vec<_> = store.printers().await.unwrap().into_iter().map(|p| (p.id, p.default)).collect();
    let expected = [(printer_id("counter"), true), (printer_id("old"), false)];
    assert_eq!(defaults, expected, "by name; the newer default takes the mark");
    store.printer_measured(&printer_id("counter"), Some(130.5), &log("printer.measured", "counter")).await.unwrap();
    let measured = |p: Option<Printer>| p.unwrap().measured_mm;
    assert_eq!(measured(store.printer(&printer_id("counter")).await.unwrap()), Some(130.5));
    store.save_printer(&printer("counter", true), &log("printer.save", "counter")).await.unwrap();
    assert_eq!(measured(store.printer(&printer_id("counter")).await.unwrap()), Some(130.5), "the same stock");
    own_templates(store).await;
    carrier_labels(store).await;
    custom_areas(store).await;
    let rules = [("ZTO", Some("old")), ("", None)].map(|(courier, stand_in)| PrinterRule {
        courier_code: courier.to_owned(),
        template: String::new(),
        station: String::new(),
        printer: printer_id("counter"),
        stand_in: stand_in.map(printer_id),
    });
    store.save_printer_rules(&rules, &log("rules.save", "")).await.unwrap();
    assert_eq!(store.printer_rules().await.unwrap(), rules, "in their order");
    store.save_printer_rules(&rules[1..], &log("rules.save", "")).await.unwrap();
    assert_eq!(store.printer_rules().await.unwrap(), rules[1..], "the whole list anew");
    let longer = Printer { height_mm: 200.0, ..printer("counter", true) };
    store.save_printer(&longer, &log("printer.save", "counter")).await.unwrap();
    assert_eq!(measured(store.printer(&printer_id("counter")).await.unwrap()), None, "other stock is not measured yet");
    store.save_printer(&printer("counter", true), &log("printer.save", "counter")).await.unwrap();
    store.remove_printer(&printer_id("old"), &log("printer.remove", "old")).await.unwrap();
    assert_eq!(store.printers().await.unwrap(), [printer("counter", true)]);
    assert!(store.printer(&printer_id("old")).await.unwrap().unwrap().removed, "still there for its jobs");
}

async fn its_tokens_are_renewed<S: Store>(store: &S, id: &GrantId) {
    let renewal = async || store.grant(id).await.unwrap().unwrap().renewal;
    let entry = log("grant.refresh", "grant");
    assert!(!store.refreshed(id, &tokens("stray", "r"), at(41), &entry).await.unwrap(), "nobody asked");
    assert!(store.refresh_asked(id, at(41), &entry).await.unwrap());
    assert_eq!((renewal().await.tries, renewal().await.asked), (1, Some(at(41))));
    assert!(store.refresh_ended(id, RefreshEnd::NothingDone, &entry).await.unwrap());
    assert_eq!(renewal().await.tries, 0, "what nobody looked at was not shown");
    for n in 1..=2 {
        assert!(store.refresh_asked(id, at(42), &entry).await.unwrap());
        assert_eq!(renewal().await.tries, n);
    }
    assert!(store.refreshed(id, &tokens("access-3", "refresh-3"), at(43), &entry).await.unwrap());
    assert_eq!(store.tokens(id).await.unwrap(), Some(tokens("access-3", "refresh-3")));
    let now = renewal().await;
    assert_eq!((now.tries, now.since, now.trouble.as_str()), (0, at(43), ""));
    assert!(store.put_old_tokens_back(id, &entry).await.unwrap(), "they never worked");
    assert_eq!(store.tokens(id).await.unwrap(), Some(tokens("access-2", "refresh")));
    assert_eq!(renewal().await.trouble, "refused", "and that token is not shown again");
    assert!(!store.put_old_tokens_back(id, &entry).await.unwrap(), "there is one pair before, not two");

    assert!(store.refresh_asked(id, at(44), &entry).await.unwrap());
    assert!(store.refreshed(id, &tokens("access-4", "refresh-4"), at(44), &entry).await.unwrap());
    store.grant_used(id, at(45)).await.unwrap();
    assert!(!store.put_old_tokens_back(id, &entry).await.unwrap(), "the new pair worked: the old one is gone");
    assert!(store.refresh_asked(id, at(46), &entry).await.unwrap());
    assert!(store.refresh_ended(id, RefreshEnd::Trouble("lost"), &entry).await.unwrap());
    assert_eq!((renewal().await.tries, renewal().await.trouble.as_str()), (0, "lost"));
    assert!(store.reminded(id, 14, &entry).await.unwrap() && store.reminded(id, 3, &entry).await.unwrap());
    assert!(!store.reminded(id, 7, &entry).await.unwrap(), "not backwards");
    assert_eq!(store.grant(id).await.unwrap().unwrap().reminded, 3);
    // The rest of the story goes on with the tokens it knows.
    assert!(store.refresh_asked(id, at(47), &entry).await.unwrap());
    assert!(store.refreshed(id, &tokens("access-2", "refresh"), at(47), &entry).await.unwrap());
    assert_eq!(store.grant(id).await.unwrap().unwrap().reminded, 0, "a new life, new reminders");
}

async fn the_grant_ends<S: Store>(store: &S) {
    let grant = grant_id("grant");
    let entry = log("grant.revoke", "grant");
    assert!(store.revokes_owed().await.unwrap().is_empty());
    assert!(store.erase_grant(&grant, true, &entry).await.unwrap());
    assert!(!store.erase_grant(&grant, true, &entry).await.unwrap(), "erased once");
    assert_eq!(store.tokens(&grant).await.unwrap(), None, "the desk cannot use it any more");
    assert_eq!(store.grant(&grant).await.unwrap().unwrap().state, GrantState::Revoked);
    assert!(store.grant_of_shop("taobao", &shop()).await.unwrap().is_none());
    assert_eq!(store.default_courier().await.unwrap(), None, "nobody is charged by default any more");
    assert!(store.couriers().await.unwrap().is_empty());
    assert!(store.courier(&courier_id("west")).await.unwrap().is_some(), "old numbers still name their courier");
    let back = store.move_grant(&grant, GrantState::Revoked, GrantState::Active, "", &entry).await.unwrap();
    assert!(!back, "nothing is left to come back with");
    let owed = store.revokes_owed().await.unwrap();
    assert_eq!((owed.len(), &owed[0].0.id, &owed[0].1), (1, &grant, &tokens("access-2", "refresh")));
    store.revoke_settled(&grant, &log("grant.revoke_settled", "grant")).await.unwrap();
    assert!(store.revokes_owed().await.unwrap().is_empty(), "settled: tokens gone");

    let id = hold(store, "try-4", "state-4", "access-4").await;
    let owner = person_id("owner");
    let fresh = store.activate(&id, &grant_id("grant-4"), &owner, at(900), &log("grant.confirm", "grant-4")).await;
    assert_eq!(fresh.unwrap(), Some(grant_id("grant-4")), "a revoked grant is not renewed; the shop gets a new one");
    assert!(store.erase_grant(&grant_id("grant-4"), false, &log("grant.revoke", "grant-4")).await.unwrap());
    assert!(store.revokes_owed().await.unwrap().is_empty(), "nothing owed");
    let states: Vec<_> = store.grants().await.unwrap().into_iter().map(|g| (g.id, g.state)).collect();
    let expected = [(grant_id("grant-4"), GrantState::Revoked), (grant, GrantState::Revoked)];
    assert_eq!(states, expected, "newest first, revoked ones too");
}

async fn the_log<S: Store>(store: &S) {
    store.note(&log("refused", "parcel")).await.unwrap();
    let (rows, wrong, head) = store.log_verify().await.unwrap();
    assert_eq!((wrong, head.len()), (None, 64), "the chain fits");
    let page = store.log_page(&LogQuery { limit: 2, ..LogQuery::default() }).await.unwrap();
    assert_eq!((page[0].seq, page[1].seq), (rows, rows - 1), "newest first, numbered without gaps");
    assert_eq!((page[0].action.as_str(), page[0].detail.as_str()), ("refused", "柜台"));
    let next = LogQuery { before: Some(rows - 1), limit: 1, ..LogQuery::default() };
    assert_eq!(store.log_page(&next).await.unwrap()[0].seq, rows - 2);
    assert_eq!(store.log_head().await.unwrap(), (rows, head));
    let of_people = LogQuery { limit: 100, action: "people.".into(), ..LogQuery::default() };
    let found = store.log_page(&of_people).await.unwrap();
    assert!(found.len() > 3 && found.iter().all(|l| l.action.starts_with("people.")), "actions by their beginning");
    let about = LogQuery { limit: 100, object: "clerk".into(), person: "owner".into(), ..LogQuery::default() };
    assert!(store.log_page(&about).await.unwrap().iter().all(|l| l.object == "clerk"));
    let never = LogQuery { limit: 100, from: Some(at(9_999_999_999)), ..LogQuery::default() };
    assert!(store.log_page(&never).await.unwrap().is_empty(), "nothing was done that late");
    assert_eq!(store.latest_log_time().await.unwrap(), page[0].at);
    let check = store.log_check(&[2, rows, rows + 5]).await.unwrap();
    assert_eq!(check.hashes.iter().map(|h| h.0).collect::<Vec<_>>(), [2, rows], "hashes of the rows that are there");
    let actions: Vec<_> = store.log_of("parcel").await.unwrap().into_iter().map(|l| l.action).collect();
    assert_eq!(actions, ["order.submit", "order.mend", "refused"], "about one object, oldest first, no refused step");
}
