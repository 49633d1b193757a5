//! Labels that carriers made: looked at, printed, made again.

use crate::args::CarrierLabels;
use crate::exit::{Failure, UNKNOWN};
use crate::files;
use crate::find;
use crate::order::fresh_key;
use crate::out::Out;
use crate::talk::Talk;
use crate::text::{short, table, time};
use base64::{Engine, engine::general_purpose::STANDARD};
use desk::api::{
    CarrierLabelList, CarrierLabelReading, CarrierLabelView, Nothing, PrintCarrierLabel, ReadCarrierLabel,
    ReprintCarrierLabel,
};
use desk::{ApiError, Code};
use std::path::Path;

/// `waybill carrier-labels …`
pub async fn run(command: CarrierLabels, talk: &mut Talk, out: &mut Out) -> Result<(), Failure> {
    match command {
        CarrierLabels::Look { file, page, printer, tracking, output } => {
            if let Some(output) = &output {
                files::check_output(output)?;
            }
            let printer = chosen(talk, printer).await?;
            let ask = ReadCarrierLabel { file_base64: STANDARD.encode(files::bytes(&file)?), page, printer, tracking };
            let seen: CarrierLabelReading = talk.call("carrier_labels.read", &ask).await?;
            if let Some(output) = &output {
                let png = STANDARD
                    .decode(&seen.picture.png_base64)
                    .map_err(|e| Failure::other(format!("the picture is broken: {e}")))?;
                files::write(output, &png)?;
            }
            out.answer(&seen, reading_words);
        }
        CarrierLabels::Print { file, page, printer, tracking, unread, submit_key } => {
            let printer = chosen(talk, printer).await?;
            let ask = PrintCarrierLabel {
                name: called(&file),
                file_base64: STANDARD.encode(files::bytes(&file)?),
                page,
                printer,
                tracking,
                unread,
                submit_key: submit_key.unwrap_or_else(fresh_key),
            };
            let label: CarrierLabelView = talk.call("carrier_labels.print", &ask).await?;
            out.answer(&label, |l| words(std::slice::from_ref(l)));
            return end(&label, out);
        }
        CarrierLabels::List => {
            let all: CarrierLabelList = talk.call("carrier_labels.list", &Nothing {}).await?;
            out.answer(&all, |all| words(&all.rows));
        }
        CarrierLabels::Reprint { id, reason, note, printer } => {
            let printer = chosen(talk, printer).await?;
            let ask =
                ReprintCarrierLabel { id: full_id(talk, &id).await?, printer, reason, note, submit_key: fresh_key() };
            let label: CarrierLabelView = talk.call("carrier_labels.reprint", &ask).await?;
            out.answer(&label, |l| words(std::slice::from_ref(l)));
            return end(&label, out);
        }
    }
    Ok(())
}

async fn chosen(talk: &mut Talk, given: Option<String>) -> Result<String, Failure> {
    match given {
        Some(given) => find::printer(talk, &given).await,
        None => Ok(String::new()),
    }
}

/// A label by its tracking number, or by the beginning of its id.
async fn full_id(talk: &mut Talk, given: &str) -> Result<String, Failure> {
    let all: CarrierLabelList = talk.call("carrier_labels.list", &Nothing {}).await?;
    let mut fits = all.rows.iter().filter(|l| l.tracking == given || (given.len() >= 4 && l.id.starts_with(given)));
    match (fits.next(), fits.next()) {
        (Some(one), None) => Ok(one.id.clone()),
        (Some(_), Some(_)) => Err(Failure::invalid(format!("several labels are {given}"), "name it by its id")),
        // It may be an old one that is not listed.
        (None, _) => Ok(given.to_owned()),
    }
}

/// The state of the newest job as an exit code, as for parcels.
fn end(label: &CarrierLabelView, out: &mut Out) -> Result<(), Failure> {
    let Some(job) = label.prints.last() else { return Ok(()) };
    match job.state.as_str() {
        "sent" | "confirmed" => Ok(()),
        "doubtful" => {
            out.say("the label may be out: look at the printer");
            Err(Failure::Told(UNKNOWN))
        }
        _ => Err(ApiError::new(Code::PrinterUnreachable, format!("the label has not gone ({})", job.trouble))
            .hint("it is kept for ten minutes and goes when the printer is back while a desk is open")
            .into()),
    }
}

fn reading_words(seen: &CarrierLabelReading) -> String {
    let mut lines = vec![
        format!("{}, page {} of {}, {:.0} × {:.0} mm", seen.kind, seen.page, seen.pages, seen.width_mm, seen.height_mm),
        format!("bars: {}", seen.verdict.replace('_', " ")),
        format!("number: {}", seen.number),
    ];
    lines.extend(seen.symbols.iter().map(|s| format!("  {}: {}", s.kind, s.text)));
    if seen.cropped {
        lines.push("white around the label is cut off".to_owned());
    }
    if seen.turned {
        lines.push("turned by 90°".to_owned());
    }
    if !seen.ignored.is_empty() {
        lines.push(format!("commands that mean nothing here: {}", seen.ignored.join(" ")));
    }
    if let Some(known) = &seen.known {
        lines.push(format!("printed already, by {} at {}", known.by, time(known.created_at)));
    }
    lines.join("\n")
}

fn words(rows: &[CarrierLabelView]) -> String {
    table(
        ["label", "number", "file", "page", "bars", "copies", "state", "evidence", "printer", "by", "at"],
        rows.iter().map(|l| {
            let job = l.prints.last();
            let of = |take: fn(&desk::api::PrintView) -> &String| job.map(take).cloned().unwrap_or_default();
            [
                short(&l.id),
                l.tracking.clone(),
                l.name.clone(),
                format!("{}/{}", l.page, l.pages),
                l.checked.replace('_', " "),
                l.prints.len().to_string(),
                of(|p| &p.state),
                of(|p| &p.evidence),
                of(|p| &p.printer_name),
                l.by.clone(),
                time(l.created_at),
            ]
        }),
    )
}

/// What a file is called.
fn called(file: &Path) -> String {
    if file == Path::new("-") {
        return String::new();
    }
    file.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    #[test]
    fn a_file_is_called_by_its_last_part() {
        assert_eq!(super::called(Path::new("/tmp/a b/label 1.pdf")), "label 1.pdf");
        assert_eq!(super::called(Path::new("-")), "", "what came by a pipe has no name");
    }
}
