//! People and what they may do, and the log of what they did.

use crate::args::{Log, People};
use crate::exit::Failure;
use crate::out::Out;
use crate::session;
use crate::talk::Talk;
use crate::text::{self, short, table, time};
use desk::ApiError;
use desk::api::{
    AddPerson, BadgePrinted, ById, CloseDay, ClosedDay, CodeSent, ConfigurePerson, DepartPerson, Done, Enrolment,
    FirstUse, ListLog, LogExported, LogPage, LogVerdict, Nothing, PersonView, PostView, PostsPage, PrintBadge,
    ProveFirstUse, SavePost, SaveSms, SendCode, SetBadge, SetPassword, SmsState, VerifyLog, Vouch,
};

/// `waybill people …`
pub async fn run(command: People, talk: &mut Talk, out: &mut Out) -> Result<(), Failure> {
    match command {
        People::List => {
            let all: Vec<PersonView> = talk.call("people.list", &Nothing {}).await?;
            out.answer(&all, |all| {
                table(
                    ["id", "name", "post", "rights", "certified", "left", "last login"],
                    all.iter().map(|p| {
                        [
                            short(&p.id),
                            p.name.clone(),
                            post_name(p),
                            p.rights.len().to_string(),
                            p.standing.clone(),
                            time(p.departed_at),
                            time(p.last_login_at),
                        ]
                    }),
                )
            });
        }
        People::Add { name, post, rights, real_name, phone, password_stdin } => {
            let password = session::password(&name, password_stdin, true)?;
            let again = password.clone();
            let add = AddPerson { name, real_name, phone, post, extra: rights, password, again };
            let person: PersonView = talk.call("people.add", &add).await?;
            out.answer(&person, |p| {
                format!(
                    "{} ({}) may log in now, and is to be certified by {}: `waybill people enrol` or `vouch`",
                    p.name,
                    post_name(p),
                    time(p.certify_by)
                )
            });
        }
        People::FirstUse { phone, code, owner, password_stdin } => {
            if !phone.is_empty() {
                let sent: CodeSent = talk.call("people.send_code", &SendCode { phone }).await?;
                out.answer(&sent, |s| format!("a code went to {}; it is good for {} s", s.phone, s.lives_s));
                return Ok(());
            }
            let first: FirstUse = talk.call("people.first_use", &Nothing {}).await?;
            let open = first.ways.iter().find(|w| w.why_not.is_empty()).map(|w| w.way.clone()).unwrap_or_default();
            let (way, proof) = match (code.is_empty(), owner) {
                (false, _) => (open, code),
                (true, true) => ("owner".to_owned(), session::password("the owner", password_stdin, false)?),
                (true, false) => {
                    out.answer(&first, |f| {
                        table(
                            ["way", "open"],
                            f.ways.iter().map(|w| {
                                [w.way.clone(), if w.why_not.is_empty() { "yes".into() } else { w.why_not.clone() }]
                            }),
                        )
                    });
                    return Ok(());
                }
            };
            let done: FirstUse = talk.call("people.prove", &ProveFirstUse { way, proof }).await?;
            out.answer(&done, |_| "proved; it is not asked again".to_owned());
        }
        People::Method { person, method } => {
            let p = of(talk, &person).await?;
            let configure = ConfigurePerson {
                id: p.id,
                real_name: p.real_name,
                phone: String::new(),
                post: p.post,
                extra: p.extra,
                hours: p.hours,
                login_method: method,
            };
            let person: PersonView = talk.call("people.configure", &configure).await?;
            out.answer(&person, |p| format!("{} logs in by: {}", p.name, p.login_method));
        }
        People::Badge { person, printer, own_stdin, remove } => {
            let id = id_of(talk, &person).await?;
            if remove {
                let person: PersonView = talk.call("people.remove_badge", &ById { id }).await?;
                out.answer(&person, |p| format!("{} has no badge any more", p.name));
            } else if own_stdin {
                let code = crate::files::first_line()?;
                let person: PersonView = talk.call("people.set_badge", &SetBadge { id, code }).await?;
                out.answer(&person, |p| format!("{} has a badge; a PIN is asked for with it", p.name));
            } else {
                let done: BadgePrinted = talk.call("people.print_badge", &PrintBadge { id, printer }).await?;
                out.answer(&done, |d| match d.printed.as_str() {
                    "sent" => format!("the badge of {} was sent; the one before it is void", d.person.name),
                    "doubtful" => format!("whether it came out is not known ({}); the one before it is void", d.reason),
                    _ => format!("nothing was printed ({}); the badge is as it was", d.reason),
                });
                if done.printed != "sent" {
                    return Err(Failure::Told(1));
                }
            }
        }
        People::Sms { address, remove } => {
            let state: SmsState = if address.is_empty() && !remove {
                talk.call("sms.state", &Nothing {}).await?
            } else {
                let key = if remove { String::new() } else { crate::files::first_line()? };
                talk.call("sms.save", &SaveSms { address, key }).await?
            };
            out.answer(&state, |s| {
                if s.set {
                    format!("codes go out by {}; {} people log in by them", s.host, s.people)
                } else {
                    "not set up".into()
                }
            });
        }
        People::Posts { post: None, .. } => {
            let page: PostsPage = talk.call("posts.list", &Nothing {}).await?;
            out.answer(&page, |page| {
                table(
                    ["post", "name", "people", "rights"],
                    page.posts.iter().map(|p| [p.id.clone(), p.name.clone(), p.people.to_string(), p.rights.join(" ")]),
                )
            });
        }
        People::Posts { post: Some(id), name, rights } => {
            let id = if id == "new" { String::new() } else { id };
            let post: PostView = talk.call("posts.save", &SavePost { id, name, rights }).await?;
            out.answer(&post, |p| format!("{} may: {}", p.id, p.rights.join(" ")));
        }
        People::Vouch { person, id_number } => {
            let id = id_of(talk, &person).await?;
            let person: PersonView = talk.call("people.vouch", &Vouch { id, id_number }).await?;
            out.answer(&person, |p| format!("{} is certified", p.name));
        }
        People::Enrol { person } => {
            let id = id_of(talk, &person).await?;
            let enrolment: Enrolment = talk.call("people.enrol", &ById { id }).await?;
            out.answer(&enrolment, |e| e.uri.clone());
        }
        People::Password { person, password_stdin } => {
            let id = id_of(talk, &person).await?;
            let password = session::password(&person, password_stdin, true)?;
            let again = password.clone();
            let done: Done = talk.call("people.set_password", &SetPassword { id, password, again }).await?;
            out.answer(&done, |_| "the password is another one now; sessions at terminals have ended".to_owned());
        }
        People::Depart { person, to } => {
            let id = id_of(talk, &person).await?;
            let to = if to.is_empty() { to } else { id_of(talk, &to).await? };
            let person: PersonView = talk.call("people.depart", &DepartPerson { id, to }).await?;
            out.answer(&person, |p| format!("{} has left; the name stays taken", p.name));
        }
        People::Restore { person, password_stdin } => {
            let id = id_of(talk, &person).await?;
            let password = session::password(&person, password_stdin, true)?;
            let again = password.clone();
            let person: PersonView = talk.call("people.restore", &SetPassword { id, password, again }).await?;
            out.answer(&person, |p| format!("{} is back, and is to be certified by {}", p.name, time(p.certify_by)));
        }
    }
    Ok(())
}

