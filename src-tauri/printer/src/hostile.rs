//! Everything that printers, spoolers and the print component may say, as two functions of bytes for the fuzz targets
//! (`tests/fuzz`): the readers themselves are nobody's business outside of this crate.

use crate::component::{Own, Talk, read};
use crate::profiles::{Hints, pick, profiles};
use crate::status::{label_length, odometer, questions};
use crate::transports::usb_class;

/// One answer: to every question of every family, whole and in two pieces; as a device id, a model, a counter, a length.
pub fn status(bytes: &[u8]) {
    for profile in profiles() {
        for question in questions(profile) {
            for cut in [0, bytes.len() / 2, bytes.len()] {
                let (_, _) = ((question.sense)(&bytes[..cut], false), (question.sense)(&bytes[..cut], true));
            }
            assert!((question.sense)(b"", false).is_none(), "silence is no answer");
        }
    }
    if let Some(dots) = label_length(bytes) {
        assert!(dots > 0, "no label is that short");
    }
    if let Some(count) = odometer(bytes) {
        assert!(String::from_utf8_lossy(bytes).contains('"'), "{count} was not said");
    }
    let _ = usb_class::device_id(bytes);
    for byte in bytes.iter().take(4) {
        let _ = usb_class::stopped(*byte);
    }
    let text = String::from_utf8_lossy(bytes);
    let _ = pick(&Hints { device_id: Some(bytes), make_and_model: Some(&text), ..Hints::default() });
    let _ = pick(&Hints { host_identification: Some(bytes), tspl_model: Some(bytes), ..Hints::default() });
}

/// Frames of a component, one a line, about task `t1`, document `d1`, request `r1`; and the same bytes as a job.
pub fn component(bytes: &[u8]) {
    let _ = Own::read(bytes);
    let own = Own { request: "r1".into(), task: "t1".into(), document: "d1".into(), printer: "p".into() };
    let mut talk = Talk::new(own, 9);
    for frame in String::from_utf8_lossy(bytes).split('\n') {
        talk.hear(&read(frame));
    }
    let (over, refused) = (talk.is_over(), talk.is_refused());
    let end = talk.end("closed");
    assert!(!(refused && matches!(end, domain::printer::SendOutcome::Sent(_))), "refused is not sent, over: {over}");
}
