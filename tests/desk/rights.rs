//! Every command × every post, against a list written by hand: the table and the list must be changed together.

use crate::world::*;
use desk::api::*;
use desk::{Code, Place};
use std::collections::BTreeMap;

/// `o` owner, `c` clerk, `s` staff, `k` customer service, `v` supervisor, `p` operations, `f` finance; with every tick, but no
/// certification: `u` in its seven days, `d` after them; `-` nobody logged in, `t` not in a webview. Not made from the table, on
/// purpose.
const MATRIX: &[(&str, &str)] = &[
    ("app.state", "ocskvpfud-"),
    ("setup.owner", "ocskvpfud-"),
    ("session.login", "ocskvpfud-"),
    ("session.lock", "ocskvpfud-"),
    ("session.logout", "ocskvpfud-"),
    ("session.login_with_code", "ocskvpfud-"),
    ("session.switch", "ocskvpfud-"),
    ("session.set_password", "ocskvpfud"),
    ("session.set_pin", "ocskvpfud"),
    ("session.certify", "ocskvpfud"),
    ("session.badge", "ocskvpfud-"),
    ("people.first_use", "o"),
    ("people.send_code", "o"),
    ("people.prove", "o"),
    ("people.print_badge", "o"),
    ("people.set_badge", "o"),
    ("people.remove_badge", "o"),
    ("sms.state", "o"),
    ("sms.save", "o"),
    ("people.list", "o"),
    ("people.add", "o"),
    ("people.find_name", "o"),
    ("people.configure", "o"),
    ("people.set_password", "o"),
    ("people.holdings", "o"),
    ("people.depart", "o"),
    ("people.restore", "o"),
    ("people.lift", "o"),
    ("people.vouch", "o"),
    ("people.enrol", "ot"),
    ("people.rules", "o"),
    ("people.save_rules", "o"),
    ("posts.list", "o"),
    ("posts.save", "o"),
    ("posts.remove", "o"),
    ("accounts.platforms", "ocspfud"),
    ("accounts.set_app", "o"),
    ("accounts.start", "os"),
    ("accounts.attempts", "os"),
    ("accounts.attempt", "os"),
    ("accounts.open", "os"),
    ("accounts.copy_link", "os"),
    ("accounts.qr", "ost"),
    ("accounts.link", "ost"),
    ("accounts.paste", "os"),
    ("accounts.cancel", "os"),
    ("accounts.confirm", "o"),
    ("accounts.list", "ocspfud"),
    ("accounts.reload", "ocspfud"),
    ("accounts.renew", "os"),
    ("accounts.suspend", "o"),
    ("accounts.resume", "o"),
    ("accounts.revoke", "o"),
    ("accounts.details", "opu"),
    ("accounts.save_details", "opu"),
    ("accounts.set_default", "opu"),
    ("orders.form", "ocu"),
    ("orders.save_draft", "ocu"),
    ("orders.preview", "ocu"),
    ("orders.submit", "ocu"),
    ("orders.retry", "ocu"),
    ("orders.list", "ockvpfud"),
    ("orders.show", "ockvpfud"),
    ("orders.reveal", "ocvu"),
    ("orders.picture", "ockvpfud"),
    ("orders.add", "ocu"),
    ("orders.ready", "ockvpfud"),
    ("orders.typed", "ocvu"),
    ("orders.mend", "ocu"),
    ("orders.discard", "ocu"),
    ("orders.stop", "ocu"),
    ("batches.check", "ocu"),
    ("batches.start", "ocu"),
    ("batches.list", "ockvpfud"),
    ("batches.show", "ockvpfud"),
    ("batches.pause", "ocu"),
    ("batches.resume", "ocvu"),
    ("batches.confirm", "ocu"),
    ("batches.close", "ocu"),
    ("orders.cancel_number", "ocu"),
    ("orders.ask_now", "ockvpfud"),
    ("orders.decide", "ou"),
    ("prints.list", "ockvpfud"),
    ("prints.show", "ockvpfud"),
    ("prints.reprint", "ocvu"),
    ("prints.picture", "ockvpfud"),
    ("prints.confirm", "ocu"),
    ("prints.today", "ockvpfud"),
    ("carrier_labels.read", "ocu"),
    ("carrier_labels.print", "ocu"),
    ("carrier_labels.list", "ockvpfud"),
    ("carrier_labels.reprint", "ocvu"),
    ("custom_areas.list", "opu"),
    ("custom_areas.save", "opu"),
    ("templates.list", "ockvpfud"),
    ("templates.show", "ockvpfud"),
    ("templates.preview", "ockvpfud"),
    ("templates.copy", "ockvpfud"),
    ("templates.save", "opu"),
    ("templates.remove", "opu"),
    ("printers.list", "ocskvpfud"),
    ("printers.save", "ou"),
    ("printers.remove", "ou"),
    ("printers.state", "ocskvpfud"),
    ("printers.labels", "ockvpfud"),
    ("printers.test", "ocu"),
    ("printers.doctor", "ou"),
    ("printers.adjust", "ou"),
    ("printers.calibrate", "ou"),
    ("rules.list", "ou"),
    ("rules.save", "ou"),
    ("rules.try", "ou"),
    ("printers.families", "ou"),
    ("printers.queues", "ou"),
    ("printers.find", "ou"),
    ("log.list", "ofu"),
    ("log.verify", "ofu"),
    ("log.close_day", "ofu"),
    ("log.export", "ofu"),
    ("backup.state", "ou"),
    ("backup.create", "ou"),
    ("backup.verify", "ou"),
    ("backup.set_folder", "ou"),
    ("backup.card_begin", "ou"),
    ("backup.card_words", "out"),
    ("backup.card_confirm", "ou"),
    ("backup.card_forget", "ou"),
    ("backup.files", "ocskvpfud-"),
    ("backup.look", "ocskvpfud-"),
    ("backup.restore", "ocskvpfud-"),
    ("data.state", "ou"),
    ("data.set_keep", "ou"),
    ("data.purge_now", "ou"),
    ("data.find_person", "ou"),
    ("data.erase_person", "ou"),
    ("data.export_person", "o"),
    ("data.export", "o"),
];

