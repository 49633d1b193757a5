//! Backups as people meet them: no card, a card, nights, failures, another computer.

use crate::world::*;
use desk::api::*;
use desk::{ApiError, Code, Desk, Door, Place};
use domain::secret::Secret;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

const HOUR: Duration = Duration::from_secs(3600);

/// The owner makes a card and has its words.
async fn make_card(w: &World) -> Vec<String> {
    let begin = BeginCard { list: "zh".into(), replace: false };
    let asked: CardAsked = call(&w.owner, "backup.card_begin", begin).await.unwrap();
    let card: CardWords = call(&w.owner, "backup.card_words", Nothing {}).await.unwrap();
    let words = asked.ask.iter().map(|n| card.words[*n as usize - 1].clone()).collect();
    let state: BackupState = call(&w.owner, "backup.card_confirm", ConfirmCard { words }).await.unwrap();
    assert!(state.card.is_some());
    card.words
}

async fn state(w: &World) -> BackupState {
    call(&w.owner, "backup.state", Nothing {}).await.unwrap()
}

async fn create(w: &World) -> Result<BackupView, ApiError> {
    call(&w.owner, "backup.create", Nothing {}).await
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut out = Vec::new();
    let Ok(items) = std::fs::read_dir(folder) else { return out };
    for item in items.map(|i| i.unwrap().path()) {
        if item.is_dir() { out.extend(files(&item)) } else { out.push(item) }
    }
    out
}