fn post_name(p: &PersonView) -> String {
    if p.post_name.is_empty() { p.post.clone() } else { p.post_name.clone() }
}

/// The id of somebody named by id, its beginning, or login name.
async fn id_of(talk: &mut Talk, who: &str) -> Result<String, Failure> {
    Ok(of(talk, who).await?.id)
}

async fn of(talk: &mut Talk, who: &str) -> Result<PersonView, Failure> {
    let all: Vec<PersonView> = talk.call("people.list", &Nothing {}).await?;
    let by_name = all.iter().find(|p| p.name == who);
    let mut by_id = all.iter().filter(|p| who.len() >= 6 && p.id.starts_with(who));
    match (by_name, by_id.next(), by_id.next()) {
        (Some(p), _, _) | (None, Some(p), None) => Ok(p.clone()),
        _ => Err(ApiError::not_found("person").hint("`waybill people list` lists them").into()),
    }
}

/// `waybill log …`
pub async fn log(command: Log, talk: &mut Talk, out: &mut Out) -> Result<(), Failure> {
    match command {
        Log::List { limit, before, person, object, action } => {
            let person = match person.as_str() {
                "" | "desk" => person,
                who => id_of(talk, who).await?,
            };
            let ask = ListLog { before, limit, person, object, action, from: None, to: None };
            let page: LogPage = talk.call("log.list", &ask).await?;
            out.answer(&page, |page| {
                table(
                    ["seq", "at", "who", "station", "action", "object", "detail"],
                    page.rows.iter().map(|r| {
                        [
                            r.seq.to_string(),
                            time(r.at),
                            r.person.clone(),
                            r.station.clone(),
                            r.action.clone(),
                            short(&r.object),
                            r.detail.clone(),
                        ]
                    }),
                )
            });
        }
        Log::Verify { anchor } => {
            let verdict: LogVerdict = talk.call("log.verify", &VerifyLog { anchor }).await?;
            out.answer(&verdict, told);
            if !verdict.whole {
                return Err(Failure::Told(1));
            }
        }
        Log::CloseDay { printer, no_print } => {
            let printer = if no_print { "none".to_owned() } else { printer };
            let closed: ClosedDay = talk.call("log.close_day", &CloseDay { printer }).await?;
            out.answer(&closed, |c| {
                text::list([
                    ("anchor", c.anchor.clone()),
                    ("rows", c.rows.to_string()),
                    (
                        "slip",
                        if c.reason.is_empty() { c.printed.clone() } else { format!("{}: {}", c.printed, c.reason) },
                    ),
                ])
            });
            if !["sent", "none"].contains(&closed.printed.as_str()) {
                return Err(Failure::Told(1));
            }
        }
        Log::Export => {
            let ask = ListLog {
                before: None,
                limit: 0,
                person: String::new(),
                object: String::new(),
                action: String::new(),
                from: None,
                to: None,
            };
            let done: LogExported = talk.call("log.export", &ask).await?;
            out.answer(&done, |d| format!("{} rows in {}", d.rows, d.path));
        }
    }
    Ok(())
}

fn told(v: &LogVerdict) -> String {
    let at = v.first_bad.unwrap_or_default();
    match v.verdict.as_str() {
        "whole" => format!("whole: {} rows, head {}, compared with {} kept heads", v.rows, v.head, v.anchors),
        "altered" => format!("BROKEN at row {at} of {}: it does not say what it said when it was written", v.rows),
        "missing" => format!("BROKEN at row {at} of {}: rows before it were taken out", v.rows),
        "tail_cut" => format!("BROKEN: rows from {at} on were there when a head was kept, and are gone"),
        "rewritten" => format!("BROKEN at row {at} of {}: another row stood here when a head was kept", v.rows),
        _ => format!("the {} rows fit, but what was given to compare with is none of this desk's", v.rows),
    }
}
