//! Printers as set up on this desk.

use crate::args::Printers;
use crate::exit::{Failure, UNKNOWN};
use crate::find;
use crate::out::Out;
use crate::talk::Talk;
use crate::text::{mark, short, table};
use desk::api::{
    AdjustPrinter, ById, CalibrateDone, DoctorReport, Done, FamilyView, FindPrinters, FoundPrinters, Nothing,
    PrintPage, PrinterState, PrinterView, QueueView, SavePrinter, TestPrintDone,
};
use desk::{ApiError, Code};

/// `waybill printers …`
pub async fn run(command: Printers, talk: &mut Talk, out: &mut Out) -> Result<(), Failure> {
    match command {
        Printers::List => {
            let all: Vec<PrinterView> = talk.call("printers.list", &Nothing {}).await?;
            out.answer(&all, |all| printers_words(all));
            Ok(())
        }
        Printers::Add {
            name,
            address,
            language,
            dpi,
            size: (width_mm, height_mm),
            gap: gap_mm,
            media: media_kind,
            offset: (offset_x, offset_y),
            family,
            speed,
            darkness,
            default,
        } => {
            let id = String::new();
            let new = SavePrinter {
                id,
                name,
                address,
                language,
                dpi,
                width_mm,
                height_mm,
                gap_mm,
                media_kind,
                offset_x,
                offset_y,
                family,
                speed,
                darkness,
                default,
            };
            let view: PrinterView = talk.call("printers.save", &new).await?;
            out.answer(&view, |p| format!("{} is set up; try it: waybill printers test {}", p.name, short(&p.id)));
            Ok(())
        }
        Printers::Remove { id } => {
            let id = find::printer(talk, &id).await?;
            let done: Done = talk.call("printers.remove", &ById { id }).await?;
            out.answer(&done, |_| "removed; its labels stay in the history".to_owned());
            Ok(())
        }
        Printers::Test { id } => {
            let id = find::printer(talk, &id).await?;
            let done: TestPrintDone = talk.call("printers.test", &ById { id }).await?;
            out.answer(&done, |d| format!("{} {}", d.outcome, d.evidence).trim_end().to_owned());
            match done.outcome.as_str() {
                "sent" => Ok(()),
                "broken_off" => {
                    out.say(&format!("broken off ({}): part of a label may be out", done.reason));
                    Err(Failure::Told(UNKNOWN))
                }
                _ => Err(ApiError::new(Code::PrinterUnreachable, format!("nothing was sent: {}", done.reason))
                    .hint("check the printer's address, power and network")
                    .into()),
            }
        }
        Printers::Status { id } => {
            let id = find::printer(talk, &id).await?;
            let state: PrinterState = talk.call("printers.state", &ById { id }).await?;
            out.answer(&state, |s| {
                let meaning = match s.state.as_str() {
                    "cannot_tell" => "the link works; the device does not answer questions (most do not)",
                    _ => "",
                };
                [s.state.as_str(), &s.stops.join(" "), &s.reason, meaning].join(" ").trim_end().to_owned()
            });
            Ok(())
        }
        Printers::Doctor { id } => {
            let id = find::printer(talk, &id).await?;
            let report: DoctorReport = talk.call("printers.doctor", &ById { id }).await?;
            out.answer(&report, |r| {
                table(
                    ["", "what", "found", "", "do"],
                    r.lines.iter().map(|l| {
                        let shape = match l.verdict.as_str() {
                            "good" => "ok",
                            "warn" => "!",
                            "wrong" => "X",
                            _ => "?",
                        };
                        [shape, &l.what, &l.message, &l.detail, &l.hint].map(str::to_owned)
                    }),
                )
            });
            Ok(())
        }
        Printers::Offset { id, offset: (offset_x, offset_y) } => {
            let p = report(talk, &id).await?.printer;
            let adjust = AdjustPrinter { id: p.id, offset_x, offset_y, darkness: p.darkness };
            adjusted(talk, out, &adjust).await
        }
        Printers::Darkness { id, darkness } => {
            let p = report(talk, &id).await?.printer;
            let adjust = AdjustPrinter { id: p.id, offset_x: p.offset_x, offset_y: p.offset_y, darkness };
            adjusted(talk, out, &adjust).await
        }
        Printers::Calibrate { id } => {
            let id = find::printer(talk, &id).await?;
            let done: CalibrateDone = talk.call("printers.calibrate", &ById { id }).await?;
            out.answer(&done, |d| match d.measured_mm {
                Some(mm) if d.fits => format!("{}: it measured labels of {mm:.0} mm", d.outcome),
                Some(mm) => format!("{}: it measured labels of {mm:.0} mm, not the length that is set up", d.outcome),
                None => format!("{} {}", d.outcome, d.reason).trim_end().to_owned(),
            });
            match done.outcome.as_str() {
                "sent" if done.fits => Ok(()),
                "sent" => {
                    Err(ApiError::new(Code::InvalidInput, "another roll is in it than is set up; it prints nothing so")
                        .hint("put the right roll in, or set its size up; then calibrate again")
                        .into())
                }
                "broken_off" => Err(Failure::Told(UNKNOWN)),
                _ => Err(ApiError::new(Code::PrinterUnreachable, format!("nothing was sent: {}", done.reason))
                    .hint("check the printer's address, power and network")
                    .into()),
            }
        }
        Printers::Labels { id } => {
            let id = find::printer(talk, &id).await?;
            let page: PrintPage = talk.call("printers.labels", &ById { id }).await?;
            out.answer(&page, |page| {
                table(
                    ["job", "number", "copy", "state", "evidence"],
                    page.rows.iter().map(|p| {
                        [short(&p.id), p.number.clone(), p.copy.to_string(), p.state.clone(), p.evidence.clone()]
                    }),
                )
            });
            Ok(())
        }
        Printers::Queues => {
            let all: Vec<QueueView> = talk.call("printers.queues", &Nothing {}).await?;
            out.answer(&all, |all| {
                table(
                    ["name", "address", "device", "language", "family", "info"],
                    all.iter()
                        .map(|q| [&q.name, &q.address, &q.device, &q.language, &q.family, &q.info].map(Clone::clone)),
                )
            });
            Ok(())
        }
        Printers::Families => {
            let all: Vec<FamilyView> = talk.call("printers.families", &Nothing {}).await?;
            out.answer(&all, |all| {
                table(
                    ["family", "language", "printers"],
                    all.iter().map(|f| [&f.id, &f.language, &f.name].map(Clone::clone)),
                )
            });
            Ok(())
        }
        Printers::Find { seconds } => {
            let found: FoundPrinters = talk.call("printers.find", &FindPrinters { seconds }).await?;
            out.answer(&found, found_words);
            Ok(())
        }
    }
}

