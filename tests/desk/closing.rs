//! Closing the program while the worker is at a label.

use crate::world::*;
use desk::api::*;
use desk::{Desk, Place, Setup};
use std::time::Duration;
use tokio::io::AsyncReadExt;
use tokio::net::TcpListener;

#[tokio::test(flavor = "multi_thread")]
async fn closing_lets_the_label_that_is_under_way_come_out() {
    let w = World::with_app(ANY_LOOPBACK).await;
    let grant = w.grant(SHOP).await;
    w.make_default(&grant, "ZTO").await;
    let place = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    w.add_printer(&format!("tcp://{place}")).await;
    let parcel = w.submit(order()).await.unwrap();
    assert_eq!(parcel.prints[0].state, "queued", "nobody listens there yet");
    let login = Login { name: OWNER.into(), password: OWNER_PASSWORD.into() };
    let session: LoginDone = call(&w.owner, "session.login", login).await.unwrap();
    let World { desk, owner, market, clock, face, dir, .. } = w;
    desk.close().await;
    drop((desk, owner));

    // The worker finds the printer there now, and the program is closed while the label is on its way.
    let printer = TcpListener::bind(place).await.unwrap();
    let open = || setup(&dir.path().join("desk"), &market.base(), clock.clone(), face.clone());
    let desk = Desk::open(Setup { worker: true, ..open() }).await.unwrap();
    let (mut label, _) = printer.accept().await.unwrap();
    let closing = tokio::spawn(async move { desk.close().await });
    tokio::time::sleep(Duration::from_millis(200)).await;
    assert!(!closing.is_finished(), "it waits for the label");
    let mut bytes = Vec::new();
    label.read_to_end(&mut bytes).await.unwrap();
    drop(label);
    closing.await.unwrap();
    assert!(bytes.ends_with(b"PRINT 1,1\r\n"), "the whole label came out");

    let desk = Desk::open(open()).await.unwrap();
    let door = desk.door(Place::Terminal, "after");
    door.resume(&session.token).await.unwrap();
    let seen: ParcelView = call(&door, "orders.show", ById { id: parcel.row.id }).await.unwrap();
    assert_eq!(seen.prints[0].state, "sent", "nothing is doubtful");
    desk.close().await;
}