#[tokio::test(flavor = "multi_thread")]
async fn each_command_lets_in_whom_the_list_says_and_nobody_else() {
    let w = World::empty().await;
    let every: Vec<String> = desk::rights::Permission::ALL.iter().map(|p| p.word().to_owned()).collect();
    for (name, post) in [("小周", ""), ("小吴", "other")] {
        let ticked = AddPerson { extra: every.clone(), ..add_person(name, post, "quiet-lantern-42") };
        let _: PersonView = call(&w.owner, "people.add", ticked).await.unwrap();
        // The first is late by the time the second comes.
        if post.is_empty() {
            w.clock.advance(std::time::Duration::from_secs(8 * 24 * 3600));
        }
    }
    for (name, post) in [
        ("小陈", "clerk"),
        ("小李", "staff"),
        ("小孙", "customer_service"),
        ("小郑", "supervisor"),
        ("小王", "operations"),
        ("小冯", "finance"),
    ] {
        let add = add_person(name, post, "quiet-lantern-42");
        let person: PersonView = call(&w.owner, "people.add", add).await.unwrap();
        let _: PersonView = call(&w.owner, "people.vouch", vouch(&person.id)).await.unwrap();
    }
    let list: BTreeMap<&str, &str> = MATRIX.iter().copied().collect();
    let table: Vec<&str> = desk::api::COMMANDS.iter().map(|(n, _)| *n).collect();
    assert_eq!(list.len(), table.len(), "the list and the table have the same commands");
    let posts = [
        ("o", OWNER, OWNER_PASSWORD),
        ("c", "小陈", "quiet-lantern-42"),
        ("s", "小李", "quiet-lantern-42"),
        ("k", "小孙", "quiet-lantern-42"),
        ("v", "小郑", "quiet-lantern-42"),
        ("p", "小王", "quiet-lantern-42"),
        ("f", "小冯", "quiet-lantern-42"),
        ("u", "小吴", "quiet-lantern-42"),
        ("d", "小周", "quiet-lantern-42"),
        ("-", "", ""),
    ];
    for place in [Place::Window, Place::Face, Place::Terminal] {
        for (letter, name, password) in posts {
            let door = w.desk.door(place, "test");
            if !name.is_empty() {
                let login = Login { name: name.into(), password: password.into() };
                let _: LoginDone = call(&door, "session.login", login).await.unwrap();
            }
            for command in &table {
                // These change who stands at the door; they are let in by everyone and tested elsewhere.
                if ["session.lock", "session.logout", "setup.owner"].contains(command) {
                    continue;
                }
                let allowed = list.get(command).unwrap_or_else(|| panic!("{command} is not in the list"));
                let expected = allowed.contains(letter) && (place != Place::Window || !allowed.contains('t'));
                // A request that cannot be read: what is let in says so, and changes nothing.
                let answer = raw(&door, command, serde_json::json!([0])).await;
                let let_in = !matches!(&answer, Err(e) if refused(e.code));
                assert_eq!(let_in, expected, "{command} for `{letter}` at {place:?}: {answer:?}");
            }
        }
    }
    assert!(w.log().await.iter().any(|r| r.action == "refused" && r.person == "小李"), "refusals leave a line");
}

