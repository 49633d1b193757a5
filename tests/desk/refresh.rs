//! Renewal of grants against servers that forgive a second showing of a refresh token, or end the whole family for it; with
//! the plug pulled at each step; and what people are told where a grant does not renew itself.

use crate::plug::{Child, copy};
use crate::world::*;
use desk::api::*;
use desk::{Code, Desk, Door, Place};
use domain::clock::{Millis, VirtualClock};
use sandbox::{Fault, FaultPlan, Market, MarketSettings};
use serde_json::json;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

const START: i64 = 1_795_000_000_000;
const DAY: i64 = 24 * 3600 * 1000;
/// Later than any renewal of a grant of thirty days is planned, earlier than its end.
const DUE: i64 = START + 25 * DAY;
/// Nobody listens there.
const NOWHERE: &str = "http://127.0.0.1:1/";
/// How long the plug is out.
const OUTAGE: Duration = Duration::from_secs(3);

/// What goes wrong on the way to a point.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Wrong {
    Nothing,
    /// The market renews, and its answer is lost.
    AnswerLost,
    /// There is no market.
    Unreachable,
}

/// A point, what goes wrong before it, and whether the market had renewed by then while the desk had not written it down.
const POINTS: [(&str, Wrong, bool); 12] = [
    ("refresh.before_intent", Wrong::Nothing, false),
    ("refresh.after_intent", Wrong::Nothing, false),
    ("refresh.after_answer", Wrong::Nothing, true),
    ("refresh.after_written", Wrong::Nothing, false),
    ("refresh.before_used", Wrong::Nothing, false),
    ("refresh.after_used", Wrong::Nothing, false),
    ("refresh.before_end", Wrong::Unreachable, false),
    ("refresh.after_end", Wrong::Unreachable, false),
    ("refresh.second_before_intent", Wrong::AnswerLost, true),
    ("refresh.second_after_intent", Wrong::AnswerLost, true),
    ("refresh.second_after_answer", Wrong::AnswerLost, true),
    ("refresh.second_after_written", Wrong::AnswerLost, true),
];

fn rounds() -> usize {
    std::env::var("WAYBILL_KILL_ROUNDS").ok().and_then(|n| n.parse().ok()).unwrap_or(50)
}

async fn grants(door: &Door) -> Vec<GrantView> {
    call(door, "accounts.list", Nothing {}).await.unwrap()
}

async fn control(market: &Market, what: &str, body: serde_json::Value) {
    let url = market.base().join("control/").unwrap().join(what).unwrap();
    let sent = http().post(url).header("X-Practice-Control", "1").json(&body).send().await.unwrap();
    assert!(sent.status().is_success(), "{what}");
}

/// The child: its grant is due; it renews it, twice if it must, and dies on the way.
#[test]
fn child() {
    let Some(Child { folder, market, .. }) = Child::here() else { return };
    tokio::runtime::Runtime::new().unwrap().block_on(async {
        let clock = Arc::new(VirtualClock::at(Millis(DUE)));
        let desk = Desk::open(setup(&folder, &market, clock.clone(), Arc::new(Face::default()))).await.unwrap();
        desk.tick().await;
        clock.advance(Duration::from_secs(5));
        desk.tick().await;
        desk.close().await;
    });
}

async fn market_in(folder: &Path, port: u16, clock: Arc<VirtualClock>) -> Market {
    Market::start(MarketSettings { port, seed: 7, folder: Some(folder.to_owned()), clock }).await.unwrap()
}

