//! From a valid answer to `held`: the code is exchanged once, the platform is asked whose it is, the tokens are sealed.
//! Needs nobody logged in: a cold or locked start goes on here. Only a person makes it active (`attempts::confirm`).

use crate::api::ApiError;
use crate::grant::attempts::go;
use crate::grant::platforms::{self, door_word};
use crate::house::House;
use crate::kill;
use crate::store::{Attempt, AttemptChange, StoreError};
use domain::attempt::{AttemptEvent, AttemptState};
use domain::connector::{CallError, Door, ExchangeRequest, Tokens};
use domain::secret::Secret;
use std::sync::Arc;

/// A valid code came in. `false`: another door was faster.
pub(crate) async fn received(house: &Arc<House>, a: &Attempt, door: Door, code: Secret) -> Result<bool, StoreError> {
    let turn = house.turn(&format!("attempt:{}", a.id)).await;
    let change = AttemptChange { door: Some(door_word(door).into()), ..AttemptChange::default() };
    let log = house.entry_of_desk("attempt.received", a.id.as_str(), format!("door={}", door_word(door)));
    if !go(house, a, AttemptEvent::Code, change, &log).await? {
        return Ok(false);
    }
    kill::point("attempt.after_received");
    let (house, a) = (house.clone(), Attempt { state: AttemptState::Received, ..a.clone() });
    tokio::spawn(async move {
        let _turn = turn;
        if let Err(e) = exchange(&house, &a, &code).await {
            tracing::error!(error = %e, "an exchange could not be finished; the attempt will be told to start again");
        }
    });
    Ok(true)
}

/// The platform, or the person at its page, said no. `false`: the attempt is over already.
pub(crate) async fn platform_said_no(
    house: &Arc<House>,
    a: &Attempt,
    door: Door,
    error: &str,
    text: &str,
) -> Result<bool, StoreError> {
    let change = AttemptChange {
        reason: Some(if error == "access_denied" { "access_denied".into() } else { "platform_error".into() }),
        hint: Some(format!("{error} {text}").trim().to_owned()),
        door: Some(door_word(door).into()),
        ..AttemptChange::default()
    };
    let log = house.entry_of_desk("attempt.refused", a.id.as_str(), format!("door={}", door_word(door)));
    go(house, a, AttemptEvent::PlatformSaidNo, change, &log).await
}

/// Exchanges the code, once; asks who it is; holds.
async fn exchange(house: &Arc<House>, a: &Attempt, code: &Secret) -> Result<(), StoreError> {
    let log = house.entry_of_desk("attempt.exchange", a.id.as_str(), "");
    if !go(house, a, AttemptEvent::Exchange, AttemptChange::default(), &log).await? {
        return Ok(());
    }
    kill::point("attempt.after_exchanging");
    let a = Attempt { state: AttemptState::Exchanging, ..a.clone() };
    let end = ask_platform(house, &a, code).await;
    kill::point("attempt.after_tokens");
    let (event, change, action) = match end {
        Ok((tokens, shop)) => (
            AttemptEvent::TokensStored,
            AttemptChange { tokens: Some((tokens, shop)), ..AttemptChange::default() },
            "attempt.held",
        ),
        Err(CallError::Refused(r)) => (
            AttemptEvent::ExchangeRefused,
            AttemptChange {
                reason: Some("exchange_refused".into()),
                hint: Some(format!("{} {}", r.code, r.message)),
                ..AttemptChange::default()
            },
            "attempt.exchange_refused",
        ),
        // Codes are one-use: whatever became of it, the way on is a new attempt.
        Err(CallError::NotSent(why) | CallError::Unknown(why)) => (
            AttemptEvent::ExchangeLost,
            AttemptChange { reason: Some("exchange_lost".into()), hint: Some(why), ..AttemptChange::default() },
            "attempt.exchange_lost",
        ),
    };
    let log = house.entry_of_desk(action, a.id.as_str(), "");
    go(house, &a, event, change, &log).await?;
    kill::point("attempt.after_held");
    Ok(())
}

async fn ask_platform(
    house: &House,
    a: &Attempt,
    code: &Secret,
) -> Result<(Tokens, domain::connector::ShopIdentity), CallError> {
    let inside = |e: ApiError| CallError::NotSent(e.message);
    let connector = platforms::connector(house, &a.platform).map_err(inside)?;
    let app = platforms::app_key(house, &*connector)
        .await
        .map_err(inside)?
        .ok_or_else(|| CallError::NotSent("the app key is gone".into()))?;
    let verifier = Some(&a.verifier).filter(|v| !v.is_empty());
    let tokens = connector.exchange(&ExchangeRequest { app: &app, redirect: &a.redirect, code, verifier }).await?;
    let shop = match &tokens.identity {
        Some(shop) => shop.clone(),
        None => match connector.identify(&app, &tokens).await {
            // A read may be asked twice.
            Err(CallError::NotSent(_) | CallError::Unknown(_)) => connector.identify(&app, &tokens).await?,
            other => other?,
        },
    };
    Ok((tokens, shop))
}
