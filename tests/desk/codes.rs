//! Codes by text message over real HTTP, and the proof that the first use of people asks for once.

use crate::world::*;
use desk::api::*;
use desk::{ApiError, Code, Door, Place};
use sandbox::{Fault, FaultPlan, PRACTICE_SMS_KEY};
use std::time::Duration;

const PASSWORD: &str = "quiet-lantern-42";
const PHONE: &str = "13800000000";

fn window(w: &World) -> Door {
    w.desk.door(Place::Window, "window")
}

async fn provider(w: &World) -> SmsState {
    let save = SaveSms { address: w.market.sms_address().into(), key: PRACTICE_SMS_KEY.into() };
    call(&w.owner, "sms.save", save).await.unwrap()
}

async fn by(w: &World, p: &PersonView, method: &str) -> Result<PersonView, ApiError> {
    let configure = ConfigurePerson {
        id: p.id.clone(),
        real_name: p.real_name.clone(),
        phone: String::new(),
        post: p.post.clone(),
        extra: p.extra.clone(),
        hours: vec![],
        login_method: method.into(),
    };
    call(&w.owner, "people.configure", configure).await
}

/// Somebody who logs in with a code by text message.
async fn clerk(w: &World) -> PersonView {
    let p: PersonView = call(&w.owner, "people.add", add_person("小陈", "clerk", PASSWORD)).await.unwrap();
    by(w, &p, "sms").await.unwrap()
}

async fn log_in(door: &Door, code: &str) -> Result<LoginDone, ApiError> {
    let login = LoginWithCode { name: "小陈".into(), password: PASSWORD.into(), code: code.into() };
    call(door, "session.login_with_code", login).await
}

fn arrived(w: &World) -> String {
    w.market.messages().last().expect("a message came").code.clone()
}

/// Another code than this.
fn wrong(code: &str) -> String {
    format!("{:06}", (code.parse::<u32>().unwrap() + 1) % 1_000_000)
}

fn word(e: &ApiError) -> (&str, &str) {
    e.fields.first().map_or(("", e.detail.as_str()), |f| (f.field.as_str(), f.code.as_str()))
}