/// A desk with a grant and the market that gave it, both closed.
async fn template(dir: &Path) -> String {
    let clock = Arc::new(VirtualClock::at(Millis(START)));
    let market = market_in(&dir.join("market"), 0, clock.clone()).await;
    let face = Arc::new(Face::default());
    let desk = Desk::open(setup(&dir.join("desk"), &market.base(), clock, face)).await.unwrap();
    let owner = desk.door(Place::Terminal, "test");
    let made = SetupOwner { name: OWNER.into(), password: OWNER_PASSWORD.into() };
    let _: Me = call(&owner, "setup.owner", made).await.unwrap();
    let app = SetApp {
        platform: "taobao".into(),
        key: sandbox::PRACTICE_APP_KEY.into(),
        secret: sandbox::PRACTICE_APP_SECRET.into(),
        callback: "https://practice.example/taobao-callback".into(),
    };
    let _: PlatformView = call(&owner, "accounts.set_app", app).await.unwrap();
    let start = StartAttempt { platform: "taobao".into(), way: "link".into(), renew: String::new() };
    let attempt: AttemptView = call(&owner, "accounts.start", start).await.unwrap();
    let link: AttemptLink = call(&owner, "accounts.link", ById { id: attempt.id.clone() }).await.unwrap();
    let home = browse(&link.link.parse().unwrap(), SHOP, "grant").await;
    let paste = PasteAnswer { id: attempt.id.clone(), text: home };
    let _: AttemptView = call(&owner, "accounts.paste", paste).await.unwrap();
    let yes = ConfirmShop { id: attempt.id, right_shop: true };
    let active: AttemptView = call(&owner, "accounts.confirm", yes).await.unwrap();
    assert_eq!(active.state, "active");
    desk.close().await;
    drop((owner, desk));
    // A session lives for hours, the grant for weeks.
    let late = Arc::new(VirtualClock::at(Millis(DUE - 60_000)));
    let face = Arc::new(Face::default());
    let desk = Desk::open(setup(&dir.join("desk"), &market.base(), late, face)).await.unwrap();
    let login = Login { name: OWNER.into(), password: OWNER_PASSWORD.into() };
    let session: LoginDone = call(&desk.door(Place::Terminal, "child"), "session.login", login).await.unwrap();
    desk.close().await;
    market.stop().await;
    session.token
}

