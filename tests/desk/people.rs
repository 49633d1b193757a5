//! Sub-accounts as an owner and the people themselves meet them: posts and ticks, taken names, leaving and coming back,
//! certification, login hours, codes, PINs.

use crate::world::*;
use desk::api::*;
use desk::{ApiError, Code, Door, Place};
use domain::clock::{Clock, Millis};
use hmac::{Hmac, KeyInit, Mac};
use std::time::Duration;

const PASSWORD: &str = "quiet-lantern-42";
const DAY: Duration = Duration::from_secs(24 * 3600);

async fn add(w: &World, name: &str, post: &str) -> PersonView {
    call(&w.owner, "people.add", add_person(name, post, PASSWORD)).await.unwrap()
}

fn window(w: &World) -> Door {
    w.desk.door(Place::Window, "window")
}

async fn enter(door: &Door, name: &str, password: &str) -> Result<LoginDone, ApiError> {
    call(door, "session.login", Login { name: name.into(), password: password.into() }).await
}

async fn inside(w: &World, name: &str) -> Door {
    let door = window(w);
    enter(&door, name, PASSWORD).await.unwrap();
    door
}

async fn person(w: &World, name: &str) -> PersonView {
    let all: Vec<PersonView> = call(&w.owner, "people.list", Nothing {}).await.unwrap();
    all.into_iter().find(|p| p.name == name).unwrap()
}

fn as_is(p: &PersonView) -> ConfigurePerson {
    ConfigurePerson {
        id: p.id.clone(),
        real_name: p.real_name.clone(),
        phone: String::new(),
        post: p.post.clone(),
        extra: p.extra.clone(),
        hours: p.hours.clone(),
        login_method: p.login_method.clone(),
    }
}

async fn configure(w: &World, req: ConfigurePerson) -> Result<PersonView, ApiError> {
    call(&w.owner, "people.configure", req).await
}

async fn may(door: &Door, command: &str) -> Result<(), Code> {
    match raw(door, command, serde_json::json!([0])).await {
        Err(e) if matches!(e.code, Code::InvalidInput) => Ok(()),
        Err(e) => Err(e.code),
        Ok(_) => Ok(()),
    }
}

/// What an authenticator app shows: RFC 6238 read a second time, from the link alone.
fn app_code(uri: &str, now: Millis) -> String {
    let url = url::Url::parse(uri).unwrap();
    let secret = url.query_pairs().find(|(k, _)| k == "secret").unwrap().1.into_owned();
    let bits: String =
        secret.chars().map(|c| format!("{:05b}", "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".find(c).unwrap())).collect();
    let key: Vec<u8> = bits
        .as_bytes()
        .chunks_exact(8)
        .map(|b| u8::from_str_radix(std::str::from_utf8(b).unwrap(), 2).unwrap())
        .collect();
    let mut mac = Hmac::<sha1::Sha1>::new_from_slice(&key).unwrap();
    mac.update(&(now.0 / 30_000).to_be_bytes());
    let hash = mac.finalize().into_bytes();
    let at = usize::from(hash[19] & 15);
    let number = u32::from_be_bytes(hash[at..at + 4].try_into().unwrap()) & 0x7fff_ffff;
    format!("{:06}", number % 1_000_000)
}

