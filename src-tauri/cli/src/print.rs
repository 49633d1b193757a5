//! The print journal.

use crate::args::Print;
use crate::batch;
use crate::exit::{Failure, UNKNOWN};
use crate::files;
use crate::find;
use crate::order::fresh_key;
use crate::out::Out;
use crate::talk::Talk;
use crate::text::{short, table, time};
use base64::{Engine, engine::general_purpose::STANDARD};
use desk::api::{ById, Picture, PrintPage, PrintView, Reprint};
use desk::{ApiError, Code};
use serde_json::json;

/// `waybill print …`
pub async fn run(command: Print, talk: &mut Talk, out: &mut Out) -> Result<(), Failure> {
    match command {
        Print::List { parcel } => {
            let id = match parcel {
                Some(given) => find::parcel(talk, &given).await?,
                None => String::new(),
            };
            let page: PrintPage = talk.call("prints.list", &ById { id }).await?;
            out.answer(&page.rows, |rows| jobs_words(rows));
            Ok(())
        }
        Print::Show { id } => {
            let id = find::job(talk, &id).await?;
            let view: PrintView = talk.call("prints.show", &ById { id }).await?;
            out.answer(&view, |v| jobs_words(std::slice::from_ref(v)));
            Ok(())
        }
        Print::Reprint { id, reason, note, printer } => {
            let parcel = find::parcel(talk, &id).await?;
            let printer = match printer {
                Some(given) => find::printer(talk, &given).await?,
                None => String::new(),
            };
            let request = Reprint { parcel, reason, note, printer, submit_key: fresh_key() };
            let view: PrintView = talk.call("prints.reprint", &request).await?;
            let trouble = view.trouble.clone();
            let state = view.state.clone();
            out.answer(&view, |v| jobs_words(std::slice::from_ref(v)));
            match state.as_str() {
                "sent" | "confirmed" => Ok(()),
                "doubtful" => {
                    out.say("the label may be out: look at the printer");
                    Err(Failure::Told(UNKNOWN))
                }
                _ => Err(ApiError::new(Code::PrinterUnreachable, format!("the label has not gone ({trouble})"))
                    .hint("it is kept for ten minutes and goes when the printer is back while a desk is open")
                    .into()),
            }
        }
        Print::Batch { orders, courier, printer, template, despite_twin, check, submit_key } => {
            let ask = batch::ask(talk, &orders, (courier, printer, template), &despite_twin).await?;
            if check { batch::check(ask, talk, out).await } else { batch::start(ask, submit_key, talk, out).await }
        }
        Print::Batches { id } => batch::list(id, talk, out).await,
        Print::Pause { id } => batch::act("batches.pause", id, talk, out).await,
        Print::Resume { id, last_good } => batch::resume(id, last_good, talk, out).await,
        Print::Close { id } => batch::act("batches.close", id, talk, out).await,
        Print::AllOut { id } => batch::act("batches.confirm", id, talk, out).await,
        Print::Confirm { id } => {
            let id = find::job(talk, &id).await?;
            let view: PrintView = talk.call("prints.confirm", &ById { id }).await?;
            out.answer(&view, |v| jobs_words(std::slice::from_ref(v)));
            Ok(())
        }
        Print::Picture { parcel, output } => {
            files::check_output(&output)?;
            let id = find::parcel(talk, &parcel).await?;
            let picture: Picture = talk.call("orders.picture", &ById { id }).await?;
            let png = STANDARD
                .decode(&picture.png_base64)
                .map_err(|e| Failure::other(format!("the picture is broken: {e}")))?;
            files::write(&output, &png)?;
            if output.as_os_str() != "-" {
                let file = output.display().to_string();
                let said = json!({ "file": file, "width_dots": picture.width_dots, "height_dots": picture.height_dots, "dpi": picture.dpi });
                out.answer(&said, |_| format!("{file}: {} × {} dots", picture.width_dots, picture.height_dots));
            }
            Ok(())
        }
    }
}

/// Jobs as a table.
pub fn jobs_words(rows: &[PrintView]) -> String {
    table(
        ["job", "parcel", "number", "copy", "state", "evidence", "printer", "by", "at", "why"],
        rows.iter().map(|p| {
            [
                short(&p.id),
                short(&p.parcel),
                p.number.clone(),
                if p.copy == 0 { "first".to_owned() } else { format!("补打 {}", p.copy) },
                p.state.clone(),
                p.evidence.clone(),
                p.printer_name.clone(),
                p.by.clone(),
                time(p.created_at),
                format!("{} {}", p.reason, p.trouble).trim().to_owned(),
            ]
        }),
    )
}
