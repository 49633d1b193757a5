//! Grants: an authorization from its link to a person's yes, and the grant's life after that.

use crate::args::Accounts;
use crate::exit::{Failure, UNKNOWN, has_person};
use crate::find;
use crate::out::Out;
use crate::stop::Stop;
use crate::talk::Talk;
use crate::text::{list, short, table, time};
use crate::{couriers, files};
use desk::api::{
    AttemptLink, AttemptView, ById, ConfirmShop, GrantView, Nothing, PasteAnswer, PlatformView, RevokeDone,
    RevokeGrant, SetApp, StartAttempt,
};
use desk::{ApiError, Code};
use serde_json::json;
use std::time::{Duration, Instant};

/// Between two looks at an attempt.
const LOOK: Duration = Duration::from_millis(200);

/// `waybill accounts …`
pub async fn run(command: Accounts, talk: &mut Talk, out: &mut Out) -> Result<(), Failure> {
    match command {
        Accounts::Platforms => platforms(talk, out).await,
        Accounts::App { platform, key, secret_stdin, callback } => {
            let secret = match secret_stdin {
                true => files::first_line()?,
                false if has_person() => rpassword::prompt_password("app secret (empty keeps the sealed one): ")
                    .map_err(|e| Failure::other(format!("the secret could not be read: {e}")))?,
                false => String::new(),
            };
            let set: PlatformView = talk.call("accounts.set_app", &SetApp { platform, key, secret, callback }).await?;
            out.answer(&set, |p| {
                format!(
                    "{}: app {} is set and its secret sealed; answers come home by: {}",
                    p.id,
                    p.app_key,
                    p.doors.join(", ")
                )
            });
            Ok(())
        }
        Accounts::Add { platform, paste: Some(given), attempt, .. } => {
            paste(talk, out, &platform, &given, attempt).await
        }
        Accounts::Add { platform, wait, renew, .. } => {
            let renew = match renew {
                Some(given) => find::grant(talk, &given).await?,
                None => String::new(),
            };
            add(talk, out, platform, renew, Duration::from_secs(wait)).await
        }
        Accounts::Attempt { id } => {
            let id = find::attempt(talk, &id).await?;
            let view: AttemptView = talk.call("accounts.attempt", &ById { id }).await?;
            out.answer(&view, attempt_words);
            Ok(())
        }
        Accounts::Cancel { id } => {
            let id = find::attempt(talk, &id).await?;
            let view: AttemptView = talk.call("accounts.cancel", &ById { id }).await?;
            out.answer(&view, |v| format!("authorization {} is {}", short(&v.id), v.state));
            Ok(())
        }
        Accounts::Confirm { id, wrong_shop } => {
            let id = find::attempt(talk, &id).await?;
            let view: AttemptView = talk.call("accounts.confirm", &ConfirmShop { id, right_shop: !wrong_shop }).await?;
            out.answer(&view, |v| match wrong_shop {
                false => format!(
                    "{} ({}) is granted; next: waybill accounts couriers {}",
                    v.shop_name,
                    v.shop_id,
                    short(&v.grant)
                ),
                true => "the grant is given back; start again with the right shop's login".to_owned(),
            });
            Ok(())
        }
        Accounts::List => {
            let all: Vec<GrantView> = talk.call("accounts.list", &Nothing {}).await?;
            out.answer(&all, |all| grants_words(all));
            Ok(())
        }
        Accounts::Couriers { grant } => couriers::reload(talk, out, &grant).await,
        Accounts::Details { courier, file } => couriers::details(talk, out, &courier, file.as_deref()).await,
        Accounts::Default { courier } => couriers::make_default(talk, out, &courier).await,
        Accounts::Renew { id } => {
            let id = find::grant(talk, &id).await?;
            let view: GrantView = talk.call("accounts.renew", &ById { id }).await?;
            out.answer(&view, |g| {
                format!("{} is renewed until {}", g.shop_name, g.expires_at.map_or("further notice".to_owned(), time))
            });
            Ok(())
        }
        Accounts::Suspend { id } => switch(talk, out, "accounts.suspend", &id).await,
        Accounts::Resume { id } => switch(talk, out, "accounts.resume", &id).await,
        Accounts::Revoke { id, shop_name } => {
            let id = find::grant(talk, &id).await?;
            let done: RevokeDone = talk.call("accounts.revoke", &RevokeGrant { id, typed_name: shop_name }).await?;
            out.answer(&done, |d| match (d.acknowledged, d.queued, d.page.as_str()) {
                (true, _, _) => "erased here, and the platform has acknowledged".to_owned(),
                (false, true, _) => "erased here; the platform is told as soon as it can be reached".to_owned(),
                (false, false, page) => format!("erased here; end it at the platform by hand: {page}"),
            });
            Ok(())
        }
    }
}

async fn switch(talk: &mut Talk, out: &mut Out, command: &str, given: &str) -> Result<(), Failure> {
    let id = find::grant(talk, given).await?;
    let view: GrantView = talk.call(command, &ById { id }).await?;
    out.answer(&view, |g| format!("{} is {}", g.shop_name, g.state));
    Ok(())
}

async fn platforms(talk: &mut Talk, out: &mut Out) -> Result<(), Failure> {
    let all: Vec<PlatformView> = talk.call("accounts.platforms", &Nothing {}).await?;
    out.answer(&all, |all| {
        table(
            ["platform", "app", "callback", "doors", "couriers"],
            all.iter().map(|p| {
                let app = match (p.secret_mode.as_str(), p.app_set) {
                    ("native", _) => "none needed".to_owned(),
                    (_, true) => p.app_key.clone(),
                    (_, false) => "MISSING".to_owned(),
                };
                [p.id.clone(), app, p.callback.clone(), p.doors.join(" "), crate::text::mark(p.couriers)]
            }),
        )
    });
    Ok(())
}

