//! The plug is pulled on the way to a grant. What the platform may have given is never taken for ours in silence, a code is
//! never used twice, no secret stays behind, and nobody is stuck: the attempt goes on where it stood, or says that it is
//! over, and a new one reaches an active grant.

use crate::plug::{Child, copy};
use crate::world::*;
use desk::api::*;
use desk::{Desk, Door, Place};
use domain::clock::{Millis, VirtualClock};
use std::sync::Arc;
use std::time::Duration;

/// Where the plug is, and how the attempt stands after the restart.
const POINTS: &[(&str, &str)] = &[
    ("attempt.after_open", "open"),
    // The code was held in memory only, and may have been used: start again.
    ("attempt.after_received", "unknown"),
    ("attempt.after_exchanging", "unknown"),
    ("attempt.after_tokens", "unknown"),
    ("attempt.after_held", "held"),
    ("confirm.before_active", "held"),
    ("confirm.after_active", "active"),
];
const ROUNDS: usize = 5;
const START: i64 = 1_795_000_000_000;
/// The market's answer is pasted, so that no port has to be the same after the restart.
const CALLBACK: &str = "https://practice.example/taobao-callback";

/// The child: starts, walks to the market and back, confirms; and dies on the way.
#[test]
fn child() {
    let Some(Child { folder, market, token, .. }) = Child::here() else { return };
    tokio::runtime::Runtime::new().unwrap().block_on(async {
        let clock = Arc::new(VirtualClock::at(Millis(START)));
        let desk = Desk::open(setup(&folder, &market, clock, Arc::new(Face::default()))).await.unwrap();
        let door = desk.door(Place::Terminal, "child");
        door.resume(&token).await.unwrap();
        to_active(&door).await;
        desk.close().await;
    });
}

async fn start(door: &Door) -> AttemptView {
    let start = StartAttempt { platform: "taobao".into(), way: "link".into(), renew: String::new() };
    call(door, "accounts.start", start).await.unwrap()
}

/// Takes an open attempt to the market and pastes what the browser brings.
async fn walk(door: &Door, attempt: &AttemptView) -> AttemptView {
    let link: AttemptLink = call(door, "accounts.link", ById { id: attempt.id.clone() }).await.unwrap();
    let home = browse(&link.link.parse().unwrap(), SHOP, "grant").await;
    call(door, "accounts.paste", PasteAnswer { id: attempt.id.clone(), text: home }).await.unwrap()
}

async fn confirm(door: &Door, id: &str) -> AttemptView {
    call(door, "accounts.confirm", ConfirmShop { id: id.into(), right_shop: true }).await.unwrap()
}

async fn to_active(door: &Door) -> AttemptView {
    let held = walk(door, &start(door).await).await;
    assert_eq!((held.state.as_str(), held.shop_name.as_str()), ("held", SHOP));
    confirm(door, &held.id).await
}

async fn attempts(door: &Door) -> Vec<AttemptView> {
    call(door, "accounts.attempts", Nothing {}).await.unwrap()
}

async fn grants(door: &Door) -> Vec<GrantView> {
    call(door, "accounts.list", Nothing {}).await.unwrap()
}

/// The attempt of the child's that is spoken of, by its log rows: an ended one is in no list.
async fn interrupted(door: &Door) -> AttemptView {
    let page: LogPage = call(door, "log.list", list_log(None, 50)).await.unwrap();
    let id = page.rows.iter().find(|r| r.action == "attempt.start").expect("the start is logged").object.clone();
    call(door, "accounts.attempt", ById { id }).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_plug_may_be_pulled_on_the_way_to_a_grant() {
    let w = World::with_app(CALLBACK).await;
    let login = Login { name: OWNER.into(), password: OWNER_PASSWORD.into() };
    let session: LoginDone = call(&w.owner, "session.login", login).await.unwrap();
    w.desk.close().await;
    let template = w.dir.path().join("template");
    copy(&w.dir.path().join("desk"), &template);

    for (point, want) in POINTS {
        for n in 0..ROUNDS {
            let run = format!("{point}-{n}");
            let folder = w.dir.path().join(format!("run-{run}"));
            copy(&template, &folder);
            let token = session.token.clone();
            let child = Child { folder: folder.clone(), market: w.market.base(), run: run.clone(), token };
            assert!(child.dies_at(point, "grant_kills::child").await, "{run}: the point is reached");

            let clock = Arc::new(VirtualClock::at(Millis(START + 30_000)));
            w.clock.set_wall(Millis(START + 30_000));
            let setup = setup(&folder, &w.market.base(), clock.clone(), Arc::new(Face::default()));
            let desk = Desk::open(setup).await.unwrap();
            let door = desk.door(Place::Terminal, "after");
            door.resume(&child.token).await.unwrap();
            let found = interrupted(&door).await;
            assert_eq!(found.state, *want, "{run}: after the restart");
            let before = grants(&door).await;
            assert_eq!(before.len(), usize::from(*want == "active"), "{run}: no grant that nobody confirmed");

            // Nobody is stuck: the attempt goes on, or a new one does.
            let active = match *want {
                "open" => {
                    let held = walk(&door, &found).await;
                    confirm(&door, &held.id).await
                }
                "held" => {
                    assert_eq!(found.shop_name, SHOP, "{run}: the shop is still known");
                    confirm(&door, &found.id).await
                }
                "active" => found.clone(),
                _ => {
                    assert!(!found.reason.is_empty(), "{run}: it says why it is over");
                    to_active(&door).await
                }
            };
            assert_eq!(active.state, "active", "{run}");
            // A grant whose couriers could not be read before the crash reads them when asked.
            let shop = grants(&door).await;
            assert_eq!(shop.len(), 1, "{run}: one shop, one grant");
            let shop: GrantView = call(&door, "accounts.reload", ById { id: shop[0].id.clone() }).await.unwrap();
            assert!(!shop.couriers.is_empty(), "{run}: the grant works");

            clock.advance(Duration::from_secs(25 * 3600));
            desk.tick().await;
            assert!(attempts(&door).await.is_empty(), "{run}: nothing is left open");
            let verdict: LogVerdict = call(&door, "log.verify", VerifyLog { anchor: String::new() }).await.unwrap();
            assert!(verdict.whole, "{run}: the log's chain holds");
            desk.close().await;
            drop((door, desk));
            let _ = std::fs::remove_dir_all(&folder);
        }
    }
}
