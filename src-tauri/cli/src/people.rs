//! People, and the log of what they did.

use crate::args::{Log, People};
use crate::exit::Failure;
use crate::out::Out;
use crate::session;
use crate::talk::Talk;
use crate::text::{short, table, time};
use desk::api::{AddPerson, ListLog, LogPage, LogVerdict, Nothing, PersonView};

/// `waybill people …`
pub async fn run(command: People, talk: &mut Talk, out: &mut Out) -> Result<(), Failure> {
    match command {
        People::List => {
            let all: Vec<PersonView> = talk.call("people.list", &Nothing {}).await?;
            out.answer(&all, |all| {
                table(
                    ["id", "name", "role", "since", "last login"],
                    all.iter().map(|p| {
                        [short(&p.id), p.name.clone(), p.role.clone(), time(p.created_at), time(p.last_login_at)]
                    }),
                )
            });
        }
        People::Add { name, role, password_stdin } => {
            let password = session::password(&name, password_stdin, true)?;
            let person: PersonView = talk.call("people.add", &AddPerson { name, role, password }).await?;
            out.answer(&person, |p| format!("{} ({}) may log in now", p.name, p.role));
        }
    }
    Ok(())
}

/// `waybill log …`
pub async fn log(command: Log, talk: &mut Talk, out: &mut Out) -> Result<(), Failure> {
    match command {
        Log::List { limit, before } => {
            let page: LogPage = talk.call("log.list", &ListLog { before, limit }).await?;
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
        Log::Verify => {
            let verdict: LogVerdict = talk.call("log.verify", &Nothing {}).await?;
            out.answer(&verdict, |v| match v.first_bad {
                None => format!("whole: {} rows, head {}", v.rows, v.head),
                Some(seq) => {
                    format!("BROKEN at row {seq} of {}: it, or one before it, was altered or taken out", v.rows)
                }
            });
            if !verdict.whole {
                return Err(Failure::Told(1));
            }
        }
    }
    Ok(())
}