/// Starts, prints the link, waits. This process is meanwhile the one the browser comes back to, unless a window is.
async fn add(talk: &mut Talk, out: &mut Out, platform: String, renew: String, wait: Duration) -> Result<(), Failure> {
    // Before the link is out: who reads it may end this run at once.
    let mut stop = Stop::listen()?;
    let started: AttemptView =
        talk.call("accounts.start", &StartAttempt { platform, way: "link".into(), renew }).await?;
    let id = started.id.clone();
    let AttemptLink { link } = talk.call("accounts.link", &ById { id: id.clone() }).await?;
    out.answer(&json!({ "attempt": started, "link": link }), |_| {
        // Our loopback door is open only while this process is, or a window.
        let by_itself = !wait.is_zero() && started.doors.iter().any(|d| d == "loopback");
        let home =
            if by_itself { "the answer comes back here by itself" } else { "then bring the browser's address back" };
        format!(
            "Open this link in a browser and log in as the shop's owner; {home}:\n\n{link}\n\n\
             If the browser cannot come back: waybill accounts add {} --paste ADDRESS\nattempt {id}",
            started.platform
        )
    });
    if wait.is_zero() {
        return Ok(());
    }
    let end = tokio::select! {
        end = settled(talk, &id, wait) => end?,
        () = stop.asked() => None,
    };
    match end {
        Some(view) => settled_words(out, &view),
        None => Err(ApiError::new(Code::WrongState, "nobody has come back yet; the authorization stays open")
            .hint(format!("waybill accounts attempt {0}, or add … --paste ADDRESS --attempt {0}", short(&id)))
            .into()),
    }
}

/// The attempt once it is held or over; `None` when the time ran out.
pub async fn settled(talk: &mut Talk, id: &str, wait: Duration) -> Result<Option<AttemptView>, ApiError> {
    let started = Instant::now();
    loop {
        let view: AttemptView = talk.call("accounts.attempt", &ById { id: id.to_owned() }).await?;
        if !matches!(view.state.as_str(), "open" | "received" | "exchanging") {
            return Ok(Some(view));
        }
        if started.elapsed() >= wait {
            return Ok(None);
        }
        tokio::time::sleep(LOOK.min(wait.saturating_sub(started.elapsed()))).await;
    }
}

async fn paste(
    talk: &mut Talk,
    out: &mut Out,
    platform: &str,
    given: &str,
    attempt: Option<String>,
) -> Result<(), Failure> {
    let text = if given == "-" { files::first_line()? } else { given.to_owned() };
    let id = match attempt {
        Some(given) => find::attempt(talk, &given).await?,
        None => {
            let all: Vec<AttemptView> = talk.call("accounts.attempts", &Nothing {}).await?;
            let open = all.iter().filter(|a| a.platform == platform && a.state == "open").max_by_key(|a| a.created_at);
            let none = || {
                ApiError::new(Code::NotFound, format!("no authorization of {platform} is open"))
                    .hint(format!("start one: waybill accounts add {platform}"))
            };
            open.ok_or_else(none)?.id.clone()
        }
    };
    let view: AttemptView = talk.call("accounts.paste", &PasteAnswer { id, text }).await?;
    settled_words(out, &view)
}

/// How an attempt settled: on stdout as it is; anything but a shop to confirm is a failure as well.
fn settled_words(out: &mut Out, view: &AttemptView) -> Result<(), Failure> {
    out.answer(view, attempt_words);
    match view.state.as_str() {
        "held" | "active" => Ok(()),
        "unknown" => {
            out.say("the platform's answer was lost; start again");
            Err(Failure::Told(UNKNOWN))
        }
        state => Err(ApiError::new(Code::PlatformRefused, format!("the authorization is {state} ({})", view.reason))
            .hint(if view.hint.is_empty() { "start a new one".to_owned() } else { view.hint.clone() })
            .into()),
    }
}

fn attempt_words(v: &AttemptView) -> String {
    let mut text = list([
        ("attempt", v.id.clone()),
        ("platform", v.platform.clone()),
        ("state", v.state.clone()),
        ("why", [v.reason.as_str(), v.hint.as_str()].join(" ").trim().to_owned()),
        ("shop", v.shop_name.clone()),
        ("shop id", v.shop_id.clone()),
        ("comes home by", v.doors.join(", ")),
        ("until", time(v.expires_at)),
    ]);
    if v.state == "held" {
        let renews = if v.renews { ", which renews its grant" } else { "" };
        text += &format!("\nIs this the shop you meant? Then{renews}: waybill accounts confirm {}\n", short(&v.id));
        text += &format!("If not: waybill accounts confirm {} --wrong-shop", short(&v.id));
    }
    text
}

fn grants_words(all: &[GrantView]) -> String {
    table(
        ["id", "platform", "shop", "shop id", "state", "expires", "couriers"],
        all.iter().map(|g| {
            let couriers: Vec<&str> = g.couriers.iter().map(|c| c.code.as_str()).collect();
            [
                short(&g.id),
                g.platform.clone(),
                g.shop_name.clone(),
                g.shop_id.clone(),
                [g.state.as_str(), g.reason.as_str()].join(" ").trim_end().to_owned(),
                time(g.expires_at),
                couriers.join(" "),
            ]
        }),
    )
}