fn holders(folder: &Path, needle: &str) -> Vec<PathBuf> {
    let holds = |p: &PathBuf| std::fs::read(p).unwrap().windows(needle.len()).any(|w| w == needle.as_bytes());
    files(folder).into_iter().filter(holds).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_card_there_is_no_backup_and_it_says_so() {
    let w = World::empty().await;
    assert_eq!(state(&w).await.trouble, "no_card");
    let app: AppState = call(&w.owner, "app.state", Nothing {}).await.unwrap();
    assert_eq!(app.backup_trouble, "no_card");
    let nobody = w.desk.door(Place::Window, "window");
    let app: AppState = call(&nobody, "app.state", Nothing {}).await.unwrap();
    assert_eq!(app.backup_trouble, "", "it is nobody's business who cannot do anything about it");
    assert_eq!(create(&w).await.unwrap_err().code, Code::CardMissing);
    w.clock.advance(24 * HOUR);
    w.desk.tick().await;
    assert!(files(&w.dir.path().join("desk-backups")).is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_card_counts_only_after_four_of_its_words_were_typed_again() {
    let w = World::empty().await;
    let begin = |replace| BeginCard { list: "en".into(), replace };
    let asked: CardAsked = call(&w.owner, "backup.card_begin", begin(false)).await.unwrap();
    assert_eq!(asked.ask.len(), 4);
    assert!(asked.ask.windows(2).all(|p| p[0] < p[1]) && asked.ask.iter().all(|n| (1..=24).contains(n)));
    let card: CardWords = call(&w.owner, "backup.card_words", Nothing {}).await.unwrap();
    assert_eq!(card.words.len(), 24);
    let right: Vec<String> = asked.ask.iter().map(|n| card.words[*n as usize - 1].clone()).collect();
    let mut wrong = right.clone();
    wrong[2] = "waybill".into();
    let e = call::<_, BackupState>(&w.owner, "backup.card_confirm", ConfirmCard { words: wrong }).await.unwrap_err();
    assert_eq!((e.code, e.fields[0].field.as_str(), e.fields[0].detail.clone()), {
        (Code::InvalidInput, "words[2]", asked.ask[2].to_string())
    });
    assert!(state(&w).await.card.is_none(), "nothing was kept");
    let typed = right.iter().map(|w| format!(" {} ", w.to_uppercase())).collect();
    let kept: BackupState = call(&w.owner, "backup.card_confirm", ConfirmCard { words: typed }).await.unwrap();
    assert_eq!((kept.card.unwrap().by.as_str(), kept.trouble.as_str()), (OWNER, ""));
    let gone = call::<_, CardWords>(&w.owner, "backup.card_words", Nothing {}).await.unwrap_err();
    assert_eq!(gone.code, Code::WrongState, "the words are nowhere any more");
    // A second card only on purpose, and one that lies open for half an hour is put away.
    let e = call::<_, CardAsked>(&w.owner, "backup.card_begin", begin(false)).await.unwrap_err();
    assert_eq!(e.code, Code::WrongState);
    let again: CardAsked = call(&w.owner, "backup.card_begin", begin(true)).await.unwrap();
    assert!(again.replaces);
    w.clock.advance(Duration::from_secs(31 * 60));
    let late = call::<_, CardWords>(&w.owner, "backup.card_words", Nothing {}).await.unwrap_err();
    assert_eq!(late.code, Code::WrongState);
    create(&w).await.unwrap();
    w.desk.close().await;
    let words = card.words.join(" ");
    for two in card.words.windows(2) {
        // Single words of the list are everyday English (a column is called `reason`); together they are the secret.
        assert!(holders(w.dir.path(), &two.join(" ")).is_empty(), "{two:?}");
    }
    assert!(holders(w.dir.path(), &words[..40]).is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_is_opened_again_and_a_damaged_one_is_told() {
    let w = World::ready().await;
    w.submit(order()).await.unwrap();
    let words = make_card(&w).await;
    // What a run that was killed left behind, of this card's and of another's.
    let backups = w.dir.path().join("desk-backups");
    std::fs::create_dir_all(&backups).unwrap();
    let half = |card: &str| backups.join(format!("waybill-20261101-020000-{card}.wbdesk.partial"));
    let card = state(&w).await.card.expect("a card").id;
    let (own, other) = (half(&card[..8]), half("00000000"));
    for half in [&own, &other] {
        std::fs::write(half, "half").unwrap();
    }
    let made = create(&w).await.unwrap();
    assert_eq!((own.exists(), other.exists()), (false, true), "halves are cleared away, strangers' are not");
    assert_eq!((made.state.as_str(), made.how.as_str()), ("good", "by_hand"));
    assert!(made.rows > 20 && made.log_rows > 5 && made.log_head.len() == 64, "{made:?}");
    assert_eq!(Path::new(&made.file).parent().unwrap(), w.dir.path().join("desk-backups"), "beside the data folder");
    let row = w.log().await.into_iter().find(|r| r.action == "backup.good").unwrap();
    assert_eq!(row.person, OWNER);
    assert!(row.detail.contains(&made.log_head), "the log's head is anchored: {}", row.detail);
    let verify = async |file: &str| -> Result<BackupPreview, ApiError> {
        call(&w.owner, "backup.verify", BackupFile { file: file.to_owned() }).await
    };
    let inside = verify(&made.file).await.unwrap();
    assert_eq!((inside.shops, inside.parcels, inside.people), (vec![SHOP.to_owned()], 1, 1));
    assert_eq!(inside.log_here, "part", "the log goes on from the backup's head");
    let verdict: LogVerdict = call(&w.owner, "log.verify", VerifyLog { anchor: String::new() }).await.unwrap();
    assert_eq!((verdict.whole, verdict.anchors), (true, 1), "and the head is kept beside it");
    assert!(!w.dir.path().join("desk/scratch").exists(), "no scratch is left");
    for canary in [RECIPIENT, RECIPIENT_PHONE, SHOP, OWNER, "SQLite format", words[0].as_str()] {
        assert!(holders(&w.dir.path().join("desk-backups"), canary).is_empty(), "{canary} lies in a backup");
    }
    assert!(!holders(&w.dir.path().join("desk"), SHOP).is_empty(), "the search finds what is in clear");
    let good = std::fs::read(&made.file).unwrap();
    let bad = w.dir.path().join("bad.wbdesk");
    for at in (0..good.len()).step_by(good.len() / 60) {
        let mut bytes = good.clone();
        bytes[at] ^= 1;
        std::fs::write(&bad, bytes).unwrap();
        let e = verify(bad.to_str().unwrap()).await.unwrap_err();
        assert_eq!(e.code, Code::BackupRefused, "byte {at}: {e:?}");
    }
    std::fs::write(&bad, &good[..good.len() - 100]).unwrap();
    assert_eq!(verify(bad.to_str().unwrap()).await.unwrap_err().detail, "damaged");
    std::fs::write(&bad, "a text").unwrap();
    assert_eq!(verify(bad.to_str().unwrap()).await.unwrap_err().detail, "not_a_backup");
    assert_eq!(verify("/nowhere/x.wbdesk").await.unwrap_err().detail, "no_file");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_night_has_one_and_a_failed_one_is_shown_and_tried_again() {
    let w = World::ready().await;
    make_card(&w).await;
    w.desk.tick().await;
    assert_eq!(state(&w).await.rows.len(), 1, "the first at once");
    for _ in 0..5 {
        w.clock.advance(5 * HOUR);
        w.desk.tick().await;
        w.desk.tick().await;
    }
    let rows = state(&w).await.rows;
    assert_eq!(rows.len(), 2, "one night went by: {rows:?}");
    assert!(rows.iter().all(|r| r.how == "nightly" && r.state == "good"));

    // A folder that cannot be: its name is a file's.
    let elsewhere = w.dir.path().join("elsewhere");
    let set = SetBackupFolder { folder: elsewhere.display().to_string() };
    let _: BackupState = call(&w.owner, "backup.set_folder", set).await.unwrap();
    std::fs::remove_dir(&elsewhere).unwrap();
    std::fs::write(&elsewhere, "in the way").unwrap();
    w.clock.advance(24 * HOUR);
    w.desk.tick().await;
    w.desk.tick().await;
    let now = state(&w).await;
    assert_eq!((now.trouble.as_str(), now.rows.len()), ("folder", 3), "told once, not every round");
    assert_eq!(now.rows[0].state, "failed");
    let app: AppState = call(&w.owner, "app.state", Nothing {}).await.unwrap();
    assert_eq!(app.backup_trouble, "folder");
    let e = create(&w).await.unwrap_err();
    assert_eq!((e.code, e.detail.as_str()), (Code::BackupFailed, "folder"));
    std::fs::remove_file(&elsewhere).unwrap();
    w.clock.advance(HOUR + Duration::from_secs(1));
    w.desk.tick().await;
    let now = state(&w).await;
    assert_eq!((now.trouble.as_str(), now.rows[0].state.as_str()), ("", "good"));
    assert!(now.rows[0].file.starts_with(elsewhere.to_str().unwrap()));
    assert!(files(w.dir.path()).iter().all(|f| !f.display().to_string().contains("partial")));
    // Two days and a half without a good one are told, whatever the reason.
    w.clock.advance(61 * HOUR);
    assert_eq!(state(&w).await.trouble, "old");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_that_cannot_be_used_is_refused_and_the_old_one_stays() {
    let w = World::empty().await;
    let inside = w.dir.path().join("desk/backups").display().to_string();
    for folder in ["relative/path", "/proc/nowhere", inside.as_str()] {
        let set = SetBackupFolder { folder: folder.to_owned() };
        let e = call::<_, BackupState>(&w.owner, "backup.set_folder", set).await.unwrap_err();
        assert_eq!((e.code, e.fields[0].code.as_str()), (Code::InvalidInput, "bad_folder"), "{folder}");
    }
    assert!(state(&w).await.usual_folder);
}

#[tokio::test(flavor = "multi_thread")]
async fn fifty_nights_leave_what_rotation_keeps() {
    let w = World::empty().await;
    make_card(&w).await;
    for _ in 0..50 {
        w.clock.advance(24 * HOUR);
        w.desk.tick().await;
    }
    let now = state(&w).await;
    let there = files(&w.dir.path().join("desk-backups"));
    assert_eq!(there.len(), now.rows.len(), "what is listed is what is there");
    assert!((9..=13).contains(&there.len()), "{}", there.len());
    assert_eq!(now.trouble, "");
    for row in &now.rows {
        assert!(Path::new(&row.file).exists(), "{}", row.file);
    }
    assert!(w.log().await.iter().any(|r| r.action == "backup.rotated"));
}

/// Another computer: another folder, another key.
async fn elsewhere(w: &World) -> (Desk, Door) {
    let mut setup = setup(&w.dir.path().join("new/desk"), &w.market.base(), w.clock.clone(), Arc::new(Face::default()));
    setup.passphrase = Some(Secret::new("another passphrase"));
    let desk = Desk::open(setup).await.unwrap();
    let door = desk.door(Place::Window, "window");
    (desk, door)
}

#[tokio::test(flavor = "multi_thread")]
async fn on_another_computer_everything_is_there_but_the_grants() {
    let w = World::ready().await;
    let parcel = w.submit(order()).await.unwrap().row.id;
    w.desk.tick().await;
    let words = make_card(&w).await;
    let made = create(&w).await.unwrap();
    let (desk, door) = elsewhere(&w).await;
    let state: AppState = call(&door, "app.state", Nothing {}).await.unwrap();
    assert!(state.first_run);
    let folder = w.dir.path().join("desk-backups").display().to_string();
    let found: BackupFiles = call(&door, "backup.files", BackupFolder { folder }).await.unwrap();
    assert_eq!(found.files.iter().map(|f| f.file.as_str()).collect::<Vec<_>>(), [made.file.as_str()]);
    let ask = |words: &str| OpenBackup { file: made.file.clone(), words: words.to_owned() };

    let mut slip = words.clone();
    slip.swap(3, 17);
    for (typed, code) in [
        (slip.concat(), "words_do_not_fit"),
        (words[..23].concat(), "word_count"),
        (words[..23].concat() + "龘", "unknown_word"),
    ] {
        for command in ["backup.look", "backup.restore"] {
            match call::<_, serde_json::Value>(&door, command, ask(&typed)).await {
                Err(e) => assert_eq!((e.code, e.fields[0].code.as_str()), (Code::InvalidInput, code)),
                Ok(_) => panic!("{typed} opened it"),
            }
        }
    }
    let other = "abandon ".repeat(23) + "art";
    let e = call::<_, BackupPreview>(&door, "backup.look", ask(&other)).await.unwrap_err();
    assert_eq!((e.code, e.detail.as_str()), (Code::BackupRefused, "other_card"));

    let inside: BackupPreview = call(&door, "backup.look", ask(&words.concat())).await.unwrap();
    assert_eq!((inside.shops.clone(), inside.parcels, inside.log_head.as_str()), {
        (vec![SHOP.to_owned()], 1, made.log_head.as_str())
    });
    let first: AppState = call(&door, "app.state", Nothing {}).await.unwrap();
    assert!(first.first_run, "looking changes nothing");
    let done: RestoreDone = call(&door, "backup.restore", ask(&words.join(" "))).await.unwrap();
    assert!(done.equal);
    assert_eq!((done.inside, done.needs_authorising), (inside, vec![SHOP.to_owned()]));

    let login = Login { name: OWNER.into(), password: OWNER_PASSWORD.into() };
    let _: LoginDone = call(&door, "session.login", login).await.unwrap();
    let verdict: LogVerdict = call(&door, "log.verify", VerifyLog { anchor: String::new() }).await.unwrap();
    assert!(verdict.whole, "the chain goes on");
    assert_eq!(verdict.anchors, 1, "the backup's head is kept on the new computer, too");
    let revealed: RevealedParcel = call(&door, "orders.reveal", ById { id: parcel.clone() }).await.unwrap();
    assert_eq!((revealed.recipient.name.as_str(), revealed.recipient.phone.as_str()), (RECIPIENT, RECIPIENT_PHONE));
    let _: Picture = call(&door, "orders.picture", ById { id: parcel.clone() }).await.unwrap();
    let grants: Vec<GrantView> = call(&door, "accounts.list", Nothing {}).await.unwrap();
    assert_eq!(grants.iter().map(|g| g.state.as_str()).collect::<Vec<_>>(), ["needs_renewal"]);
    let platforms: Vec<PlatformView> = call(&door, "accounts.platforms", Nothing {}).await.unwrap();
    assert!(!platforms.iter().find(|p| p.id == "taobao").unwrap().app_set, "no app secret travels");
    let charged = w.market.ledger().charged.len();
    let refused = call::<_, ParcelView>(&door, "orders.submit", order()).await.unwrap_err();
    assert!(matches!(refused.code, Code::GrantDead | Code::AppMissing), "{refused:?}");
    desk.tick().await;
    assert_eq!(w.market.ledger().charged.len(), charged, "nothing is charged by a restored desk");
    // The card goes on sealing here, and the same words open it.
    let onwards: BackupView = call(&door, "backup.create", Nothing {}).await.unwrap();
    assert_eq!(onwards.state, "good");
    let again = call::<_, RestoreDone>(&door, "backup.restore", ask(&words.concat())).await.unwrap_err();
    assert_eq!(again.code, Code::WrongState, "a desk with people is never written over");
    // And after a restart.
    desk.close().await;
    drop((desk, door));
    let (desk, door) = elsewhere(&w).await;
    let _: LoginDone =
        call(&door, "session.login", Login { name: OWNER.into(), password: OWNER_PASSWORD.into() }).await.unwrap();
    let verdict: LogVerdict = call(&door, "log.verify", VerifyLog { anchor: String::new() }).await.unwrap();
    assert!(verdict.whole);
    desk.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_damaged_desk_is_put_aside_and_goes_on_from_its_backup() {
    let w = World::ready().await;
    let parcel = w.submit(order()).await.unwrap().row.id;
    let words = make_card(&w).await;
    let made = create(&w).await.unwrap();
    w.desk.close().await;
    let World { dir, market, clock, face, owner, desk, .. } = w;
    drop((owner, desk));
    let folder = dir.path().join("desk");
    let file = folder.join("desk.db");
    let mut bytes = std::fs::read(&file).unwrap();
    let half = bytes.len() / 2;
    bytes[half..].fill(0xff);
    std::fs::write(&file, &bytes).unwrap();

    let open = || Desk::open(setup(&folder, &market.base(), clock.clone(), face.clone()));
    let Err(refused) = open().await else { panic!("a damaged file was opened") };
    assert_eq!(refused.to_api().code, Code::DataDamaged, "{refused}");
    assert_eq!(std::fs::read(&file).unwrap(), bytes, "it is left as it is");
    let aside = desk::put_aside(&folder, domain::clock::Millis(1_795_716_000_000)).unwrap();
    assert_eq!(std::fs::read(aside.join("desk.db")).unwrap(), bytes);
    let desk = open().await.unwrap();
    let door = desk.door(Place::Window, "window");
    let found: BackupFiles = call(&door, "backup.files", BackupFolder { folder: String::new() }).await.unwrap();
    assert_eq!(found.files.len(), 1, "backups lie beside the folder, where they were");
    let ask = OpenBackup { file: made.file, words: words.concat() };
    let done: RestoreDone = call(&door, "backup.restore", ask).await.unwrap();
    assert!(done.equal);
    let login = Login { name: OWNER.into(), password: OWNER_PASSWORD.into() };
    let _: LoginDone = call(&door, "session.login", login).await.unwrap();
    let revealed: RevealedParcel = call(&door, "orders.reveal", ById { id: parcel }).await.unwrap();
    assert_eq!(revealed.recipient.name, RECIPIENT);
    desk.close().await;
}
