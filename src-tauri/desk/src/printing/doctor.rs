//! The printer doctor: what is known of a printer, line by line, and what a person can do about it from here.
//!
//! Invariants: what a printer does not say is "cannot tell", never "good"; nothing is fed, measured or printed as a test while a batch
//! prints there. Absent: settings in the printer itself (its own menu, its web page).

use crate::api::{AdjustPrinter, ApiError, ById, CalibrateDone, Code, DoctorLine, DoctorReport, PrinterView};
use crate::batch;
use crate::door::At;
use crate::house::House;
use crate::order::{content, plan};
use crate::printing::printers;
use crate::store::Printer;
use domain::journal::PrintState;
use domain::printer::{DeviceState, MediaKind, SendOutcome};
use domain::units::Mm;

/// Lengths that differ by less are one: gaps are measured with them by some printers.
const SAME_MM: f64 = 4.0;
/// How long a printer may feed and measure before it is asked what it found.
const FEEDS: std::time::Duration = std::time::Duration::from_secs(6);
const LOOK_EVERY: std::time::Duration = std::time::Duration::from_millis(300);

fn line(what: &str, verdict: &str, code: &str, detail: impl Into<String>, (message, hint): (&str, &str)) -> DoctorLine {
    DoctorLine {
        what: what.to_owned(),
        verdict: verdict.to_owned(),
        code: code.to_owned(),
        detail: detail.into(),
        message: message.to_owned(),
        hint: hint.to_owned(),
    }
}

/// Looks at a printer.
pub(crate) async fn look(at: &At<'_>, req: ById) -> Result<DoctorReport, ApiError> {
    let p = printers::get(at.house, req.id).await?;
    let mut lines = says(&p).await?;
    lines.push(family(&p));
    lines.extend(paper(at.house, &p).await);
    lines.push(measured(&p));
    let last = at.house.store.last_labels(&p.id, 1).await?;
    lines.push(match last.first() {
        None => line("last", "cannot_tell", "none", "", ("no label went out here yet", "print the test label")),
        Some(job) if job.state == PrintState::Doubtful => line(
            "last",
            "warn",
            "doubtful",
            job.trouble.clone(),
            ("the last label broke off", "look at the paper and decide on it under attention"),
        ),
        Some(job) => line("last", "good", job.state.word(), "", ("the last label went out", "")),
    });
    if let Some(name) = batch::running_on(at.house, &p.id, None).await? {
        lines.push(line("busy", "warn", "batch", name, ("a batch prints there now", "pause it before you adjust")));
    }
    Ok(DoctorReport { printer: printers::view(&p), lines, calibrates: printers::calibration(&p).is_some() })
}

/// Whether it is there, and how it says it is.
async fn says(p: &Printer) -> Result<Vec<DoctorLine>, ApiError> {
    let reached = || line("reach", "good", "reached", p.address.clone(), ("it is there", ""));
    Ok(match printers::link(p)?.state().await {
        DeviceState::Unreachable(why) => vec![line(
            "reach",
            "wrong",
            "unreachable",
            why,
            ("it cannot be reached", "check power, cable and address; `waybill printers find` looks for it elsewhere"),
        )],
        DeviceState::Ready => {
            vec![reached(), line("state", "good", "ready", "", ("it says that it is ready", ""))]
        }
        DeviceState::Printing => vec![reached(), line("state", "good", "printing", "", ("it says that it prints", ""))],
        DeviceState::CannotTell => vec![
            reached(),
            line("state", "cannot_tell", "cannot_tell", "", ("it does not answer questions; most do not", "")),
        ],
        DeviceState::Stopped(stops) => {
            let words = stops.into_iter().map(printers::stop_word).collect::<Vec<_>>().join(" ");
            vec![
                reached(),
                line("state", "wrong", "stopped", words, ("it says that it stopped", "mend that at the printer")),
            ]
        }
    })
}

fn family(p: &Printer) -> DoctorLine {
    let profile = printers::profile(p);
    if printers::component_of(p).is_some() {
        return line("family", "good", "component", "", ("a print component drives it", ""));
    }
    if profile.is_generic() {
        return line(
            "family",
            "warn",
            "unknown",
            p.language.word(),
            ("nothing is known of it but its language", "choose its family, so that head and sensors are known"),
        );
    }
    line("family", "good", "known", profile.name.clone(), ("its family is known", ""))
}

/// Head, sensor and template against the stock that was set up.
async fn paper(house: &House, p: &Printer) -> Vec<DoctorLine> {
    let mut lines = Vec::new();
    if printers::component_of(p).is_some() {
        return lines;
    }
    let (profile, dots) = (printers::profile(p), p.dpi.dots(Mm(p.width_mm)).0);
    lines.push(match profile.head_dots(p.dpi) {
        None => line("head", "cannot_tell", "unknown", "", ("the width of its head is not known", "")),
        Some(head) if head < dots => line(
            "head",
            "wrong",
            "too_wide",
            format!("{dots} {head}"),
            ("the labels are wider than its head", "set the width of the stock, or choose another printer"),
        ),
        Some(head) => line("head", "good", "wide_enough", head.to_string(), ("its head is wide enough", "")),
    });
    if !profile.sensors.contains(&p.media_kind) {
        lines.push(line(
            "stock",
            "wrong",
            "no_sensor",
            p.media_kind.word(),
            ("it has no sensor for this stock", "set up what separates the labels"),
        ));
    }
    lines.push(match plan::template(house, "", p).await {
        Err(_) => line(
            "template",
            "wrong",
            "none",
            format!("{} {}", p.width_mm, p.height_mm),
            ("no template fits on these labels", "set the label size to the stock that is in it"),
        ),
        Ok(t) => {
            let (size, id) = (t.size(), t.reference);
            if p.width_mm - size.width.0 < SAME_MM && p.height_mm - size.height.0 < SAME_MM {
                line("template", "good", "fits", id, ("there is a template of this size", ""))
            } else {
                line("template", "warn", "smaller", id, ("the largest template is smaller than the label", ""))
            }
        }
    });
    lines
}