async fn report(talk: &mut Talk, id: &str) -> Result<DoctorReport, Failure> {
    let id = find::printer(talk, id).await?;
    Ok(talk.call("printers.doctor", &ById { id }).await?)
}

async fn adjusted(talk: &mut Talk, out: &mut Out, adjust: &AdjustPrinter) -> Result<(), Failure> {
    let view: PrinterView = talk.call("printers.adjust", adjust).await?;
    out.answer(&view, |p| {
        format!(
            "{}: {:.1} mm right, {:.1} mm down, darkness {}; see it: waybill printers test {}",
            p.name,
            f64::from(p.offset_x) / 10.0,
            f64::from(p.offset_y) / 10.0,
            p.darkness,
            short(&p.id)
        )
    });
    Ok(())
}

fn found_words(found: &FoundPrinters) -> String {
    let address = |address: &str| if address.is_empty() { "(LPD only)".to_owned() } else { address.to_owned() };
    let mut words = table(
        ["place", "address", "name", "device id"],
        found.printers.iter().map(|p| [p.place.clone(), address(&p.address), p.name.clone(), p.device_id.clone()]),
    );
    for problem in &found.problems {
        words += &format!("not looked at: {problem}\n");
    }
    words
}

fn printers_words(all: &[PrinterView]) -> String {
    table(
        ["id", "name", "address", "language", "dpi", "label", "default"],
        all.iter().map(|p| {
            [
                short(&p.id),
                p.name.clone(),
                p.address.clone(),
                // A component draws by itself: our language does not reach it.
                if p.address.starts_with("cainiao:") { "print component".to_owned() } else { p.language.clone() },
                p.dpi.to_string(),
                format!("{}×{} mm", p.width_mm, p.height_mm),
                mark(p.default),
            ]
        }),
    )
}
