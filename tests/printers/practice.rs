//! Every language over TCP to the practice printer, which reads it by code of its own, answers questions, and keeps what
//! a cut job left open.

use domain::printer::{DeviceState, Encoder, Language, Media, PrinterLink, SendOutcome, StopReason};
use domain::raster::Raster;
use domain::units::{Dpi, LabelSize, Mm};
use printer::{LinkAddress, Profile};
use sandbox::{Answers, PracticePrinter, PracticePrinterSettings, PrinterFault, PrinterFaultKind};
use std::sync::Arc;

/// One profile for every form of a job that there is.
const FORMS: [&str; 8] =
    ["generic-tspl", "tsc", "generic-zpl", "zebra", "generic-epl", "generic-cpcl", "zebra-mobile-4", "escpos-label"];

async fn practice(profile: &'static Profile) -> (PracticePrinter, Arc<dyn PrinterLink>) {
    let settings = PracticePrinterSettings { port: 0, folder: None, dpi: Dpi::D203, answers: Answers::All };
    let printer = PracticePrinter::start(settings).await.unwrap();
    let address: LinkAddress = printer.address().parse().unwrap();
    (printer, printer::open(&address, profile))
}

/// Noise on 50 × 40 mm, so that every byte value stands in the picture.
fn label(profile: &'static Profile) -> (Raster, Vec<u8>) {
    let mut raster = Raster::white(400, 320);
    raster.bits_mut().copy_from_slice(&super::support::noise(50 * 320));
    let media = Media::usual(LabelSize { width: Mm(50.0), height: Mm(40.0) }, Dpi::D203);
    let job = printer::encoder(profile).encode(&raster, &media).unwrap();
    (raster, job)
}

#[tokio::test]
async fn every_form_comes_out_dot_by_dot() {
    for id in FORMS {
        let profile = printer::profile(id).unwrap();
        let (practice, link) = practice(profile).await;
        let (raster, job) = label(profile);
        for n in 1..=2 {
            let outcome = link.send(&job).await;
            assert!(
                matches!(outcome, SendOutcome::Sent(e) if e.confirms()),
                "{id}: ready after the label: {outcome:?}"
            );
            let labels = practice.labels();
            assert_eq!(labels.len(), n, "{id}: one label a job: {:?}", practice.report().complaints);
            assert!(labels[n - 1].raster == raster, "{id}: the same dots");
        }
        assert_eq!(practice.report().complaints, Vec::<String>::new(), "{id}: everything is understood");
    }
}

#[tokio::test]
async fn every_language_tells_its_state() {
    for language in Language::ALL {
        let (practice, link) = practice(printer::generic(language)).await;
        let stopped = |reason| DeviceState::Stopped(vec![reason]);
        assert_eq!(link.state().await, DeviceState::Ready, "{language:?}");
        practice.set_paper_out(true);
        assert_eq!(link.state().await, stopped(StopReason::PaperOut), "{language:?}");
        practice.set_paper_out(false);
        practice.set_head_open(true);
        assert_eq!(link.state().await, stopped(StopReason::HeadOpen), "{language:?}");
        practice.set_head_open(false);
        practice.set_paused(true);
        let paused = match language {
            Language::Tspl | Language::Zpl | Language::Epl => stopped(StopReason::Paused),
            // It only says that it is offline.
            Language::Escpos => stopped(StopReason::Other),
            // CPCL has no word for it.
            Language::Cpcl => DeviceState::Ready,
        };
        assert_eq!(link.state().await, paused, "{language:?}");
        practice.set_answers(Answers::Mute);
        let asked = std::time::Instant::now();
        assert_eq!(link.state().await, DeviceState::CannotTell, "{language:?}: silence is no state");
        assert!(asked.elapsed().as_millis() < 900, "{language:?}: half a second for all questions together");
    }
}

#[tokio::test]
async fn after_a_broken_job_the_next_one_comes_out_whole() {
    for id in FORMS {
        let profile = printer::profile(id).unwrap();
        // In the head, in the middle of the picture, near its end.
        for part in [30, 2, 1] {
            let (practice, link) = practice(profile).await;
            let (raster, job) = label(profile);
            let at_byte = if part == 30 { 60 } else { (job.len() / part) as u64 - 40 };
            practice.add_fault(PrinterFault { kind: PrinterFaultKind::Reset, at_byte, once: true, after_labels: 0 });
            let outcome = link.send(&job).await;
            assert!(matches!(outcome, SendOutcome::BrokenOff { .. }), "{id} at {at_byte}: {outcome:?}");
            assert!(practice.labels().is_empty(), "{id} at {at_byte}: nothing came out");
            let outcome = link.send(&job).await;
            assert!(matches!(outcome, SendOutcome::Sent(_)), "{id} at {at_byte}: {outcome:?}");
            let labels = practice.labels();
            // ESC/POS prints rows as they come: what is on the paper is fed out as a label of its own.
            let most = if profile.language == Language::Escpos { 2 } else { 1 };
            assert!((1..=most).contains(&labels.len()), "{id} at {at_byte}: {} labels", labels.len());
            let complaints = practice.report().complaints;
            assert!(
                labels[labels.len() - 1].raster == raster,
                "{id} at {at_byte}: nothing is swallowed: {complaints:?}"
            );
            link.send(&job).await;
            assert_eq!(practice.labels().len(), labels.len() + 1, "{id} at {at_byte}: and nothing is cleared twice");
        }
    }
}
