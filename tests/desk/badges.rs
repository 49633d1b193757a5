//! Badges at the locked screen: printed and read back from the paper, scanned in, replaced, taken away.

use crate::world::*;
use desk::api::*;
use desk::{ApiError, Code, Door, Place};
use std::time::Duration;

const PASSWORD: &str = "quiet-lantern-42";

fn window(w: &World) -> Door {
    w.desk.door(Place::Window, "window")
}

async fn scan(door: &Door, code: &str, pin: &str) -> Result<LoginDone, ApiError> {
    call(door, "session.badge", UseBadge { code: code.into(), pin: pin.into() }).await
}

async fn add(w: &World, name: &str, post: &str) -> PersonView {
    call(&w.owner, "people.add", add_person(name, post, PASSWORD)).await.unwrap()
}

/// Prints a badge and reads it off the paper, from both symbols.
async fn printed(w: &World, p: &PersonView) -> String {
    let before = w.printer.handle().labels().len();
    let print = PrintBadge { id: p.id.clone(), printer: String::new() };
    let done: BadgePrinted = call(&w.owner, "people.print_badge", print).await.unwrap();
    assert_eq!((done.printed.as_str(), done.person.badge_own), ("sent", false));
    assert!(done.person.badge_at.is_some());
    let labels =
        w.printer.handle().wait_for_labels(before + 1, Duration::from_secs(10)).await.expect("a badge came out");
    let mut said = carrier_label::symbols(&labels.last().unwrap().raster);
    said.sort_by(|a, b| a.kind.cmp(&b.kind));
    assert_eq!(said.iter().map(|s| s.kind.as_str()).collect::<Vec<_>>(), ["code_128", "qrcode"]);
    assert_eq!(said[0].text, said[1].text, "bars and square say the same");
    said.remove(0).text
}

async fn set_pin(w: &World, name: &str) -> Door {
    let door = window(w);
    let login = Login { name: name.into(), password: PASSWORD.into() };
    let _: LoginDone = call(&door, "session.login", login).await.unwrap();
    let pin = SetPin { pin: "739164".into(), password: PASSWORD.into() };
    let _: Me = call(&door, "session.set_pin", pin).await.unwrap();
    let _: Done = call(&door, "session.lock", Nothing {}).await.unwrap();
    door
}

