//! Who speaks: the session between commands is a token in the data folder, readable by its user only.

use crate::exit::{Failure, has_person};
use crate::files;
use crate::out::Out;
use crate::talk::Talk;
use crate::text;
use desk::api::{AppState, Certify, Done, LoginDone, LoginWithCode, Me, Nothing, OwnPassword, SetupOwner};
use desk::{ApiError, Code};
use domain::secret::Secret;
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};

fn file(folder: &Path) -> PathBuf {
    folder.join("session")
}

/// The token of an earlier login; empty = none.
pub fn kept(folder: &Path) -> Secret {
    let text = std::fs::read_to_string(file(folder)).unwrap_or_default();
    Secret::new(text.trim())
}

fn keep(folder: &Path, token: &str) -> Result<(), Failure> {
    let write = || -> io::Result<()> {
        make_folder(folder)?;
        let part = folder.join(format!("session.{}.part", std::process::id()));
        let mut options = std::fs::OpenOptions::new();
        options.write(true).create(true).truncate(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut f = options.open(&part)?;
        f.write_all(token.as_bytes())?;
        f.sync_all()?;
        std::fs::rename(part, file(folder))
    };
    write().map_err(|e| {
        let message = format!("logged in, but the session could not be kept in {}: {e}", file(folder).display());
        Failure::Api(ApiError::new(Code::FolderReadOnly, message).hint("make the folder writable, then log in again"))
    })
}

/// Makes the folder, closed to other users.
pub fn make_folder(folder: &Path) -> io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

/// The password: from stdin, the environment, or a person. `new`: typed twice.
pub fn password(whose: &str, from_stdin: bool, new: bool) -> Result<String, Failure> {
    if from_stdin {
        return files::first_line();
    }
    if let Some(given) = std::env::var("WAYBILL_PASSWORD").ok().filter(|p| !p.is_empty()) {
        return Ok(given);
    }
    if !has_person() {
        return Err(Failure::usage(
            format!("no password for {whose}: stdin is no terminal to ask at, and WAYBILL_PASSWORD is not set"),
            "set WAYBILL_PASSWORD, or give it with --password-stdin",
        ));
    }
    let ask = |words: &str| {
        rpassword::prompt_password(words).map_err(|e| Failure::other(format!("the password could not be read: {e}")))
    };
    let given = ask(&format!("password of {whose}: "))?;
    if new && ask("once more: ")? != given {
        return Err(Failure::usage("the two passwords differ; nothing was done", "type the same one twice"));
    }
    Ok(given)
}

/// First run.
pub async fn setup(talk: &mut Talk, out: &mut Out, owner: String, from_stdin: bool) -> Result<(), Failure> {
    let password = password(&owner, from_stdin, true)?;
    talk.may_begin();
    let me: Me = talk.call("setup.owner", &SetupOwner { name: owner.clone(), password: password.clone() }).await?;
    // The owner's stored name, not the typed one: blanks around it were cut.
    begin(talk, LoginWithCode { name: me.name.clone(), password, code: String::new() }).await?;
    let state: AppState = talk.call("app.state", &Nothing {}).await?;
    out.answer(&state, |s| {
        let kind = if s.trial { "practice" } else { "live" };
        format!(
            "{} owns this {kind} desk in {} and is logged in; its key is kept by: {}",
            me.name, s.folder, s.key_place
        )
    });
    Ok(())
}

/// Login.
pub async fn login(
    talk: &mut Talk,
    out: &mut Out,
    name: String,
    code: String,
    from_stdin: bool,
) -> Result<(), Failure> {
    let password = password(&name, from_stdin, false)?;
    let (me, expires_at) = begin(talk, LoginWithCode { name, password, code }).await?;
    out.answer(&me, |me| format!("{} ({}) is logged in until {}", me.name, me.post, text::time(expires_at)));
    Ok(())
}

async fn begin(talk: &mut Talk, login: LoginWithCode) -> Result<(Me, i64), Failure> {
    let done: LoginDone = talk.call("session.login_with_code", &login).await?;
    keep(talk.folder(), &done.token)?;
    talk.use_token(Secret::new(done.token));
    Ok((done.me, done.expires_at))
}

/// Certifies one's own account.
pub async fn certify(talk: &mut Talk, out: &mut Out, code: String, id_number: String) -> Result<(), Failure> {
    let me: Me = talk.call("session.certify", &Certify { code, id_number }).await?;
    out.answer(&me, |me| format!("{} is certified", me.name));
    Ok(())
}

/// One's own new password. This session ends with the old one.
pub async fn change_password(talk: &mut Talk, out: &mut Out) -> Result<(), Failure> {
    let old = password("you, as it is now", false, false)?;
    let new = match std::env::var("WAYBILL_NEW_PASSWORD").ok().filter(|p| !p.is_empty()) {
        Some(given) => given,
        None => password("you, from now on", false, true)?,
    };
    let again = new.clone();
    let me: Me = talk.call("session.set_password", &OwnPassword { old, password: new, again }).await?;
    out.answer(&me, |me| format!("{} has another password now; log in with it", me.name));
    Ok(())
}

/// Logout. Being nobody already is fine.
pub async fn logout(talk: &mut Talk, out: &mut Out) -> Result<(), Failure> {
    let done: Done = talk.call("session.logout", &Nothing {}).await?;
    match std::fs::remove_file(file(talk.folder())) {
        Err(e) if e.kind() != ErrorKind::NotFound => {
            return Err(Failure::other(format!("logged out, but {} stays: {e}", file(talk.folder()).display())));
        }
        _ => {}
    }
    out.answer(&done, |_| "logged out".to_owned());
    Ok(())
}

/// Who is logged in.
pub async fn whoami(talk: &mut Talk, out: &mut Out) -> Result<(), Failure> {
    let state: AppState = talk.call("app.state", &Nothing {}).await?;
    let Some(me) = state.me else {
        return Err(ApiError::new(Code::NotLoggedIn, "nobody is logged in here")
            .hint(format!("waybill login NAME (people: {})", state.people.join(", ")))
            .into());
    };
    out.answer(&me, |me| {
        text::list([
            ("name", me.name.clone()),
            ("post", me.post.clone()),
            ("certified", me.standing.clone()),
            ("rights", me.rights.join(" ")),
        ])
    });
    Ok(())
}
