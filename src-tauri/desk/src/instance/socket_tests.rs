//! Asking and answering over the real socket, with honest and hostile callers.

use super::claim_tests::LONG;
#[cfg(unix)]
use super::claim_tests::{child_folder, this_test};
use super::{AskError, Claim, MOST_BYTES, address, ask, frame, serve};
use interprocess::local_socket::tokio::{Stream, prelude::*};
use serde_json::{Value, json};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::time::timeout;

async fn raw(folder: &Path) -> Stream {
    Stream::connect(address::address(&folder.canonicalize().unwrap()).unwrap()).await.unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_hundred_ask_at_once_and_each_gets_its_own_answer() {
    let home = tempfile::tempdir().unwrap();
    let claim = Claim::take(home.path()).unwrap();
    let (all_here, seen) = (Arc::new(tokio::sync::Barrier::new(200)), Arc::new(AtomicUsize::new(0)));
    let count = seen.clone();
    // Nobody is answered before all 200 have asked: one at a time would never end.
    let serving = serve(&claim, move |request: Value| {
        let (all_here, count) = (all_here.clone(), count.clone());
        async move {
            all_here.wait().await;
            count.fetch_add(1, Ordering::SeqCst);
            json!({"answer": request["n"].as_u64().unwrap() * 2, "padding": request["padding"]})
        }
    })
    .await
    .unwrap();
    let asks: Vec<_> = (0..200)
        .map(|n: usize| {
            let folder = home.path().to_owned();
            let padding = "单".repeat(n * 100);
            tokio::spawn(async move { (n, ask(&folder, &json!({"n": n, "padding": padding}), LONG).await) })
        })
        .collect();
    for asked in asks {
        let (n, answer) = asked.await.unwrap();
        let answer = answer.unwrap();
        assert_eq!(answer["answer"], n * 2);
        assert_eq!(answer["padding"].as_str().unwrap().chars().count(), n * 100, "long answers arrive whole");
    }
    assert_eq!(seen.load(Ordering::SeqCst), 200, "each request is handled once");
    serving.stop(LONG).await;
}

#[tokio::test]
async fn requests_of_one_connection_are_answered_in_order() {
    let home = tempfile::tempdir().unwrap();
    let claim = Claim::take(home.path()).unwrap();
    let serving = serve(&claim, |request| async move { request }).await.unwrap();
    let stream = raw(home.path()).await;
    let (mut from, mut to) = (&stream, &stream);
    let all: Vec<u8> = (0..50).flat_map(|n| frame::bytes(&json!(n)).unwrap()).collect();
    to.write_all(&all).await.unwrap();
    for n in 0..50 {
        assert_eq!(frame::read(&mut from).await.unwrap(), Some(json!(n)));
    }
    serving.stop(LONG).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn hostile_frames_end_their_own_connection_only() {
    let home = tempfile::tempdir().unwrap();
    let claim = Claim::take(home.path()).unwrap();
    let handled = Arc::new(AtomicUsize::new(0));
    let count = handled.clone();
    let serving = serve(&claim, move |request: Value| {
        count.fetch_add(1, Ordering::SeqCst);
        async move {
            assert_ne!(request, json!("panic"), "asked to panic");
            if request == json!("too long") { json!("x".repeat(MOST_BYTES)) } else { request }
        }
    })
    .await
    .unwrap();
    let framed = |bytes: &[u8]| [&u32::try_from(bytes.len()).unwrap().to_be_bytes(), bytes].concat();
    let patient = raw(home.path()).await;
    let hostile: Vec<(&str, Vec<u8>)> = vec![
        ("an empty body", framed(b"")),
        ("no JSON", framed(b"hello")),
        ("JSON and more", framed(b"{} {}")),
        ("broken UTF-8", framed(b"\"\xff\xfe\"")),
        ("NUL", framed(b"\0")),
        ("endless nesting", framed("[".repeat(100_000).as_bytes())),
        ("one byte too long", u32::try_from(MOST_BYTES + 1).unwrap().to_be_bytes().to_vec()),
        ("4 GiB promised", vec![0xff; 4]),
        ("an HTTP request", b"POST / HTTP/1.1\r\nHost: localhost\r\n\r\n{}".to_vec()),
    ];
    for (what, bytes) in &hostile {
        let stream = raw(home.path()).await;
        let (mut from, mut to) = (&stream, &stream);
        to.write_all(bytes).await.unwrap();
        let mut rest = Vec::new();
        let read = timeout(LONG, from.read_to_end(&mut rest)).await;
        // Closing with bytes unread may come as a reset; an answer may not.
        assert!(read.is_ok(), "{what}: the connection stays open");
        assert!(rest.is_empty(), "{what}: it was answered");
    }
    for cut in [&b"\0"[..], b"\0\0\0", b"\0\0\x01\0half a body"] {
        let stream = raw(home.path()).await;
        (&stream).write_all(cut).await.unwrap();
        drop(stream);
    }
    assert_eq!(handled.load(Ordering::SeqCst), 0, "none of these may reach the desk");
    for (request, what) in [("panic", "a handler that panics"), ("too long", "an answer that is too long")] {
        let broken = ask(home.path(), &json!(request), LONG).await.unwrap_err();
        assert!(matches!(broken, AskError::Broken { sent: true, .. }), "{what}: {broken}");
    }
    let (mut from, mut to) = (&patient, &patient);
    frame::write(&mut to, &frame::bytes(&json!("still here")).unwrap()).await.unwrap();
    assert_eq!(frame::read(&mut from).await.unwrap(), Some(json!("still here")), "another connection noticed");
    assert_eq!(ask(home.path(), &json!("new"), LONG).await.unwrap(), json!("new"), "newcomers are served");
    serving.stop(LONG).await;
}

#[tokio::test]
async fn a_promise_of_too_much_is_refused_before_its_first_byte() {
    let head = |bytes: usize| u32::try_from(bytes).unwrap().to_be_bytes();
    let refused = frame::read(&mut &head(MOST_BYTES + 1)[..]).await.unwrap_err();
    assert!(matches!(refused, frame::FrameError::TooLong { bytes } if bytes == MOST_BYTES + 1), "{refused}");
    let cut = frame::read(&mut &head(MOST_BYTES)[..]).await.unwrap_err();
    assert!(matches!(cut, frame::FrameError::CutOff), "the longest allowed is waited for: {cut}");
    assert!(frame::read(&mut &b""[..]).await.unwrap().is_none(), "an end between messages is no error");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_answer_that_cannot_be_cut_short_holds_the_folder_after_all_else_is_gone() {
    let home = tempfile::tempdir().unwrap();
    let claim = Claim::take(home.path()).unwrap();
    let started = Arc::new(tokio::sync::Notify::new());
    let (go, wait) = std::sync::mpsc::channel::<()>();
    let (tell, wait) = (started.clone(), Arc::new(std::sync::Mutex::new(wait)));
    let serving = serve(&claim, move |_| {
        let (tell, wait) = (tell.clone(), wait.clone());
        async move {
            tell.notify_one();
            // Work without an await in it, as a write to the store is.
            wait.lock().unwrap().recv().unwrap();
            json!("done")
        }
    })
    .await
    .unwrap();
    let folder = home.path().to_owned();
    let asked = tokio::spawn(async move { ask(&folder, &json!(1), LONG).await });
    started.notified().await;
    drop((claim, serving));
    while !matches!(ask(home.path(), &json!(2), LONG).await, Err(AskError::NobodyThere)) {
        tokio::task::yield_now().await;
    }
    assert!(Claim::take(home.path()).is_err(), "the work is still under way");
    go.send(()).unwrap();
    match asked.await.unwrap() {
        Ok(answer) => assert_eq!(answer, json!("done")),
        Err(cut) => assert!(matches!(cut, AskError::Broken { sent: true, .. }), "its outcome is unknown: {cut}"),
    }
    while Claim::take(home.path()).is_err() {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn a_request_that_is_too_long_never_leaves() {
    let home = tempfile::tempdir().unwrap();
    let claim = Claim::take(home.path()).unwrap();
    let serving = serve(&claim, |request| async move { request }).await.unwrap();
    let fits = json!("x".repeat(MOST_BYTES - 2));
    assert_eq!(ask(home.path(), &fits, LONG).await.unwrap(), fits, "16 MiB with its quotes is allowed");
    let broken = ask(home.path(), &json!("x".repeat(MOST_BYTES - 1)), LONG).await.unwrap_err();
    assert!(matches!(broken, AskError::Broken { sent: false, .. }), "{broken}");
    serving.stop(LONG).await;
}

#[tokio::test]
async fn nobody_there_and_no_answer_are_told_apart() {
    let home = tempfile::tempdir().unwrap();
    let nobody = ask(&home.path().join("nothing"), &json!(1), LONG).await.unwrap_err();
    assert!(matches!(nobody, AskError::NobodyThere), "{nobody}");
    let claim = Claim::take(home.path()).unwrap();
    let nobody = ask(home.path(), &json!(1), LONG).await.unwrap_err();
    assert!(matches!(nobody, AskError::NobodyThere), "an owner that does not listen yet: {nobody}");
    let serving = serve(&claim, |_| std::future::pending()).await.unwrap();
    let late = ask(home.path(), &json!(1), Duration::from_millis(50)).await.unwrap_err();
    assert!(matches!(late, AskError::Timeout { sent: true, .. }), "its outcome is unknown: {late}");
    drop(serving);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn stopping_lets_the_answer_under_way_finish_and_holds_the_folder_until_then() {
    let home = tempfile::tempdir().unwrap();
    let claim = Claim::take(home.path()).unwrap();
    let (started, go) = (Arc::new(tokio::sync::Notify::new()), Arc::new(tokio::sync::Notify::new()));
    let (tell, wait) = (started.clone(), go.clone());
    let serving = serve(&claim, move |request| {
        let (tell, wait) = (tell.clone(), wait.clone());
        async move {
            if request == json!("slow") {
                tell.notify_one();
                wait.notified().await;
            }
            json!("done")
        }
    })
    .await
    .unwrap();
    let folder = home.path().to_owned();
    let asked = tokio::spawn(async move { ask(&folder, &json!("slow"), LONG).await });
    started.notified().await;
    drop(claim);
    let stopping = tokio::spawn(serving.stop(LONG));
    // The name goes at once; the folder only when the answer is out.
    while !matches!(ask(home.path(), &json!("quick"), LONG).await, Err(AskError::NobodyThere)) {
        tokio::task::yield_now().await;
    }
    assert!(Claim::take(home.path()).is_err(), "a write may still be under way");
    go.notify_one();
    assert_eq!(asked.await.unwrap().unwrap(), json!("done"));
    stopping.await.unwrap();
    Claim::take(home.path()).expect("now it is free");
}

#[cfg(unix)]
#[tokio::test]
async fn a_folder_with_a_long_path_listens_elsewhere_and_says_where() {
    use std::os::unix::fs::PermissionsExt;
    let home = tempfile::tempdir().unwrap();
    let folder = home.path().join("面单台".repeat(20)).join("desk");
    let claim = Claim::take(&folder).unwrap();
    let serving = serve(&claim, |request| async move { request }).await.unwrap();
    assert_eq!(ask(&folder, &json!("far"), LONG).await.unwrap(), json!("far"));
    assert!(!folder.join("desk.sock").exists(), "that path is too long for a socket");
    let socket = std::path::PathBuf::from(std::fs::read_to_string(folder.join("desk.sock.path")).unwrap());
    let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&socket), 0o600);
    assert_eq!(mode(socket.parent().unwrap()), 0o700, "others may not even see it");
    serving.stop(LONG).await;
    assert!(!socket.exists(), "removed by its owner");
    let nobody = ask(&folder, &json!(1), LONG).await.unwrap_err();
    assert!(matches!(nobody, AskError::NobodyThere), "{nobody}");
    // Somebody else made the folder first, open to all: it is not used.
    std::fs::set_permissions(socket.parent().unwrap(), std::fs::Permissions::from_mode(0o777)).unwrap();
    let second = serve(&claim, |request| async move { request }).await;
    match second {
        Ok(serving) => {
            let other = std::fs::read_to_string(folder.join("desk.sock.path")).unwrap();
            assert_ne!(Path::new(&other), socket, "an open folder must not be used");
            serving.stop(LONG).await;
            std::fs::remove_dir(Path::new(&other).parent().unwrap()).unwrap();
        }
        Err(refused) => assert!(format!("{refused:?}").contains("private"), "{refused:?}"),
    }
    std::fs::remove_dir(socket.parent().unwrap()).unwrap();
}

/// The mode keeps others out; where somebody opened folder and socket by hand, the user id does.
#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn another_users_program_is_turned_away() {
    use std::os::unix::fs::PermissionsExt;
    use std::os::unix::process::CommandExt;
    const NOBODY: u32 = 65534;
    const TEST: &str = "another_users_program_is_turned_away";
    if let Some(folder) = child_folder() {
        assert_eq!(rustix::process::geteuid().as_raw(), NOBODY);
        let stream = raw(&folder).await;
        let refused = ask(&folder, &json!("let me in"), LONG).await.unwrap_err();
        assert!(matches!(refused, AskError::Broken { sent: false, .. }), "the asker looks too: {refused}");
        let mut rest = Vec::new();
        let _ = (&stream).write_all(&frame::bytes(&json!("let me in")).unwrap()).await;
        let _ = timeout(LONG, (&stream).read_to_end(&mut rest)).await.expect("the owner must close it");
        assert!(rest.is_empty(), "it was answered");
        return;
    }
    let home = tempfile::tempdir().unwrap();
    let folder = home.path().join("desk");
    let claim = Claim::take(&folder).unwrap();
    let handled = Arc::new(AtomicUsize::new(0));
    let count = handled.clone();
    let serving = serve(&claim, move |request| {
        count.fetch_add(1, Ordering::SeqCst);
        async move { request }
    })
    .await
    .unwrap();
    let mode = std::fs::metadata(folder.join("desk.sock")).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode, 0o600, "the socket is its user's only");
    if !rustix::process::geteuid().is_root() {
        eprintln!("NOTE {TEST}: only root can run a program as another user; only the mode was checked");
        return;
    }
    let open = |path: &Path| std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o777)).unwrap();
    let (exe, args, (name, value)) = this_test(module_path!(), TEST, &folder);
    let copy = home.path().join("test");
    std::fs::copy(exe, &copy).unwrap();
    for path in [home.path(), &folder, &folder.join("desk.sock"), &copy] {
        open(path);
    }
    let mut command = std::process::Command::new(copy);
    command.args(args).env(name, value).current_dir("/").uid(NOBODY).gid(NOBODY);
    let out = tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap();
    let said = format!("{}{}", String::from_utf8_lossy(&out.stdout), String::from_utf8_lossy(&out.stderr));
    assert!(out.status.success() && said.contains("1 passed"), "{said}");
    assert_eq!(handled.load(Ordering::SeqCst), 0, "nothing may reach the desk");
    assert_eq!(ask(&folder, &json!("me"), LONG).await.unwrap(), json!("me"), "its own user is still served");
    serving.stop(LONG).await;
}