#[tokio::test(flavor = "multi_thread")]
async fn a_printed_badge_brings_its_person_in_and_dies_by_the_next_one_and_by_the_departure() {
    let w = World::empty().await;
    w.add_printer(&w.printer.address()).await;
    let li = add(&w, "小李", "customer_service").await;
    let first = printed(&w, &li).await;
    assert!(first.starts_with("WDB") && first.len() == 19, "{first}");
    let door = window(&w);
    // As a scanner behind a Chinese keyboard types it.
    let wide: String = first.chars().map(|c| char::from_u32(c as u32 + 0xfee0).unwrap()).collect();
    assert_eq!(scan(&door, &wide, "").await.unwrap().me.name, "小李");
    let _: Vec<PrinterView> = call(&door, "printers.list", Nothing {}).await.unwrap();
    let second = printed(&w, &li).await;
    assert_ne!(first, second);
    let dead = scan(&door, &first, "").await.unwrap_err();
    assert_eq!((dead.code, dead.detail.as_str()), (Code::LoginWrong, "badge"), "a replaced badge is dead");
    assert_eq!(scan(&door, &second, "").await.unwrap().me.name, "小李");
    let terminal = w.desk.door(Place::Terminal, "t");
    assert_eq!(scan(&terminal, &second, "").await.unwrap_err().detail, "pin_place", "a badge is for the window");
    let depart = DepartPerson { id: li.id.clone(), to: String::new() };
    let gone: PersonView = call(&w.owner, "people.depart", depart).await.unwrap();
    assert_eq!(gone.badge_at, None);
    assert_eq!(scan(&door, &second, "").await.unwrap_err().detail, "badge", "dead at once");
    assert!(call::<_, Vec<PrinterView>>(&door, "printers.list", Nothing {}).await.is_err(), "and the session with it");
    let back = SetPassword { id: li.id, password: PASSWORD.into(), again: PASSWORD.into() };
    let _: PersonView = call(&w.owner, "people.restore", back).await.unwrap();
    assert_eq!(scan(&door, &second, "").await.unwrap_err().detail, "badge", "nor does it come back with the person");
    // The code is on paper and nowhere else.
    assert!(!w.log().await.iter().any(|r| format!("{r:?}").contains(&second)));
    for file in std::fs::read_dir(w.dir.path().join("desk")).unwrap() {
        let path = file.unwrap().path();
        let Ok(bytes) = std::fs::read(&path) else { continue };
        assert!(!bytes.windows(second.len()).any(|b| b == second.as_bytes()), "{} holds the code", path.display());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn rights_that_weigh_want_the_pin_as_well_and_a_code_at_login_is_not_passed_by() {
    let w = World::empty().await;
    w.add_printer(&w.printer.address()).await;
    let chen = add(&w, "小陈", "clerk").await;
    let badge = printed(&w, &chen).await;
    let door = window(&w);
    let no_pin = scan(&door, &badge, "").await.unwrap_err();
    assert_eq!((no_pin.code, no_pin.detail.as_str()), (Code::CodeNeeded, "password 小陈"), "gives numbers back");
    let door = set_pin(&w, "小陈").await;
    assert_eq!(scan(&door, &badge, "").await.unwrap_err().detail, "pin 小陈");
    assert_eq!(scan(&door, &badge, "739165").await.unwrap_err().detail, "pin");
    assert_eq!(scan(&door, &badge, "739164").await.unwrap().me.name, "小陈");
    for _ in 0..5 {
        assert_eq!(scan(&door, &badge, "739165").await.unwrap_err().detail, "pin");
    }
    assert_eq!(scan(&door, &badge, "739164").await.unwrap_err().detail, "pin", "used up: the password helps");
    let configure = ConfigurePerson {
        id: chen.id.clone(),
        real_name: chen.real_name.clone(),
        phone: String::new(),
        post: chen.post.clone(),
        extra: vec![],
        hours: vec![],
        login_method: "totp".into(),
    };
    let _: Enrolment = call(&w.owner, "people.enrol", ById { id: chen.id.clone() }).await.unwrap();
    let _: PersonView = call(&w.owner, "people.configure", configure).await.unwrap();
    for pin in ["", "739164"] {
        assert_eq!(scan(&door, &badge, pin).await.unwrap_err().detail, "password 小陈");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_badge_of_the_shops_own_is_one_persons_and_always_wants_the_pin() {
    let w = World::empty().await;
    w.add_printer(&w.printer.address()).await;
    let (li, wang) = (add(&w, "小李", "customer_service").await, add(&w, "小王", "customer_service").await);
    let set = async |p: &PersonView, code: &str| -> Result<PersonView, ApiError> {
        call(&w.owner, "people.set_badge", SetBadge { id: p.id.clone(), code: code.into() }).await
    };
    for (code, why) in [
        ("", "bad_badge"),
        ("1234567", "bad_badge"),
        ("abcdefgh", "bad_badge"),
        ("工牌一二三四五", "bad_badge"),
        ("WDBABCDEFGHIJKLMNOP", "badge_made_here"),
    ] {
        let e = set(&li, code).await.unwrap_err();
        assert_eq!((e.fields[0].field.as_str(), e.fields[0].code.as_str()), ("badge", why), "{code}");
    }
    let given = set(&li, " 0012345678 ").await.unwrap();
    assert!(given.badge_at.is_some() && given.badge_own);
    let taken = set(&wang, "0012345678").await.unwrap_err();
    assert_eq!(taken.fields[0].code, "badge_taken");
    let door = set_pin(&w, "小李").await;
    assert_eq!(scan(&door, "0012345678", "").await.unwrap_err().detail, "pin 小李", "its number may be in a row");
    assert_eq!(scan(&door, "0012345678", "739164").await.unwrap().me.name, "小李");
    let none: PersonView = call(&w.owner, "people.remove_badge", ById { id: li.id.clone() }).await.unwrap();
    assert_eq!(none.badge_at, None);
    assert_eq!(scan(&door, "0012345678", "739164").await.unwrap_err().detail, "badge");
    set(&wang, "0012345678").await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn guessing_badges_gets_slow_and_passwords_go_on() {
    let w = World::empty().await;
    w.add_printer(&w.printer.address()).await;
    let li = add(&w, "小李", "customer_service").await;
    let badge = printed(&w, &li).await;
    let door = window(&w);
    let mut n = 0;
    let wait = loop {
        n += 1;
        match scan(&door, &format!("73112004{n:04}"), "").await.unwrap_err() {
            e if e.code == Code::LoginWait => break e,
            e => assert_eq!(e.detail, "badge"),
        }
        assert!(n < 100, "labels scanned by mistake are free, guessing is not");
    };
    assert_eq!((n, wait.detail.as_str()), (21, "1"));
    assert_eq!(scan(&door, &badge, "").await.unwrap_err().code, Code::LoginWait, "the right one waits too");
    let login = Login { name: "小李".into(), password: PASSWORD.into() };
    let _: LoginDone = call(&door, "session.login", login).await.expect("a password is not a badge");
    w.clock.advance(Duration::from_secs(2));
    assert_eq!(scan(&door, &badge, "").await.unwrap().me.name, "小李");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_badge_that_was_not_printed_leaves_the_one_before_it_good() {
    let w = World::empty().await;
    w.add_printer(&w.printer.address()).await;
    let li = add(&w, "小李", "customer_service").await;
    let badge = printed(&w, &li).await;
    let nowhere = SavePrinter { default: false, ..printer("tcp://127.0.0.1:1") };
    let nowhere: PrinterView = call(&w.owner, "printers.save", nowhere).await.unwrap();
    let print = PrintBadge { id: li.id, printer: nowhere.id };
    let done: BadgePrinted = call(&w.owner, "people.print_badge", print).await.unwrap();
    assert_eq!(done.printed, "nothing_sent", "{}", done.reason);
    assert_eq!(scan(&window(&w), &badge, "").await.unwrap().me.name, "小李");
}
