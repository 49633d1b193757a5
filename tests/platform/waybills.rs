//! Numbers: couriers, issue, look-ups, cancel, and the platform's noes.

use crate::street::{SHOP, Street, TEA_SHOP, TEA_SHOP_ID, app, parcel, waybills};
use domain::connector::{CallError, Found, IssueRequest, PrintData, RefusalKind};
use domain::ids::{CourierCode, WaybillNo};

fn refused<T: std::fmt::Debug>(end: Result<T, CallError>) -> RefusalKind {
    match end {
        Err(CallError::Refused(r)) => r.kind,
        other => panic!("not a refusal: {other:?}"),
    }
}

#[tokio::test]
async fn a_number_is_taken_found_and_given_back() {
    let street = Street::open().await;
    let grant = street.grant(SHOP).await;
    let (w, app, key) = (waybills(&street.taobao), app(), &grant.access);

    let offers = w.couriers(&app, key).await.unwrap();
    let zto = offers.iter().find(|o| o.code.0 == "ZTO").unwrap();
    assert_eq!((zto.branch_name.as_str(), zto.balance, zto.senders.len()), ("余杭三部", Some(412), 2));
    let sf = offers.iter().find(|o| o.code.0 == "SF").unwrap();
    assert_eq!((sf.kind, sf.balance, sf.customer_codes.len()), (1, None, 2), "billed monthly");

    let mut req = parcel(1, "ZTO");
    req.sender.address = zto.senders[0].clone();
    assert_eq!(w.find(&app, key, &req).await, Ok(Found::No), "nothing was asked for yet");
    let got = w.issue(&app, key, &req).await.unwrap();
    let PrintData::Plain(routing) = &got.print else { panic!("plain data was asked for: {got:?}") };
    assert!(routing.route_code.starts_with("028-"), "Chengdu: {routing:?}");
    assert_eq!((routing.origin.as_str(), routing.consolidation.as_str()), ("余杭三部", "成都转运中心"));

    let again = w.issue(&app, key, &req).await.unwrap();
    assert_eq!(again.number, got.number, "the same order, package and courier is the same number");
    let Ok(Found::Yes(found)) = w.find(&app, key, &req).await else { panic!("it is there") };
    assert_eq!((&found.number, &found.print), (&got.number, &got.print), "the look-up brings the same label");
    let looked_up = w.look_up(&app, key, &req.courier, &got.number).await;
    assert!(matches!(looked_up, Ok(Found::Yes(i)) if i.number == got.number));
    let after = w.couriers(&app, key).await.unwrap();
    assert_eq!(after.iter().find(|o| o.code.0 == "ZTO").unwrap().balance, Some(411), "charged once");

    assert_eq!(w.cancel(&app, key, &req.courier, &got.number).await, Ok(()));
    assert_eq!(w.cancel(&app, key, &req.courier, &got.number).await, Ok(()), "acknowledged again");
    assert_eq!(w.look_up(&app, key, &req.courier, &got.number).await, Ok(Found::No), "it no longer lives");
    assert_eq!(w.find(&app, key, &req).await, Ok(Found::No));
    let books = street.market.ledger();
    assert_eq!((books.charged.len(), books.live().count()), (1, 0));
}

#[tokio::test]
async fn of_two_attempts_of_one_order_each_finds_its_own_number() {
    let street = Street::open().await;
    let grant = street.grant(SHOP).await;
    let (w, app, key) = (waybills(&street.taobao), app(), &grant.access);
    let first = parcel(1, "ZTO");
    let second = IssueRequest { package_id: "parcel-1-2".into(), ..first.clone() };
    let a = w.issue(&app, key, &first).await.unwrap().number;
    assert_eq!(w.find(&app, key, &second).await, Ok(Found::No), "the first attempt's number is not the second's");
    let b = w.issue(&app, key, &second).await.unwrap().number;
    assert_ne!(a, b);
    for (req, number) in [(&first, &a), (&second, &b)] {
        let end = w.find(&app, key, req).await;
        assert!(matches!(&end, Ok(Found::Yes(i)) if i.number == *number), "{end:?}");
    }
    let other_courier = IssueRequest { courier: CourierCode("YTO".into()), ..first };
    assert_eq!(w.find(&app, key, &other_courier).await, Ok(Found::No), "a number of another courier is not ours");
}

