//! How long people's data stays, one person's data, an export of everything.

use crate::args::Data;
use crate::exit::Failure;
use crate::out::Out;
use crate::talk::Talk;
use crate::text::{list, table, time};
use desk::api::{
    DataState, ErasePerson, Erased, ExportAll, ExportPerson, Exported, FindPerson, Nothing, PersonFound, PurgeDone,
    SetKeepDays,
};
use std::path::PathBuf;

/// `waybill data …`
pub async fn run(command: Data, talk: &mut Talk, out: &mut Out) -> Result<(), Failure> {
    match command {
        Data::Show => {
            let state: DataState = talk.call("data.state", &Nothing {}).await?;
            out.answer(&state, state_words);
        }
        Data::Keep { days } => {
            let state: DataState = talk.call("data.set_keep", &SetKeepDays { days }).await?;
            out.answer(&state, state_words);
        }
        Data::Purge => {
            let done: PurgeDone = talk.call("data.purge_now", &Nothing {}).await?;
            out.answer(&done, |d| {
                let left = if d.gone { "" } else { "; the log file is cut as soon as nobody reads" };
                format!("taken out: {} parcels, {} files, {} drafts{left}", d.parcels, d.files, d.drafts)
            });
        }
        Data::Find { phone } => {
            let found: PersonFound = talk.call("data.find_person", &FindPerson { phone }).await?;
            out.answer(&found, |found| {
                let rows = found.rows.iter().map(|r| {
                    [
                        r.seq.to_string(),
                        time(r.created_at),
                        r.recipient_name.clone(),
                        r.recipient_area.clone(),
                        r.number.clone(),
                    ]
                });
                format!("{} parcels\n{}", found.total, table(["seq", "made", "name", "area", "number"], rows))
            });
        }
        Data::ExportPerson { phone, folder } => {
            let done: Exported =
                talk.call("data.export_person", &ExportPerson { phone, folder: whole(folder) }).await?;
            out.answer(&done, exported);
        }
        Data::ErasePerson { phone, yes } => {
            let done: Erased = talk.call("data.erase_person", &ErasePerson { phone, again: yes }).await?;
            out.answer(&done, |d| match d.under_way {
                0 => format!("taken out of {} parcels", d.parcels),
                n => format!(
                    "taken out of {} parcels; {n} are still under way: erase again when they are through",
                    d.parcels
                ),
            });
        }
        Data::Export { folder, unmasked } => {
            let done: Exported = talk.call("data.export", &ExportAll { folder: whole(folder), unmasked }).await?;
            out.answer(&done, exported);
        }
    }
    Ok(())
}

fn whole(folder: Option<PathBuf>) -> String {
    let folder = folder.map(|f| std::path::absolute(&f).unwrap_or(f));
    folder.map(|f| f.display().to_string()).unwrap_or_default()
}

fn state_words(s: &DataState) -> String {
    list([("stays", format!("{} days after the order", s.keep_days)), ("over that", s.due.to_string())])
}

fn exported(d: &Exported) -> String {
    format!("{}: {} lines, {}", d.folder, d.rows, if d.masked { "masked" } else { "IN CLEAR" })
}