async fn enrol(w: &World, id: &str) -> Enrolment {
    call(&w.owner, "people.enrol", ById { id: id.into() }).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_person_may_do_is_the_post_and_the_ticks_and_follows_at_once() {
    let w = World::empty().await;
    let p = add(&w, "小陈", "customer_service").await;
    assert_eq!(
        p.rights.iter().map(|r| (r.word.as_str(), r.from.as_str())).collect::<Vec<_>>(),
        [("view_history", "post")]
    );
    let door = inside(&w, "小陈").await;
    assert_eq!(may(&door, "orders.list").await, Ok(()));
    assert_eq!(may(&door, "orders.submit").await, Err(Code::NotAllowed), "begin with basic permissions");
    let p = configure(&w, ConfigurePerson { extra: vec!["submit_order".into()], ..as_is(&p) }).await.unwrap();
    assert_eq!(p.rights.iter().find(|r| r.word == "submit_order").unwrap().from, "extra", "why she may");
    assert_eq!(may(&door, "orders.submit").await, Ok(()), "without another login");
    // The post itself is another one from now on.
    let post = SavePost { id: "customer_service".into(), name: String::new(), rights: vec!["view_log".into()] };
    let _: PostView = call(&w.owner, "posts.save", post).await.unwrap();
    assert_eq!((may(&door, "log.list").await, may(&door, "orders.list").await), (Ok(()), Err(Code::NotAllowed)));
    let _: Done = call(&w.owner, "posts.remove", ById { id: "customer_service".into() }).await.unwrap();
    assert_eq!(may(&door, "orders.list").await, Ok(()), "a built-in post is put back, not removed");
    // An own one.
    let own = SavePost { id: String::new(), name: "夜班".into(), rights: vec!["reprint".into()] };
    let own: PostView = call(&w.owner, "posts.save", own).await.unwrap();
    configure(&w, ConfigurePerson { post: own.id.clone(), extra: vec![], ..as_is(&p) }).await.unwrap();
    assert_eq!((may(&door, "prints.reprint").await, may(&door, "orders.list").await), (Ok(()), Err(Code::NotAllowed)));
    let used = call::<_, Done>(&w.owner, "posts.remove", ById { id: own.id }).await.unwrap_err();
    assert_eq!((used.code, used.detail.as_str()), (Code::WrongState, "post_in_use"));
    let unknown = configure(&w, ConfigurePerson { extra: vec!["everything".into()], ..as_is(&p) }).await.unwrap_err();
    assert_eq!((unknown.fields[0].field.as_str(), unknown.fields[0].code.as_str()), ("rights", "unknown_name"));
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_gives_what_he_does_not_have_and_nobody_changes_the_owner() {
    let w = World::empty().await;
    let mut manager = add_person("管人的", "", PASSWORD);
    manager.extra = vec!["manage_people".into(), "view_history".into()];
    let manager: PersonView = call(&w.owner, "people.add", manager).await.unwrap();
    let _: PersonView = call(&w.owner, "people.vouch", vouch(&manager.id)).await.unwrap();
    let door = inside(&w, "管人的").await;
    let proof = ProveFirstUse { way: "owner".into(), proof: OWNER_PASSWORD.into() };
    let _: FirstUse = call(&door, "people.prove", proof).await.unwrap();
    let clerk = call::<_, PersonView>(&door, "people.add", add_person("小陈", "clerk", PASSWORD)).await.unwrap_err();
    assert_eq!(clerk.code, Code::NotAllowed, "a clerk may more than this manager");
    let helper: PersonView = call(&door, "people.add", add_person("小陈", "customer_service", PASSWORD)).await.unwrap();
    let more = ConfigurePerson { post: "clerk".into(), ..as_is(&helper) };
    assert_eq!(call::<_, PersonView>(&door, "people.configure", more).await.unwrap_err().code, Code::NotAllowed);
    let post = SavePost { id: "clerk".into(), name: String::new(), rights: vec![] };
    assert_eq!(
        call::<_, PostView>(&door, "posts.save", post).await.unwrap_err().code,
        Code::NotAllowed,
        "nor takes it"
    );
    let owner = person(&w, OWNER).await;
    for command in ["people.set_password", "people.restore"] {
        let req = SetPassword {
            id: owner.id.clone(),
            password: "another-long-one-1".into(),
            again: "another-long-one-1".into(),
        };
        assert!(call::<_, serde_json::Value>(&door, command, req).await.is_err(), "{command}");
    }
    for command in ["people.vouch", "people.enrol"] {
        let req = serde_json::json!({ "id": owner.id, "id_number": "" });
        let door = w.desk.door(Place::Terminal, "t");
        enter(&door, "管人的", PASSWORD).await.unwrap();
        assert_eq!(raw(&door, command, req).await.unwrap_err().code, Code::NotAllowed, "{command}");
    }
    let go = DepartPerson { id: owner.id.clone(), to: String::new() };
    assert_eq!(call::<_, PersonView>(&door, "people.depart", go.clone()).await.unwrap_err().code, Code::NotAllowed);
    assert_eq!(call::<_, PersonView>(&w.owner, "people.depart", go).await.unwrap_err().code, Code::WrongState);
    enter(&window(&w), OWNER, OWNER_PASSWORD).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn posts_with_money_or_grants_ask_for_a_long_password_by_every_way() {
    let w = World::empty().await;
    let short = "lantern-4";
    let clerk = call::<_, PersonView>(&w.owner, "people.add", add_person("小陈", "clerk", short)).await.unwrap_err();
    assert_eq!((clerk.fields[0].code.as_str(), clerk.fields[0].detail.as_str()), ("too_short", "12"));
    let p: PersonView = call(&w.owner, "people.add", add_person("小陈", "customer_service", short)).await.unwrap();
    let post = configure(&w, ConfigurePerson { post: "clerk".into(), ..as_is(&p) }).await.unwrap_err();
    assert_eq!(post.fields[0].code, "needs_long_password");
    let tick = configure(&w, ConfigurePerson { extra: vec!["agree_refunds".into()], ..as_is(&p) }).await.unwrap_err();
    assert_eq!(tick.fields[0].code, "needs_long_password");
    let all = SavePost { id: "customer_service".into(), name: String::new(), rights: vec!["cancel_waybill".into()] };
    let all = call::<_, PostView>(&w.owner, "posts.save", all).await.unwrap_err();
    assert_eq!((all.fields[0].code.as_str(), all.fields[0].detail.as_str()), ("short_passwords", "小陈"));
    let long = SetPassword { id: p.id.clone(), password: PASSWORD.into(), again: PASSWORD.into() };
    let _: Done = call(&w.owner, "people.set_password", long).await.unwrap();
    configure(&w, ConfigurePerson { post: "clerk".into(), ..as_is(&p) }).await.unwrap();
    let apart = SetPassword { id: p.id, password: PASSWORD.into(), again: "quiet-lantern-43".into() };
    let apart = call::<_, Done>(&w.owner, "people.set_password", apart).await.unwrap_err();
    assert_eq!((apart.fields[0].field.as_str(), apart.fields[0].code.as_str()), ("again", "not_the_same"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_departure_ends_everything_at_once_and_the_name_finds_the_way_back() {
    let w = World::empty().await;
    let (chen, li) = (add(&w, "小陈", "staff").await, add(&w, "小李", "staff").await);
    for p in [&chen, &li] {
        let _: PersonView = call(&w.owner, "people.vouch", vouch(&p.id)).await.unwrap();
    }
    w.set_app(ANY_LOOPBACK).await;
    let door = inside(&w, "小陈").await;
    let terminal = w.desk.door(Place::Terminal, "t");
    let token = enter(&terminal, "小陈", PASSWORD).await.unwrap().token;
    let start = StartAttempt { platform: "taobao".into(), way: "link".into(), renew: String::new() };
    let attempt: AttemptView = call(&door, "accounts.start", start).await.unwrap();
    let held: Holdings = call(&w.owner, "people.holdings", ById { id: chen.id.clone() }).await.unwrap();
    assert_eq!((held.attempts, held.batches.len()), (1, 0));
    let alone = DepartPerson { id: chen.id.clone(), to: String::new() };
    let open = call::<_, PersonView>(&w.owner, "people.depart", alone).await.unwrap_err();
    assert_eq!((open.code, open.detail.as_str()), (Code::WrongState, "hand_over"));
    assert_eq!(may(&door, "accounts.attempts").await, Ok(()), "nothing was changed");
    let gone = DepartPerson { id: chen.id.clone(), to: li.id.clone() };
    let gone: PersonView = call(&w.owner, "people.depart", gone).await.unwrap();
    assert!(gone.departed_at.is_some());
    assert_eq!(may(&door, "accounts.attempts").await, Err(Code::NotLoggedIn), "the window knows nobody any more");
    terminal.resume(&token).await.unwrap();
    assert_eq!(may(&terminal, "accounts.attempts").await, Err(Code::NotLoggedIn), "nor does the terminal");
    let closed = enter(&door, "小陈", PASSWORD).await.unwrap_err();
    assert_eq!((closed.code, closed.detail.as_str()), (Code::LoginClosed, "departed"));
    let wrong = enter(&door, "小陈", "not-the-password").await.unwrap_err();
    assert_eq!(wrong.code, Code::LoginWrong, "who does not know the password learns nothing");
    assert_eq!(w.attempt(&attempt.id).await.asked_by, "小李", "handed over");

    let again = call::<_, PersonView>(&w.owner, "people.add", add_person("小陈", "staff", PASSWORD)).await.unwrap_err();
    assert_eq!((again.code, again.detail.as_str()), (Code::NameTaken, "departed"));
    let found: NameFound = call(&w.owner, "people.find_name", ByName { name: "淘宝网：小陈".into() }).await.unwrap();
    assert_eq!((found.state.as_str(), found.id.as_str()), ("departed", chen.id.as_str()));
    let back = SetPassword { id: chen.id, password: "amber-window-93".into(), again: "amber-window-93".into() };
    let back: PersonView = call(&w.owner, "people.restore", back).await.unwrap();
    assert_eq!((back.departed_at, back.standing.as_str()), (None, "until"), "certified anew");
    assert!(enter(&door, "小陈", PASSWORD).await.is_err(), "the old password is not the new one");
    // With the shop in front, and the colon of a Chinese keyboard (R87).
    enter(&door, "淘宝网：小陈", "amber-window-93").await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_account_is_certified_within_seven_days_or_looks_on() {
    let w = World::empty().await;
    let p = add(&w, "小陈", "clerk").await;
    let p = configure(&w, ConfigurePerson { extra: vec!["start_grant".into()], ..as_is(&p) }).await.unwrap();
    let door = inside(&w, "小陈").await;
    assert_eq!(may(&door, "orders.submit").await, Ok(()), "the daily work");
    assert_eq!(may(&door, "accounts.start").await, Err(Code::NotCertified), "no grants yet");
    let state: AppState = call(&door, "app.state", Nothing {}).await.unwrap();
    let me = state.me.unwrap();
    assert_eq!(me.standing, "until");
    assert!(!me.rights.contains(&"start_grant".to_owned()), "the window does not offer what waits");
    // The last moment of the seventh day, and the next.
    w.clock.set_wall(Millis(me.certify_by - 1));
    assert_eq!(may(&door, "orders.submit").await, Ok(()), "day seven counts whole");
    w.clock.set_wall(Millis(me.certify_by));
    assert_eq!(may(&door, "orders.submit").await, Err(Code::NotCertified), "and ends the work in the open window");
    assert_eq!(may(&door, "orders.list").await, Ok(()), "looking goes on");
    // Set back, the clock gives the days again, to nobody's use: certification is what counts.
    let first = enrol(&w, &p.id).await;
    let second = enrol(&w, &p.id).await;
    assert_ne!(first.uri, second.uri, "each look makes another secret");
    assert!(second.svg.starts_with("<svg"), "and its picture");
    let certify = |code: &str| Certify { code: code.into(), id_number: String::new() };
    let old = app_code(&first.uri, w.clock.wall());
    let err = call::<_, Me>(&door, "session.certify", certify(&old)).await.unwrap_err();
    assert_eq!(err.fields[0].code, "bad_code", "the code before it is void");
    let code = app_code(&second.uri, w.clock.wall());
    let me: Me = call(&door, "session.certify", certify(&code)).await.unwrap();
    assert_eq!((me.standing.as_str(), me.certify_by), ("certified", 0));
    assert_eq!((may(&door, "orders.submit").await, may(&door, "accounts.start").await), (Ok(()), Ok(())));
    assert_eq!(person(&w, "小陈").await.certified_how, "totp");
    // Another true name is another person.
    let other = configure(&w, ConfigurePerson { real_name: "陈大文".into(), ..as_is(&person(&w, "小陈").await) }).await;
    assert_eq!(other.unwrap().standing, "until");
}

#[tokio::test(flavor = "multi_thread")]
async fn guessing_a_code_gets_slow_and_each_code_counts_once() {
    let w = World::empty().await;
    let p = add(&w, "小陈", "clerk").await;
    let enrolled = enrol(&w, &p.id).await;
    let door = inside(&w, "小陈").await;
    let wrong = || Certify { code: "000000".into(), id_number: String::new() };
    for _ in 0..5 {
        assert_eq!(call::<_, Me>(&door, "session.certify", wrong()).await.unwrap_err().code, Code::InvalidInput);
    }
    let mut waits = Vec::new();
    for _ in 0..3 {
        let _ = call::<_, Me>(&door, "session.certify", wrong()).await;
        let wait = call::<_, Me>(&door, "session.certify", wrong()).await.unwrap_err();
        assert_eq!(wait.code, Code::LoginWait);
        waits.push(wait.detail.clone());
        w.clock.advance(Duration::from_secs(wait.detail.parse().unwrap()));
    }
    assert_eq!(waits, ["1", "2", "4"]);
    let code = app_code(&enrolled.uri, w.clock.wall());
    let _: Me = call(&door, "session.certify", Certify { code: code.clone(), id_number: String::new() }).await.unwrap();

    // The phone's code at login, too.
    let p = person(&w, "小陈").await;
    configure(&w, ConfigurePerson { login_method: "totp".into(), ..as_is(&p) }).await.unwrap();
    let needed = enter(&window(&w), "小陈", PASSWORD).await.unwrap_err();
    assert_eq!(needed.code, Code::CodeNeeded);
    assert_eq!(enter(&window(&w), "小陈", "wrong-password").await.unwrap_err().code, Code::LoginWrong);
    let with = |code: &str| LoginWithCode { name: "小陈".into(), password: PASSWORD.into(), code: code.into() };
    let used = call::<_, LoginDone>(&window(&w), "session.login_with_code", with(&code)).await.unwrap_err();
    assert_eq!(used.fields[0].code, "code_used", "a code counts once, wherever");
    w.clock.advance(Duration::from_secs(30));
    let next = app_code(&enrolled.uri, w.clock.wall());
    let door = window(&w);
    let _: LoginDone = call(&door, "session.login_with_code", with(&next)).await.unwrap();
    assert_eq!(may(&door, "orders.list").await, Ok(()));
    // Nor is a PIN a way around it.
    let pin = SetPin { pin: "739164".into(), password: PASSWORD.into() };
    let _: Me = call(&door, "session.set_pin", pin).await.unwrap();
    let switch = SwitchPerson { name: "小陈".into(), pin: "739164".into() };
    assert_eq!(call::<_, LoginDone>(&window(&w), "session.switch", switch).await.unwrap_err().code, Code::LoginWrong);
    let state: AppState = call(&window(&w), "app.state", Nothing {}).await.unwrap();
    assert!(state.pins.is_empty(), "and the login does not offer it: {:?}", state.pins);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_identity_card_certifies_one_account_and_its_number_is_nowhere() {
    let w = World::empty().await;
    let rules = DeskRules { lock_minutes: 15, rotation_days: 0, id_card: true };
    let _: DeskRules = call(&w.owner, "people.save_rules", rules).await.unwrap();
    let (chen, li) = (add(&w, "小陈", "clerk").await, add(&w, "小李", "clerk").await);
    let ask = |id: &str, number: &str| Vouch { id: id.into(), id_number: number.into() };
    for (number, code) in [("", "required"), ("110105194912310021", "bad_id_card"), ("H1234567", "bad_id_card")] {
        let err = call::<_, PersonView>(&w.owner, "people.vouch", ask(&chen.id, number)).await.unwrap_err();
        assert_eq!((err.fields[0].field.as_str(), err.fields[0].code.as_str()), ("id_number", code));
    }
    let card = "11010519491231002X";
    let done: PersonView = call(&w.owner, "people.vouch", ask(&chen.id, card)).await.unwrap();
    assert_eq!((done.standing.as_str(), done.certified_how.as_str()), ("certified", "vouched"));
    let twice = call::<_, PersonView>(&w.owner, "people.vouch", ask(&li.id, "11010519491231002x")).await.unwrap_err();
    assert_eq!(twice.fields[0].code, "id_taken");
    assert_eq!(person(&w, "小李").await.standing, "until");
    for file in std::fs::read_dir(w.dir.path().join("desk")).unwrap() {
        let path = file.unwrap().path();
        let Ok(bytes) = std::fs::read(&path) else { continue };
        for part in [card, "19491231002"] {
            assert!(!bytes.windows(part.len()).any(|w| w == part.as_bytes()), "{} holds the number", path.display());
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn login_hours_hold_at_the_door_and_in_the_open_window_whatever_the_clock_plays() {
    let w = World::empty().await;
    let at = |text: &str| Millis(text.parse::<jiff::Timestamp>().unwrap().as_millisecond());
    w.clock.set_wall(at("2026-11-27T10:00+08:00"));
    let p = add(&w, "小陈", "clerk").await;
    let hours = vec![HoursView { days: [true, true, true, true, true, false, false], from: 9 * 60, to: 18 * 60 }];
    configure(&w, ConfigurePerson { hours, ..as_is(&p) }).await.unwrap();
    let door = inside(&w, "小陈").await;
    w.clock.set_wall(at("2026-11-27T17:59:59+08:00"));
    assert_eq!(may(&door, "orders.list").await, Ok(()));
    w.clock.set_wall(at("2026-11-27T18:00+08:00"));
    assert_eq!(may(&door, "orders.list").await, Err(Code::NotLoggedIn), "the end of the hours locks");
    let late = enter(&door, "小陈", PASSWORD).await.unwrap_err();
    assert_eq!((late.code, late.detail.as_str()), (Code::LoginClosed, "hours"));
    // Somebody sets the clock back to the morning.
    w.clock.set_wall(at("2026-11-27T10:00+08:00"));
    let back = enter(&door, "小陈", PASSWORD).await.unwrap_err();
    assert_eq!((back.code, back.detail.as_str()), (Code::LoginClosed, "clock"));
    enter(&window(&w), OWNER, OWNER_PASSWORD).await.unwrap();
    enter(&door, "小陈", PASSWORD).await.expect("the owner came in: it is as late as he says");
    w.clock.set_wall(at("2026-11-28T10:00+08:00"));
    assert_eq!(may(&door, "orders.list").await, Err(Code::NotLoggedIn), "Saturday");
    // Unsound hours are not kept.
    for (days, from, to) in [([false; 7], 0, 60), ([true; 7], 1440, 60), ([true; 7], 9999, 60)] {
        let bad = ConfigurePerson { hours: vec![HoursView { days, from, to }], ..as_is(&person(&w, "小陈").await) };
        assert_eq!(configure(&w, bad).await.unwrap_err().fields[0].field, "hours");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn people_change_over_by_pin_and_five_wrong_ones_leave_the_password() {
    let w = World::empty().await;
    add(&w, "小陈", "clerk").await;
    add(&w, "小李", "clerk").await;
    let door = inside(&w, "小陈").await;
    let pin = |pin: &str, password: &str| SetPin { pin: pin.into(), password: password.into() };
    for (given, code) in [
        ("12345", "bad_pin"),
        ("1234567890123", "bad_pin"),
        ("12345六", "bad_pin"),
        ("123456", "too_common"),
        ("111111", "too_common"),
    ] {
        let err = call::<_, Me>(&door, "session.set_pin", pin(given, PASSWORD)).await.unwrap_err();
        assert_eq!((err.fields[0].field.as_str(), err.fields[0].code.as_str()), ("pin", code), "{given}");
    }
    let err = call::<_, Me>(&door, "session.set_pin", pin("739164", "not-it")).await.unwrap_err();
    assert_eq!((err.fields[0].field.as_str(), err.fields[0].code.as_str()), ("old", "wrong_password"));
    let me: Me = call(&door, "session.set_pin", pin("739164", PASSWORD)).await.unwrap();
    assert!(me.has_pin);
    enter(&door, "小李", PASSWORD).await.unwrap();
    let switch = |name: &str, pin: &str| SwitchPerson { name: name.into(), pin: pin.into() };
    let done: LoginDone = call(&door, "session.switch", switch("小陈", "739164")).await.unwrap();
    assert_eq!(done.me.name, "小陈");
    let nobody = call::<_, LoginDone>(&door, "session.switch", switch("没有这个人", "739164")).await.unwrap_err();
    let none = call::<_, LoginDone>(&door, "session.switch", switch("小李", "739164")).await.unwrap_err();
    let wrong = call::<_, LoginDone>(&door, "session.switch", switch("小陈", "739165")).await.unwrap_err();
    assert_eq!((&nobody, &none), (&wrong, &wrong), "no name, no PIN, wrong PIN: the same words");
    for _ in 0..4 {
        let _ = call::<_, LoginDone>(&door, "session.switch", switch("小陈", "739165")).await;
    }
    assert!(call::<_, LoginDone>(&door, "session.switch", switch("小陈", "739164")).await.is_err(), "used up");
    enter(&door, "小陈", PASSWORD).await.unwrap();
    let _: LoginDone = call(&door, "session.switch", switch("小陈", "739164")).await.unwrap();
    let terminal = w.desk.door(Place::Terminal, "t");
    let err = call::<_, LoginDone>(&terminal, "session.switch", switch("小陈", "739164")).await.unwrap_err();
    assert_eq!(err.detail, "pin_place", "a PIN is for the station's window");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_without_rights_stays_outside_and_is_told_why() {
    let w = World::empty().await;
    add(&w, "小陈", "other").await;
    let err = enter(&window(&w), "小陈", PASSWORD).await.unwrap_err();
    assert_eq!((err.code, err.detail.as_str()), (Code::LoginClosed, "no_rights"));
}

#[tokio::test(flavor = "multi_thread")]
async fn old_passwords_of_weighty_posts_are_changed_before_anything_else() {
    let w = World::empty().await;
    add(&w, "小陈", "clerk").await;
    add(&w, "小李", "customer_service").await;
    let rules = |rotation_days: u32| DeskRules { lock_minutes: 15, rotation_days, id_card: false };
    assert!(
        call::<_, DeskRules>(&w.owner, "people.save_rules", rules(7)).await.is_err(),
        "a week would teach people to note them"
    );
    let _: DeskRules = call(&w.owner, "people.save_rules", rules(90)).await.unwrap();
    w.clock.advance(DAY * 6);
    let (chen, li) = (inside(&w, "小陈").await, inside(&w, "小李").await);
    for p in ["小陈", "小李"] {
        let id = person(&w, p).await.id;
        let _: PersonView = call(&w.owner, "people.vouch", vouch(&id)).await.unwrap();
    }
    w.clock.advance(DAY * 85);
    assert_eq!(may(&chen, "orders.list").await, Err(Code::PasswordDue));
    assert_eq!(may(&li, "orders.list").await, Ok(()), "no money, no rotation");
    let own = |old: &str, new: &str| OwnPassword { old: old.into(), password: new.into(), again: new.into() };
    let same = call::<_, Me>(&chen, "session.set_password", own(PASSWORD, PASSWORD)).await.unwrap_err();
    assert_eq!(same.fields[0].code, "same_as_old");
    let wrong = call::<_, Me>(&chen, "session.set_password", own("not-it", "amber-window-93")).await.unwrap_err();
    assert_eq!(wrong.fields[0].code, "wrong_password");
    let me: Me = call(&chen, "session.set_password", own(PASSWORD, "amber-window-93")).await.unwrap();
    assert!(!me.password_due);
    assert_eq!(may(&chen, "orders.list").await, Ok(()));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_list_tells_what_nobody_needs_and_who_knocks() {
    let w = World::empty().await;
    let p = add(&w, "小陈", "clerk").await;
    let _: PersonView = call(&w.owner, "people.vouch", vouch(&p.id)).await.unwrap();
    w.clock.advance(DAY * 29);
    let door = inside(&w, "小陈").await;
    assert_eq!(may(&door, "orders.list").await, Ok(()));
    w.clock.advance(DAY * 2);
    let p = person(&w, "小陈").await;
    let of = |word: &str| p.rights.iter().find(|r| r.word == word).unwrap();
    assert!(of("view_history").used_at.is_some() && !of("view_history").unused, "used two days ago");
    assert!(of("reprint").unused, "never used in a month");
    for _ in 0..6 {
        let _ = enter(&window(&w), "小陈", "wrong").await;
    }
    let p = person(&w, "小陈").await;
    assert_eq!((p.wrong_logins, p.waits_s), (6, 1));
    let p: PersonView = call(&w.owner, "people.lift", ById { id: p.id }).await.unwrap();
    assert_eq!((p.wrong_logins, p.waits_s), (0, 0));
    enter(&window(&w), "小陈", PASSWORD).await.unwrap();
    assert_eq!(person(&w, "小陈").await.last_act, "login");
    assert_eq!(p.phone, "138******00", "masked in the list");
}