#[tokio::test]
async fn an_encrypted_label_is_kept_for_its_component() {
    let street = Street::open().await;
    let grant = street.grant(TEA_SHOP).await;
    let (w, app, key) = (waybills(&street.taobao), app(), &grant.access);
    let offers = w.couriers(&app, key).await.unwrap();
    let mut req = parcel(1, "JT");
    req.user_id = TEA_SHOP_ID.into();
    req.sender.address = offers.iter().find(|o| o.code.0 == "JT").unwrap().senders[0].clone();
    let got = w.issue(&app, key, &req).await.unwrap();
    let PrintData::Encrypted { component, data } = &got.print else { panic!("{:?}", got.number) };
    assert!(component == "cainiao" && data.contains("encryptedData"));
    let end = w.find(&app, key, &req).await;
    assert!(matches!(&end, Ok(Found::Yes(i)) if i.number == got.number), "the only number of its order");

    let second = IssueRequest { package_id: "parcel-1-2".into(), ..req.clone() };
    w.issue(&app, key, &second).await.unwrap();
    let end = w.find(&app, key, &req).await;
    assert!(matches!(end, Err(CallError::Unknown(_))), "two sealed labels do not say which is which: {end:?}");
}

#[tokio::test]
async fn every_no_says_whose_turn_it_is_and_charges_nothing() {
    let street = Street::open().await;
    let grant = street.grant(SHOP).await;
    let (w, app, key) = (waybills(&street.taobao), app(), &grant.access);
    let spoilt = |courier: &str, spoil: fn(&mut IssueRequest)| {
        let mut req = parcel(1, courier);
        spoil(&mut req);
        req
    };
    for (req, want) in [
        (spoilt("STO", |_| {}), RefusalKind::Balance),
        (spoilt("ZTO", |r| r.sender.address.detail = "别处".into()), RefusalKind::SenderAddress),
        (spoilt("ZTO", |r| r.recipient.name = "长".repeat(41)), RefusalKind::Recipient),
        (spoilt("ZTO", |r| r.recipient.address.detail = "长".repeat(257)), RefusalKind::Recipient),
        (
            spoilt("ZTO", |r| {
                r.recipient.address.province = "海南省".into();
                r.recipient.address.city = "三沙市".into();
            }),
            RefusalKind::Unserved,
        ),
        (spoilt("JT", |_| {}), RefusalKind::Other),
    ] {
        assert_eq!(refused(w.issue(&app, key, &req).await), want, "{req:?}");
    }
    let unlisted = w.issue(&app, key, &parcel(1, "NOBODY")).await;
    assert!(matches!(unlisted, Err(CallError::NotSent(_))), "no template, nothing asked: {unlisted:?}");
    assert!(street.market.ledger().charged.is_empty(), "a no charges nothing");
}

#[tokio::test]
async fn a_parcel_that_was_picked_up_cannot_be_given_back() {
    let street = Street::open().await;
    let grant = street.grant(SHOP).await;
    let (w, app, key) = (waybills(&street.taobao), app(), &grant.access);
    let req = parcel(1, "ZTO");
    let number = w.issue(&app, key, &req).await.unwrap().number;
    assert!(street.market.pick_up(&number.0));
    assert_eq!(refused(w.cancel(&app, key, &req.courier, &number).await), RefusalKind::TooLate);
    let unknown = WaybillNo("73000000000000".into());
    assert_eq!(refused(w.cancel(&app, key, &req.courier, &unknown).await), RefusalKind::Other, "no such number");
    assert_eq!(w.look_up(&app, key, &req.courier, &unknown).await, Ok(Found::No));
}