fn refused(code: Code) -> bool {
    matches!(code, Code::NotAllowed | Code::NotLoggedIn | Code::NotCertified)
}

#[tokio::test(flavor = "multi_thread")]
async fn the_first_run_makes_one_owner_and_only_one() {
    let w = World::empty().await;
    let other = w.desk.door(Place::Window, "window");
    let again = SetupOwner { name: "另一个".into(), password: "a-long-enough-password".into() };
    let err = call::<_, Me>(&other, "setup.owner", again).await.unwrap_err();
    assert_eq!(err.code, Code::WrongState);
    let second = add_person("二店主", "owner", "a-long-enough-password");
    assert!(call::<_, PersonView>(&w.owner, "people.add", second).await.is_err());
    let taken = add_person(" 王店主 ", "clerk", "quiet-lantern-42");
    assert_eq!(call::<_, PersonView>(&w.owner, "people.add", taken).await.unwrap_err().code, Code::NameTaken);
    let short = add_person("小陈", "clerk", "short");
    let err = call::<_, PersonView>(&w.owner, "people.add", short).await.unwrap_err();
    assert_eq!((err.fields[0].field.as_str(), err.fields[0].code.as_str()), ("password", "too_short"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_name_and_a_wrong_password_get_the_same_answer_and_guessing_gets_slow() {
    let w = World::empty().await;
    let door = w.desk.door(Place::Window, "window");
    let try_as = |name: &str| Login { name: name.into(), password: "wrong-password".into() };
    let known = call::<_, LoginDone>(&door, "session.login", try_as(OWNER)).await.unwrap_err();
    let unknown = call::<_, LoginDone>(&door, "session.login", try_as("没有这个人")).await.unwrap_err();
    assert_eq!(known, unknown, "words do not tell which names exist");
    for _ in 0..5 {
        let _ = call::<_, LoginDone>(&door, "session.login", try_as(OWNER)).await;
    }
    let right = Login { name: OWNER.into(), password: OWNER_PASSWORD.into() };
    let err = call::<_, LoginDone>(&door, "session.login", right.clone()).await.unwrap_err();
    assert_eq!(err.code, Code::LoginWait, "even the right password waits");
    w.clock.advance(std::time::Duration::from_secs(5));
    let _: LoginDone = call(&door, "session.login", right).await.unwrap();
    let _: Done = call(&door, "session.lock", Nothing {}).await.unwrap();
    assert_eq!(raw(&door, "orders.form", serde_json::json!({})).await.unwrap_err().code, Code::NotLoggedIn, "locked");
}

#[test]
fn each_right_has_words_in_every_language() {
    for language in ["zh-CN", "zh-TW", "en"] {
        let table = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("../../ui/src/i18n/{language}.ts"));
        let words = std::fs::read_to_string(table).unwrap();
        for right in desk::rights::Permission::ALL {
            let key = format!("\"right.{}\":", right.word());
            assert!(words.contains(&key), "{language}: {key}");
        }
    }
}