fn measured(p: &Printer) -> DoctorLine {
    let Some(mm) = p.measured_mm else {
        return line("measured", "cannot_tell", "never", "", ("it has not measured its labels", "calibrate it"));
    };
    let detail = format!("{mm:.0} {}", p.height_mm);
    if same_length(p, mm) {
        return line("measured", "good", "fits", detail, ("it measured labels of the length that is set up", ""));
    }
    line(
        "measured",
        "wrong",
        "differs",
        detail,
        ("it measured labels of another length", "put the right roll in, or set its size up; then calibrate again"),
    )
}

fn same_length(p: &Printer, measured_mm: f64) -> bool {
    let gap = if p.media_kind == MediaKind::Continuous { 0.0 } else { p.gap_mm };
    (measured_mm - p.height_mm).abs() <= SAME_MM || (measured_mm - p.height_mm - gap).abs() <= SAME_MM
}

/// Whether the stock that the printer measured is the one that is set up. Unmeasured is no obstacle. Errors: it is
/// another one; nothing was charged or printed.
pub(crate) fn paper_fits(p: &Printer) -> Result<(), ApiError> {
    match p.measured_mm {
        Some(mm) if !same_length(p, mm) => Err(ApiError::new(
            Code::InvalidInput,
            format!(
                "{} measured labels of {mm:.0} mm, {} mm are set up; nothing was charged or printed",
                p.name, p.height_mm
            ),
        )
        .hint("put the right roll in, or set its size up; then calibrate the printer again")
        .fields(vec![content::error("printer", "paper_mismatch", format!("{mm:.0} {}", p.height_mm))])),
        _ => Ok(()),
    }
}

/// Moves labels and sets their darkness.
pub(crate) async fn adjust(at: &At<'_>, req: AdjustPrinter) -> Result<PrinterView, ApiError> {
    let p = printers::get(at.house, req.id).await?;
    let mut save = printers::as_set_up(&p);
    (save.offset_x, save.offset_y, save.darkness) = (req.offset_x, req.offset_y, req.darkness);
    printers::save(at, save).await
}

/// Has the printer feed a few labels and measure them.
pub(crate) async fn calibrate(at: &At<'_>, req: ById) -> Result<CalibrateDone, ApiError> {
    let house = at.house;
    let p = printers::get(house, req.id).await?;
    let Some(job) = printers::calibration(&p) else {
        return Err(ApiError::new(Code::WrongState, "this printer has no command for it; nothing was sent")
            .detail("no_calibration")
            .hint("hold its feed key down until it has fed two labels; the manual says how"));
    };
    // In its turn at the printer, so that no batch begins in between.
    let _turn = house.turn(&format!("printer:{}", p.id)).await;
    batch::free_printer(house, &p.id, None).await?;
    house.store.note(&house.entry(at.actor()?, "printer.calibrate", p.id.as_str(), "")).await?;
    let link = printers::link(&p)?;
    let (outcome, reason) = match link.send(&job).await {
        SendOutcome::Sent(_) => ("sent", String::new()),
        SendOutcome::NothingSent(why) => ("nothing_sent", why),
        SendOutcome::BrokenOff { reason, .. } => ("broken_off", reason),
    };
    let mut found = None;
    if outcome != "nothing_sent" {
        found = if outcome == "sent" { measured_length(&p, &*link).await } else { None };
        // What was measured before may be of another roll: without a new word nobody knows.
        let said = found.map_or_else(|| "not told".to_owned(), |mm| format!("{mm:.1} mm"));
        let log = house.entry(at.actor()?, "printer.measured", p.id.as_str(), said);
        house.store.printer_measured(&p.id, found, &log).await?;
        house.tell("printers", p.id.as_str());
    }
    Ok(CalibrateDone {
        outcome: outcome.to_owned(),
        reason,
        measured_mm: found,
        fits: found.is_none_or(|mm| same_length(&p, mm)),
    })
}

/// What it found, once two looks agree: while it feeds it may still tell what it knew before.
async fn measured_length(p: &Printer, link: &dyn domain::printer::PrinterLink) -> Option<f64> {
    let (mut before, mut left) = (link.measured_length().await?, FEEDS);
    while left > LOOK_EVERY {
        tokio::time::sleep(LOOK_EVERY).await;
        left -= LOOK_EVERY;
        let now = link.measured_length().await?;
        let rests = !matches!(link.state().await, DeviceState::Printing);
        if now == before && rests {
            return Some(f64::from(now) / f64::from(p.dpi.dots(Mm(100.0)).0) * 100.0);
        }
        before = now;
    }
    None
}