#[tokio::test(flavor = "multi_thread")]
async fn the_plug_may_be_pulled_on_the_way_to_new_tokens() {
    let dir = temp();
    let from = dir.path().join("template");
    let token = template(&from).await;
    for (point, wrong, shown) in POINTS {
        for n in 0..rounds() {
            let grace = [0_u64, 10, 60][n % 3];
            let run = format!("{point}-{n}-grace-{grace}");
            let here = dir.path().join(&run);
            copy(&from.join("desk"), &here.join("desk"));
            copy(&from.join("market"), &here.join("market"));
            let clock = Arc::new(VirtualClock::at(Millis(DUE)));
            let market = market_in(&here.join("market"), 0, clock.clone()).await;
            control(&market, "rotation", json!({ "grace_s": grace, "reuse_kills": true })).await;
            if wrong == Wrong::AnswerLost {
                market.faults().add(FaultPlan::once("taobao.token", Fault::TimeoutAfter { hold_ms: 0 }));
            }
            let at = if wrong == Wrong::Unreachable { NOWHERE.parse().unwrap() } else { market.base() };
            let child = Child { folder: here.join("desk"), market: at, run: run.clone(), token: token.clone() };
            // A server that does not forgive ends the renewal at the second showing: nothing is written after it.
            let unforgiven = grace == 0 && point == "refresh.second_after_written";
            assert_eq!(child.dies_at(point, "refresh::child").await, !unforgiven, "{run}: the point is reached");

            clock.advance(OUTAGE);
            let own = Arc::new(VirtualClock::at(domain::clock::Clock::wall(&*clock)));
            let desk = Desk::open(setup(&here.join("desk"), &market.base(), own.clone(), Arc::new(Face::default())))
                .await
                .unwrap();
            let door = desk.door(Place::Terminal, "after");
            door.resume(&token).await.unwrap();
            for _ in 0..3 {
                desk.tick().await;
                own.advance(Duration::from_secs(2));
                clock.advance(Duration::from_secs(2));
            }
            desk.tick().await;
            // What did nothing is tried again later.
            if point == "refresh.after_end" {
                own.advance(Duration::from_secs(3600));
                clock.advance(Duration::from_secs(3600));
                desk.tick().await;
            }
            let after = grants(&door).await.remove(0);
            let written =
                ["refresh.after_written", "refresh.before_used", "refresh.after_used", "refresh.second_after_written"];
            let lost = grace == 0 && shown && (unforgiven || !written.contains(&point));
            if lost {
                // The server has ended it: that is on the board, and in the log, while the old token still prints.
                assert_eq!(after.renewal, "refused", "{run}");
                assert_eq!(after.remind, 7, "{run}: five days are left, and somebody must act");
            } else {
                assert_eq!((after.state.as_str(), after.renewal.as_str()), ("active", "automatic"), "{run}");
                assert!(after.renewed_at.is_some(), "{run}: it has been renewed");
                // And what lies on the disk is what the server knows: it is renewed again.
                own.advance(Duration::from_secs(61));
                clock.advance(Duration::from_secs(61));
                let again: GrantView = call(&door, "accounts.renew", ById { id: after.id }).await.unwrap();
                let now = domain::clock::Clock::wall(&*own).0;
                assert_eq!((again.renewal.as_str(), again.renewed_at), ("automatic", Some(now)), "{run}: once more");
                let used: GrantView = call(&door, "accounts.reload", ById { id: again.id }).await.unwrap();
                assert_eq!(used.state, "active", "{run}: it works");
            }
            let verdict: LogVerdict = call(&door, "log.verify", VerifyLog { anchor: String::new() }).await.unwrap();
            assert!(verdict.whole, "{run}: the log's chain holds");
            desk.close().await;
            market.stop().await;
            let _ = std::fs::remove_dir_all(&here);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn four_hundred_callers_are_one_request() {
    let w = World::ready().await;
    w.clock.set_wall(Millis(DUE));
    let id = grants(&w.owner).await[0].id.clone();
    let before = w.market.secrets_given_out().len();
    let mut calls = tokio::task::JoinSet::new();
    for _ in 0..400 {
        let (door, id) = (w.owner.clone(), id.clone());
        calls.spawn(async move { call::<_, GrantView>(&door, "accounts.renew", ById { id }).await });
    }
    for end in calls.join_all().await {
        let view = end.unwrap();
        assert_eq!((view.renewal.as_str(), view.renewed_at), ("automatic", Some(DUE)));
    }
    assert_eq!(w.market.secrets_given_out().len() - before, 2, "one pair for all of them");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_platform_that_cannot_be_reached_costs_no_showing_and_the_grant_works_on() {
    let dir = temp();
    let token = template(dir.path()).await;
    let clock = Arc::new(VirtualClock::at(Millis(DUE)));
    let market = market_in(&dir.path().join("market"), 0, clock.clone()).await;
    let (base, port) = (market.base(), market.base().port().unwrap());
    market.stop().await;
    let desk =
        Desk::open(setup(&dir.path().join("desk"), &base, clock.clone(), Arc::new(Face::default()))).await.unwrap();
    let owner = desk.door(Place::Terminal, "test");
    owner.resume(&token).await.unwrap();
    for _ in 0..60 {
        desk.tick().await;
        clock.advance(Duration::from_secs(240));
    }
    let held = grants(&owner).await.remove(0);
    assert_eq!((held.state.as_str(), held.renewal.as_str()), ("active", "automatic"), "still trying");
    let page: LogPage = call(&owner, "log.list", list_log(None, 200)).await.unwrap();
    let asked = page.rows.iter().filter(|r| r.action == "grant.refresh").count();
    assert!((3..=5).contains(&asked), "about once an hour while days are left, not every round: {asked}");
    let refused: Result<GrantView, _> = call(&owner, "accounts.renew", ById { id: held.id.clone() }).await;
    let why = refused.unwrap_err();
    assert_eq!((why.code, why.detail.as_str()), (Code::NotRenewed, "automatic"));

    let market = market_in(&dir.path().join("market"), port, clock.clone()).await;
    clock.advance(Duration::from_secs(3600));
    desk.tick().await;
    assert!(grants(&owner).await[0].renewed_at.is_some(), "and then it is renewed");
    desk.close().await;
    market.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_answer_is_asked_for_once_more_and_never_again() {
    let w = World::ready().await;
    w.clock.set_wall(Millis(DUE));
    w.market.faults().add(FaultPlan {
        times: sandbox::Times::Always,
        ..FaultPlan::once("taobao.token", Fault::TimeoutAfter { hold_ms: 0 })
    });
    for _ in 0..40 {
        w.desk.tick().await;
        w.clock.advance(Duration::from_secs(4));
    }
    let lost = grants(&w.owner).await.remove(0);
    assert_eq!((lost.state.as_str(), lost.renewal.as_str(), lost.remind), ("active", "lost", 7));
    let log = w.log().await;
    assert_eq!(log.iter().filter(|r| r.action == "grant.refresh").count(), 2, "shown twice");
    assert_eq!(log.iter().filter(|r| r.action == "grant.remind").count(), 1, "and told once");
    w.market.faults().clear();
    let pressed: Result<GrantView, _> = call(&w.owner, "accounts.renew", ById { id: lost.id.clone() }).await;
    assert_eq!(pressed.unwrap_err().detail, "lost", "a press does not show it again either");
    // A person's new consent is the way on.
    let again = w.grant(SHOP).await;
    assert_eq!((again.id == lost.id, again.renewal.as_str(), again.remind), (true, "automatic", 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn new_tokens_that_do_not_work_give_way_to_the_old_ones() {
    let w = World::ready().await;
    control(&w.market, "rotation", json!({ "grace_s": 60, "reuse_kills": false })).await;
    w.clock.set_wall(Millis(DUE));
    w.market.faults().add(FaultPlan::once("cainiao.waybill.ii.search", Fault::Expired));
    w.desk.tick().await;
    let back = grants(&w.owner).await.remove(0);
    assert_eq!((back.state.as_str(), back.renewal.as_str(), back.days_left), ("active", "refused", Some(5)));
    assert!(w.log().await.iter().any(|r| r.action == "grant.refresh_undone"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_grant_that_does_not_renew_itself_says_so_four_times_and_works_to_its_last_second() {
    let w = World::ready().await;
    let other = w.grant("青禾茶器").await;
    control(
        &w.market,
        "apps",
        json!({ "key": "fixed", "secret": "fixed-secret", "callbacks": ["http://127.0.0.1:*/callback/taobao"], "may_refresh": false }),
    )
    .await;
    let app = SetApp {
        platform: "taobao".into(),
        key: "fixed".into(),
        secret: "fixed-secret".into(),
        callback: ANY_LOOPBACK.into(),
    };
    let _: PlatformView = call(&w.owner, "accounts.set_app", app).await.unwrap();
    let fixed = w.grant(SHOP).await;
    assert_eq!((fixed.renewal.as_str(), fixed.remind, fixed.renews_at), ("by_hand", 0, None));
    let pressed: Result<GrantView, _> = call(&w.owner, "accounts.renew", ById { id: fixed.id.clone() }).await;
    assert_eq!(pressed.unwrap_err().detail, "by_hand");

    let end = fixed.expires_at.unwrap();
    let mut told = Vec::new();
    for hour in 0..=30 * 24 {
        w.clock.set_wall(Millis((START + hour * 3_600_000).min(end - 1000)));
        w.desk.tick().await;
        let seen = w.log().await.into_iter().filter(|r| r.action == "grant.remind" && r.object == fixed.id).count();
        if seen > told.len() {
            told.push((end - START - hour * 3_600_000) / DAY);
        }
        // A clock that is set back tells nobody twice, and nobody late.
        if hour % 100 == 99 {
            w.clock.set_wall(Millis(START));
            w.desk.tick().await;
        }
    }
    assert_eq!(told, [14, 7, 3, 1]);
    let app: AppState = call(&w.owner, "app.state", Nothing {}).await.unwrap();
    assert_eq!(app.grants_end_in, Some(1), "whoever may see grants is told on every page");
    let nobody: AppState = call(&w.desk.door(Place::Window, "other"), "app.state", Nothing {}).await.unwrap();
    assert_eq!(nobody.grants_end_in, None, "and nobody else");
    w.submit(SubmitOrder { submit_key: "last-second".into(), ..order() }).await.unwrap();
    w.clock.set_wall(Millis(end));
    let late = w.submit(SubmitOrder { submit_key: "too-late".into(), ..order() }).await.unwrap_err();
    assert_eq!(late.code, Code::GrantDead);
    let all = grants(&w.owner).await;
    let state = |id: &str| all.iter().find(|g| g.id == id).unwrap().state.clone();
    assert_eq!(state(&fixed.id), "needs_renewal");
    assert_ne!(state(&other.id), "revoked", "the others are left alone");
}
