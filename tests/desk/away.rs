//! The computer sleeps, or its own screen is locked: the desk's door locks. A real message bus, with somebody on it who says
//! what logind and a screen saver say.
#![cfg(target_os = "linux")]

use crate::world::*;
use desk::Place;
use desk::api::*;
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::time::Duration;
use zbus::zvariant::Value;
use zbus::{Connection, connection};

struct Bus {
    daemon: Child,
    address: String,
}

impl Drop for Bus {
    fn drop(&mut self) {
        let _ = self.daemon.kill();
        let _ = self.daemon.wait();
    }
}

impl Bus {
    fn start() -> Self {
        let mut daemon = Command::new("dbus-daemon")
            .args(["--session", "--nofork", "--print-address"])
            .stdout(Stdio::piped())
            .spawn()
            .expect("dbus-daemon is there");
        let mut address = String::new();
        BufReader::new(daemon.stdout.take().unwrap()).read_line(&mut address).unwrap();
        Self { daemon, address: address.trim().to_owned() }
    }

    async fn speak(&self, name: &str) -> Connection {
        let bus = connection::Builder::address(self.address.as_str()).unwrap();
        let bus = bus.name(name).unwrap().build().await.unwrap();
        // It answers calls, if only that it has no such thing.
        let _ = bus.object_server();
        bus
    }
}

async fn here(door: &desk::Door) -> bool {
    let state: AppState = call(door, "app.state", Nothing {}).await.unwrap();
    state.me.is_some()
}

async fn log_in(door: &desk::Door) {
    let login = Login { name: OWNER.into(), password: OWNER_PASSWORD.into() };
    let _: LoginDone = call(door, "session.login", login).await.unwrap();
}

/// Says it until the door is locked: whoever listens may not listen yet.
async fn locks(door: &desk::Door, what: &str, say: impl AsyncFn()) {
    log_in(door).await;
    for _ in 0..400 {
        say().await;
        tokio::time::sleep(Duration::from_millis(25)).await;
        if !here(door).await {
            return;
        }
    }
    panic!("{what} did not lock the door");
}

#[tokio::test(flavor = "multi_thread")]
async fn sleep_and_the_systems_own_lock_screen_lock_the_door() {
    let w = World::empty().await;
    let (system, session) = (Bus::start(), Bus::start());
    let logind = system.speak("org.freedesktop.login1").await;
    let saver = session.speak("org.gnome.ScreenSaver").await;
    let door = w.desk.door(Place::Window, "window");
    let away = desk::Away::on(&door, Some(&system.address), Some(&session.address));

    let manager = ("/org/freedesktop/login1", "org.freedesktop.login1.Manager");
    let place = ("/org/freedesktop/login1/session/_31", "org.freedesktop.login1.Session");
    let properties = "org.freedesktop.DBus.Properties";
    locks(&door, "sleep", async || {
        logind.emit_signal(None::<&str>, manager.0, manager.1, "PrepareForSleep", &(true)).await.unwrap();
    })
    .await;
    locks(&door, "the session's lock", async || {
        logind.emit_signal(None::<&str>, place.0, place.1, "Lock", &()).await.unwrap();
    })
    .await;
    locks(&door, "another user", async || {
        let changed = std::collections::HashMap::from([("Active", Value::from(false))]);
        let body = (place.1, changed, Vec::<&str>::new());
        logind.emit_signal(None::<&str>, place.0, properties, "PropertiesChanged", &body).await.unwrap();
    })
    .await;
    locks(&door, "the screen saver", async || {
        let at = ("/org/gnome/ScreenSaver", "org.gnome.ScreenSaver");
        saver.emit_signal(None::<&str>, at.0, at.1, "ActiveChanged", &(true)).await.unwrap();
    })
    .await;

    // What is no going away locks nothing; the next sleep, on the same bus and therefore behind it, does.
    log_in(&door).await;
    let changed = std::collections::HashMap::from([("Active", Value::from(true)), ("IdleHint", Value::from(true))]);
    let body = (place.1, changed, Vec::<&str>::new());
    logind.emit_signal(None::<&str>, place.0, properties, "PropertiesChanged", &body).await.unwrap();
    let at = ("/org/gnome/ScreenSaver", "org.gnome.ScreenSaver");
    saver.emit_signal(None::<&str>, at.0, at.1, "ActiveChanged", &(false)).await.unwrap();
    saver.emit_signal(None::<&str>, at.0, "org.example.Lamp", "ActiveChanged", &(true)).await.unwrap();
    let locked = || async { w.log().await.iter().filter(|r| r.action == "lock").count() };
    let before = locked().await;
    assert!(here(&door).await);
    locks(&door, "sleep again", async || {
        logind.emit_signal(None::<&str>, manager.0, manager.1, "PrepareForSleep", &(true)).await.unwrap();
    })
    .await;
    assert_eq!(locked().await, before + 1, "once, with a row in the log");

    // Whoever is not watched any more is not locked.
    drop(away);
    log_in(&door).await;
    logind.emit_signal(None::<&str>, manager.0, manager.1, "PrepareForSleep", &(true)).await.unwrap();
    tokio::time::sleep(Duration::from_millis(200)).await;
    assert!(here(&door).await);
}