#[tokio::test(flavor = "multi_thread")]
async fn the_choice_says_why_it_is_not_offered_and_is_refused_so_long() {
    let w = World::empty().await;
    let p: PersonView = call(&w.owner, "people.add", add_person("小陈", "clerk", PASSWORD)).await.unwrap();
    assert_eq!(p.sms_why_not, "no_provider");
    assert_eq!(word(&by(&w, &p, "sms").await.unwrap_err()), ("login_method", "no_provider"));
    assert!(provider(&w).await.set);
    let mut silent = add_person("小李", "clerk", PASSWORD);
    silent.phone.clear();
    let silent: PersonView = call(&w.owner, "people.add", silent).await.unwrap();
    assert_eq!(silent.sms_why_not, "no_phone");
    assert_eq!(word(&by(&w, &silent, "sms").await.unwrap_err()), ("login_method", "no_phone"));
    let all: Vec<PersonView> = call(&w.owner, "people.list", Nothing {}).await.unwrap();
    let owner = all.iter().find(|p| p.post == "owner").unwrap();
    assert_eq!(owner.sms_why_not, "not_for_owner", "nobody could let the owner in while the service is silent");
    assert_eq!(word(&by(&w, owner, "sms").await.unwrap_err()), ("login_method", "not_for_owner"));
    // The owner's own phone can be entered, and the owner stays the owner.
    let own = ConfigurePerson {
        id: owner.id.clone(),
        real_name: "王一".into(),
        phone: "13911112222".into(),
        post: "owner".into(),
        extra: vec![],
        hours: vec![],
        login_method: "password".into(),
    };
    let clerk = ConfigurePerson { post: "clerk".into(), ..own.clone() };
    let changed: PersonView = call(&w.owner, "people.configure", own).await.unwrap();
    assert_eq!((changed.phone.as_str(), changed.post.as_str()), ("139******22", "owner"));
    assert_eq!(word(&call::<_, PersonView>(&w.owner, "people.configure", clerk).await.unwrap_err()).0, "post");
    assert_eq!(by(&w, &p, "sms").await.unwrap().login_method, "sms");
    // While somebody needs it, it stays.
    let none = SaveSms { address: String::new(), key: String::new() };
    let used = call::<_, SmsState>(&w.owner, "sms.save", none.clone()).await.unwrap_err();
    assert_eq!((used.code, used.detail.as_str()), (Code::WrongState, "sms_in_use"));
    by(&w, &p, "password").await.unwrap();
    assert!(!call::<_, SmsState>(&w.owner, "sms.save", none).await.unwrap().set);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_login_with_a_code_by_text_message_goes_through_once() {
    let w = World::empty().await;
    provider(&w).await;
    clerk(&w).await;
    let door = window(&w);
    let wrong_password = Login { name: "小陈".into(), password: "not-it".into() };
    assert_eq!(call::<_, LoginDone>(&door, "session.login", wrong_password).await.unwrap_err().code, Code::LoginWrong);
    assert!(w.market.messages().is_empty(), "only who knows the password makes a message go out");
    let asked = log_in(&door, "").await.unwrap_err();
    assert_eq!((asked.code, asked.detail.as_str()), (Code::CodeNeeded, "sms 138******00 60"));
    let sent = w.market.messages();
    assert_eq!((sent.len(), sent[0].to.as_str()), (1, PHONE));
    assert!(sent[0].text.contains("5 分钟"), "{}", sent[0].text);
    // The same press again means the same code.
    w.clock.advance(Duration::from_secs(20));
    assert_eq!(log_in(&door, "").await.unwrap_err().detail, "sms 138******00 40");
    assert_eq!(w.market.messages().len(), 1);
    let code = arrived(&w);
    assert_eq!(word(&log_in(&door, &wrong(&code)).await.unwrap_err()), ("code", "bad_sms_code"));
    let done = log_in(&door, &format!(" {} {} ", &code[..3], &code[3..])).await.unwrap();
    assert_eq!(done.me.name, "小陈");
    assert_eq!(word(&log_in(&door, &code).await.unwrap_err()), ("code", "code_over"), "it counts once");
    // Nor does a PIN come past it.
    let pin = SetPin { pin: "739164".into(), password: PASSWORD.into() };
    let _: Me = call(&door, "session.set_pin", pin).await.unwrap();
    let switch = SwitchPerson { name: "小陈".into(), pin: "739164".into() };
    assert_eq!(call::<_, LoginDone>(&door, "session.switch", switch).await.unwrap_err().code, Code::LoginWrong);
    // The code is nowhere in the log, and the folder holds neither the service's address nor its key.
    assert!(!w.log().await.iter().any(|r| format!("{r:?}").contains(&code)));
    for file in std::fs::read_dir(w.dir.path().join("desk")).unwrap() {
        let path = file.unwrap().path();
        let Ok(bytes) = std::fs::read(&path) else { continue };
        for part in [PRACTICE_SMS_KEY, "sms/send"] {
            assert!(!bytes.windows(part.len()).any(|b| b == part.as_bytes()), "{} holds {part}", path.display());
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_dies_by_time_by_five_tries_and_by_the_next_one() {
    let w = World::empty().await;
    provider(&w).await;
    clerk(&w).await;
    let door = window(&w);
    log_in(&door, "").await.unwrap_err();
    let first = arrived(&w);
    // Set back, the clock must not make it good for longer.
    let now = domain::clock::Clock::wall(&*w.clock);
    w.clock.set_wall(domain::clock::Millis(now.0 - 3_600_000));
    assert_eq!(word(&log_in(&door, &first).await.unwrap_err()), ("code", "code_over"));
    w.clock.set_wall(now);
    w.clock.advance(Duration::from_secs(61));
    assert_eq!(log_in(&door, "").await.unwrap_err().detail, "sms 138******00 60", "another after a minute");
    let second = arrived(&w);
    assert_ne!(first, second);
    assert_eq!(word(&log_in(&door, &first).await.unwrap_err()), ("code", "bad_sms_code"), "the one before it is void");
    w.clock.advance(Duration::from_secs(300));
    assert_eq!(word(&log_in(&door, &second).await.unwrap_err()), ("code", "code_over"), "five minutes");
    log_in(&door, "").await.unwrap_err();
    let third = arrived(&w);
    for n in 1..=5 {
        w.clock.advance(Duration::from_secs(5));
        let e = log_in(&door, &wrong(&third)).await.unwrap_err();
        assert_eq!(word(&e).1, if n < 5 { "bad_sms_code" } else { "code_over" }, "try {n}");
    }
    w.clock.advance(Duration::from_secs(5));
    assert_eq!(
        word(&log_in(&door, &third).await.unwrap_err()),
        ("code", "code_over"),
        "five tries, then not even the right one"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn five_messages_an_hour_and_no_more_whatever_is_pressed() {
    let w = World::empty().await;
    provider(&w).await;
    clerk(&w).await;
    let door = window(&w);
    for _ in 0..5 {
        assert_eq!(log_in(&door, "").await.unwrap_err().code, Code::CodeNeeded);
        w.clock.advance(Duration::from_secs(61));
    }
    let over = log_in(&door, "").await.unwrap_err();
    assert_eq!((over.code, over.detail.split(' ').next()), (Code::SmsNotSent, Some("limit")), "{over:?}");
    assert_eq!(w.market.messages().len(), 5);
    let wait: u64 = over.detail.split(' ').nth(1).unwrap().parse().unwrap();
    w.clock.advance(Duration::from_secs(wait + 1));
    assert_eq!(log_in(&door, "").await.unwrap_err().code, Code::CodeNeeded);
    assert_eq!(w.market.messages().len(), 6);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_service_says_is_told_and_a_refusal_need_not_be_waited_for() {
    let w = World::empty().await;
    provider(&w).await;
    clerk(&w).await;
    let door = window(&w);
    let refuse = |why: &str| Fault::Refuse { sub_code: why.into(), sub_msg: String::new() };
    for (fault, detail) in [
        (refuse("no_credit"), "no_credit"),
        (refuse("unknown_number"), "unknown_number"),
        (refuse("sleepy"), "refused"),
        (Fault::HttpBefore { status: 502 }, "unknown"),
    ] {
        w.market.faults().add(FaultPlan::once("sms.send", fault));
        let e = log_in(&door, "").await.unwrap_err();
        assert_eq!((e.code, e.detail.as_str()), (Code::SmsNotSent, detail));
    }
    // Nobody knows about the last one: it may have come, so its code would be good and the next waits.
    assert!(log_in(&door, "").await.unwrap_err().detail.starts_with("sms "));
    assert!(w.market.messages().is_empty());
    w.clock.advance(Duration::from_secs(61));
    assert_eq!(log_in(&door, "").await.unwrap_err().code, Code::CodeNeeded);
    log_in(&door, &arrived(&w)).await.unwrap();
    // Another key.
    let bad = SaveSms { address: w.market.sms_address().into(), key: "another".into() };
    let _: SmsState = call(&w.owner, "sms.save", bad).await.unwrap();
    w.clock.advance(Duration::from_secs(3600));
    assert_eq!(log_in(&door, "").await.unwrap_err().detail, "bad_key");
    let plain = SaveSms { address: "http://sms.example.com/".into(), key: "k".into() };
    let plain = call::<_, SmsState>(&w.owner, "sms.save", plain).await.unwrap_err();
    assert_eq!(word(&plain), ("address", "bad_web_address"), "codes do not travel in the clear");
}

/// Somebody who manages people, and has not proved anything yet.
async fn manager(w: &World) -> (PersonView, Door) {
    let mut add = add_person("管人的", "", PASSWORD);
    add.extra = vec!["manage_people".into(), "view_history".into()];
    let p: PersonView = call(&w.owner, "people.add", add).await.unwrap();
    let p: PersonView = call(&w.owner, "people.vouch", vouch(&p.id)).await.unwrap();
    let door = window(w);
    let login = Login { name: "管人的".into(), password: PASSWORD.into() };
    let _: LoginDone = call(&door, "session.login", login).await.unwrap();
    (p, door)
}

async fn prove(door: &Door, way: &str, proof: &str) -> Result<FirstUse, ApiError> {
    call(door, "people.prove", ProveFirstUse { way: way.into(), proof: proof.into() }).await
}

async fn list(door: &Door) -> Result<Vec<PersonView>, Code> {
    call(door, "people.list", Nothing {}).await.map_err(|e: ApiError| e.code)
}

#[tokio::test(flavor = "multi_thread")]
async fn the_first_use_of_people_asks_once_for_a_code_from_the_accounts_own_phone() {
    let w = World::empty().await;
    provider(&w).await;
    let (_, door) = manager(&w).await;
    assert_eq!(list(&door).await.unwrap_err(), Code::FirstUse);
    for command in ["people.add", "people.set_badge", "people.depart", "posts.save", "people.save_rules"] {
        let e = raw(&door, command, serde_json::json!([0])).await.unwrap_err();
        assert_eq!(e.code, Code::FirstUse, "{command}");
    }
    let first: FirstUse = call(&door, "people.first_use", Nothing {}).await.unwrap();
    let ways: Vec<_> = first.ways.iter().map(|w| (w.way.as_str(), w.why_not.as_str())).collect();
    assert_eq!(ways, [("sms", ""), ("totp", "no_totp"), ("owner", "has_code")]);
    let other = SendCode { phone: "13911112222".into() };
    assert_eq!(
        word(&call::<_, CodeSent>(&door, "people.send_code", other).await.unwrap_err()),
        ("phone", "other_phone")
    );
    assert!(w.market.messages().is_empty());
    let own = SendCode { phone: "138 0000 0000".into() };
    let sent: CodeSent = call(&door, "people.send_code", own.clone()).await.unwrap();
    assert_eq!((sent.phone.as_str(), sent.lives_s, sent.again_s), ("138******00", 300, 60));
    let early = call::<_, CodeSent>(&door, "people.send_code", own).await.unwrap_err();
    assert_eq!(early.detail, "wait 60");
    let code = arrived(&w);
    assert_eq!(word(&prove(&door, "sms", &wrong(&code)).await.unwrap_err()), ("code", "bad_sms_code"));
    assert_eq!(prove(&door, "owner", OWNER_PASSWORD).await.unwrap_err().detail, "has_code", "a code is possible");
    assert_eq!(list(&door).await.unwrap_err(), Code::FirstUse);
    assert!(prove(&door, "sms", &code).await.unwrap().done);
    assert_eq!(list(&door).await.unwrap().len(), 2);
    // Once: another login is not asked again.
    let again = window(&w);
    let login = Login { name: "管人的".into(), password: PASSWORD.into() };
    let _: LoginDone = call(&again, "session.login", login).await.unwrap();
    assert!(list(&again).await.is_ok());
    assert_eq!(prove(&again, "sms", &code).await.unwrap_err().detail, "first_use_done");
    assert!(w.log().await.iter().any(|r| r.action == "people.first_use" && r.person == "管人的" && r.detail == "sms"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_of_one_purpose_does_not_serve_another() {
    let w = World::empty().await;
    provider(&w).await;
    let (p, door) = manager(&w).await;
    let _: PersonView = by(&w, &p, "sms").await.unwrap();
    let _: CodeSent = call(&door, "people.send_code", SendCode { phone: PHONE.into() }).await.unwrap();
    let login = LoginWithCode { name: p.name, password: PASSWORD.into(), code: arrived(&w) };
    let e = call::<_, LoginDone>(&window(&w), "session.login_with_code", login).await.unwrap_err();
    assert_eq!(word(&e), ("code", "code_over"));
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_service_the_owner_or_the_authenticator_app_is_asked_and_never_a_fixed_code() {
    let w = World::empty().await;
    let (p, door) = manager(&w).await;
    let first: FirstUse = call(&door, "people.first_use", Nothing {}).await.unwrap();
    let open: Vec<_> = first.ways.iter().filter(|w| w.why_not.is_empty()).map(|w| w.way.as_str()).collect();
    assert_eq!((open, first.ways[1].why_not.as_str()), (vec!["owner"], "no_provider"));
    let e = call::<_, CodeSent>(&door, "people.send_code", SendCode { phone: PHONE.into() }).await.unwrap_err();
    assert_eq!((e.code, e.detail.as_str()), (Code::SmsNotSent, "no_provider"));
    for code in ["000000", "123456", "", "888888"] {
        assert!(prove(&door, "sms", code).await.is_err(), "{code}");
        assert!(prove(&door, "totp", code).await.is_err(), "{code}");
    }
    let wrong = prove(&door, "owner", PASSWORD).await.unwrap_err();
    assert_eq!(word(&wrong), ("old", "wrong_password"), "his own password is not the owner's");
    // With the app's code the owner is not needed.
    let _: Enrolment = call(&w.owner, "people.enrol", ById { id: p.id.clone() }).await.unwrap();
    let first: FirstUse = call(&door, "people.first_use", Nothing {}).await.unwrap();
    assert_eq!(first.ways[0].way, "totp");
    assert_eq!(prove(&door, "owner", OWNER_PASSWORD).await.unwrap_err().detail, "has_code");
    // Gone and back again, the account proves it anew.
    let depart = DepartPerson { id: p.id.clone(), to: String::new() };
    let _: PersonView = call(&w.owner, "people.depart", depart).await.unwrap();
    let back = SetPassword { id: p.id, password: PASSWORD.into(), again: PASSWORD.into() };
    let back: PersonView = call(&w.owner, "people.restore", back).await.unwrap();
    let _: PersonView = call(&w.owner, "people.vouch", vouch(&back.id)).await.unwrap();
    let login = Login { name: back.name, password: PASSWORD.into() };
    let _: LoginDone = call(&door, "session.login", login).await.unwrap();
    assert_eq!(list(&door).await.unwrap_err(), Code::FirstUse);
}
