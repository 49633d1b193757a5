//! The link to the print component against the practice component, with every fault it has, and against peers that are
//! none.

use super::support::{eventually, free_port};
use domain::chance::{Chance, SeededChance};
use domain::evidence::Evidence;
use domain::printer::{DeviceState, PrinterLink, SendOutcome, StopReason};
use futures_util::{SinkExt, StreamExt};
use printer::{
    ComponentError, ComponentLink, ComponentSettings, FindSettings, Place, component_printers, print_command,
};
use sandbox::{
    COMPONENT_PRINTER, COMPONENT_PRINTER_OFF, ComponentFault as F, PracticeComponent, PracticeComponentSettings,
};
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio_tungstenite::tungstenite::Message;

const SEALED: &str =
    "{\"encryptedData\":\"AES:q\\u002bw==\", \"signature\":\"MD:9\",\"templateURL\":\"http://t/1\",\"ver\":\"v\"}";

fn quick() -> ComponentSettings {
    ComponentSettings {
        connect: Duration::from_millis(500),
        answer: Duration::from_millis(500),
        print: Duration::from_millis(900),
        settle: Duration::from_millis(200),
        ..ComponentSettings::default()
    }
}

async fn start() -> PracticeComponent {
    PracticeComponent::start(PracticeComponentSettings::default()).await.unwrap()
}

fn link(port: u16) -> ComponentLink {
    ComponentLink::new(port, COMPONENT_PRINTER, quick())
}

fn job(id: &str) -> Vec<u8> {
    print_command(COMPONENT_PRINTER, id, "773000111", SEALED).unwrap()
}

/// Sends one label to a component with this fault.
async fn with(fault: Option<F>) -> (SendOutcome, PracticeComponent) {
    let component = start().await;
    if let Some(fault) = fault {
        component.add_fault(fault);
    }
    let outcome = link(component.port()).send(&job("job-1")).await;
    (outcome, component)
}

#[tokio::test]
async fn a_sealed_label_arrives_byte_for_byte_and_printed_is_no_more_than_spooled() {
    let (outcome, component) = with(None).await;
    assert_eq!(outcome, SendOutcome::Sent(Evidence::BytesAccepted));
    assert!(!Evidence::BytesAccepted.confirms(), "nobody saw paper");
    let printed = component.printed();
    assert_eq!(printed.len(), 1);
    assert_eq!((printed[0].task.as_str(), printed[0].document.as_str()), ("job-1", "773000111"));
    assert!(printed[0].command.contains(SEALED), "as the platform wrote it");
    assert_eq!(printed[0].command.as_bytes(), job("job-1"), "what was hashed is what left");
}

#[tokio::test]
async fn odd_ways_of_saying_printed_are_understood() {
    for fault in
        [F::Twice, F::OtherSpelling, F::OldVersion, F::Backwards, F::Strangers, F::Late { ms: 300 }, F::Garbage]
    {
        let (outcome, component) = with(Some(fault.clone())).await;
        assert_eq!(outcome, SendOutcome::Sent(Evidence::BytesAccepted), "{fault:?}");
        assert_eq!((component.printed().len(), component.commands()), (1, 1), "{fault:?}");
        // The next one is not confused by what came too late.
        assert!(matches!(link(component.port()).send(&job("job-2")).await, SendOutcome::Sent(_)), "after {fault:?}");
    }
}

#[tokio::test]
async fn whatever_leaves_the_end_open_is_doubt_and_nothing_is_sent_again() {
    let length = job("job-1").len() as u64;
    for (fault, on_paper, words) in [
        (F::Silent, 1, "did not say how it ended in time; it had not answered"),
        (F::Swallow, 0, "did not say how it ended"),
        (F::CloseBefore, 0, "closed the connection"),
        (F::CloseAfter, 1, "closed the connection"),
        (F::BreakAfterDrawing, 0, "it had drawn the label"),
        (F::Oversize { bytes: 3 << 20 }, 1, "broke off"),
        (F::Flood, 1, "talks without end"),
        (F::FailPrinting, 0, "failed on the way to the printer: spooler: access denied"),
        (F::SaysBoth, 1, "both printed and failed (busy [14])"),
    ] {
        let start = Instant::now();
        let (outcome, component) = with(Some(fault.clone())).await;
        let SendOutcome::BrokenOff { accepted, reason } = outcome else { panic!("{fault:?} gave {outcome:?}") };
        assert!(reason.contains(words), "{fault:?}: {reason}");
        assert_eq!(accepted, length, "{fault:?}: all of it may have been read");
        assert_eq!((component.commands(), component.printed().len()), (1, on_paper), "{fault:?}: one command");
        assert!(start.elapsed() < Duration::from_secs(4), "{fault:?} took {:?}", start.elapsed());
    }
}

#[tokio::test]
async fn a_clear_no_before_drawing_is_nothing_sent_with_its_words() {
    for (fault, words) in [
        (F::Refuse { msg: "面单服务未登录".into() }, "面单服务未登录 [13]"),
        (F::FailDrawing, "Unknown encryption type."),
    ] {
        let (outcome, component) = with(Some(fault.clone())).await;
        let SendOutcome::NothingSent(why) = outcome else { panic!("{fault:?} gave {outcome:?}") };
        assert!(why.contains(words), "{why}");
        assert!(component.printed().is_empty());
        // The same job again is the same task, and goes through now.
        assert!(matches!(link(component.port()).send(&job("job-1")).await, SendOutcome::Sent(_)));
        assert_eq!(component.printed()[0].task, "job-1");
    }
}

#[tokio::test]
async fn what_is_known_before_the_command_leaves_sends_nothing() {
    let nothing = |o: SendOutcome| match o {
        SendOutcome::NothingSent(why) => why,
        other => panic!("{other:?}"),
    };
    let absent = link(free_port());
    assert!(nothing(absent.send(&job("j")).await).contains("start 菜鸟打印组件"));
    let DeviceState::Unreachable(why) = absent.state().await else { panic!("nobody is there") };
    assert!(why.contains("does not run on this computer") && why.contains("start 菜鸟打印组件"), "{why}");

    let component = start().await;
    let port = component.port();
    let strange = ComponentLink::new(port, "没有的打印机", quick());
    let command = print_command("没有的打印机", "j", "1", SEALED).unwrap();
    assert!(nothing(strange.send(&command).await).contains(COMPONENT_PRINTER), "it names those there are");
    let off = ComponentLink::new(port, COMPONENT_PRINTER_OFF, quick());
    let command = print_command(COMPONENT_PRINTER_OFF, "j", "1", SEALED).unwrap();
    assert!(nothing(off.send(&command).await).contains("disabled"));
    assert!(nothing(link(port).send(&command).await).contains("another printer"), "made for another one");
    assert!(nothing(link(port).send(b"SIZE 100 mm,180 mm\r\nPRINT 1,1\r\n").await).contains("no sealed label"));
    component.add_fault(F::SilentList);
    assert!(nothing(link(port).send(&job("j")).await).contains("does not answer as 菜鸟打印组件 does"));
    assert_eq!((component.commands(), component.printed().len()), (0, 0), "no command ever left");
}

#[tokio::test]
async fn its_state_is_what_it_says_of_the_printer() {
    let component = start().await;
    assert_eq!(link(component.port()).state().await, DeviceState::Ready);
    component.set_enabled(COMPONENT_PRINTER, false);
    assert_eq!(link(component.port()).state().await, DeviceState::Stopped(vec![StopReason::Other]));
    let listed = component_printers(component.port(), &quick()).await.unwrap();
    let seen: Vec<_> = listed.iter().map(|p| (p.name.as_str(), p.enabled)).collect();
    assert_eq!(seen, [(COMPONENT_PRINTER, Some(false)), (COMPONENT_PRINTER_OFF, Some(false))]);
    component.add_fault(F::SilentList);
    let start = Instant::now();
    assert!(matches!(link(component.port()).state().await, DeviceState::Unreachable(_)));
    assert!(start.elapsed() < Duration::from_millis(900), "{:?}", start.elapsed());
    let port = component.port();
    component.stop().await;
    assert_eq!(component_printers(port, &quick()).await, Err(ComponentError::NotRunning { port }));
}

#[tokio::test]
async fn a_peer_that_is_no_component_is_told_as_such_and_gets_no_label() {
    for says in [
        &b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"[..],
        b"HTTP/1.1 301 Moved\r\nLocation: ws://192.0.2.1:13528/\r\nContent-Length: 0\r\n\r\n",
        b"\x00\x01\x02\x03 garbage",
        b"",
    ] {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let heard = tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut heard = vec![0; 4096];
            let n = stream.read(&mut heard).await.unwrap();
            stream.write_all(says).await.unwrap();
            heard.truncate(n);
            // An empty answer is silence, not a closed door.
            let rest = stream.read_to_end(&mut heard).await;
            (heard, rest.is_ok())
        });
        let outcome = link(port).send(&job("j")).await;
        let SendOutcome::NothingSent(why) = outcome else { panic!("{says:?} gave {outcome:?}") };
        assert!(why.contains("does not answer as 菜鸟打印组件 does"), "{why}");
        let (heard, _) = heard.await.unwrap();
        let heard = String::from_utf8_lossy(&heard);
        assert!(heard.contains("Host: 127.0.0.1") && !heard.contains("encryptedData"), "{heard}");
    }
}

#[tokio::test]
async fn two_labels_for_one_printer_go_one_after_the_other() {
    let component = start().await;
    component.add_fault(F::Late { ms: 250 });
    let (one, two) = (link(component.port()), link(component.port()));
    let (first, second) = (job("job-1"), job("job-2"));
    let start = Instant::now();
    let timed = async |link: &ComponentLink, job: &[u8]| (link.send(job).await, start.elapsed());
    let ((a, a_took), (b, b_took)) = tokio::join!(timed(&one, &first), timed(&two, &second));
    assert!(matches!((a, b), (SendOutcome::Sent(_), SendOutcome::Sent(_))));
    assert!(a_took.min(b_took) >= Duration::from_millis(250), "neither overtakes the slow one: {a_took:?} {b_took:?}");
    assert_eq!(component.printed().len(), 2);
}

#[tokio::test]
async fn a_caller_who_goes_away_does_not_cut_the_job() {
    let component = start().await;
    component.add_fault(F::Late { ms: 200 });
    let port = component.port();
    let gone = tokio::spawn(async move { link(port).send(&job("job-1")).await });
    eventually("the command left", || (component.commands() == 1).then_some(())).await;
    gone.abort();
    eventually("it was printed", || (component.printed().len() == 1).then_some(())).await;
}

#[tokio::test]
async fn the_components_printers_are_found() {
    let component = start().await;
    let settings = FindSettings {
        time: Duration::from_millis(600),
        mdns_port: free_port(),
        loopback_only: true,
        spooler: Some("127.0.0.1:1".into()),
        component: component.port(),
    };
    let finds = printer::find(&settings).await;
    let ours: Vec<_> = finds.printers.iter().filter(|p| p.place == Place::Component).collect();
    let address = ours[0].address.as_ref().unwrap().to_string();
    assert_eq!((ours.len(), address), (2, component.address()));
    let nobody = printer::find(&FindSettings { component: free_port(), ..settings }).await;
    assert!(nobody.printers.iter().all(|p| p.place != Place::Component));
    assert!(!nobody.problems.iter().any(|p| p.contains("菜鸟")), "who has no component is not told of it");
}

/// A peer that lists the printer and then sends frames that were once messages of our task, none of which said "printed",
/// with bytes changed, cut or in binary; then it goes away, in order or not.
async fn noisy(listener: TcpListener, seed: u64) {
    let chance = SeededChance::new(seed);
    let random = |below: usize| {
        let mut bytes = [0_u8; 8];
        chance.fill(&mut bytes);
        usize::try_from(u64::from_le_bytes(bytes) % below as u64).unwrap()
    };
    let (stream, _) = listener.accept().await.unwrap();
    let mut socket = tokio_tungstenite::accept_async(stream).await.unwrap();
    let list = format!("{{\"cmd\":\"getPrinters\",\"printers\":[{{\"name\":\"{COMPONENT_PRINTER}\"}}]}}");
    socket.next().await.unwrap().unwrap();
    socket.send(Message::text(list)).await.unwrap();
    socket.next().await.unwrap().unwrap();
    let said = [
        "{\"cmd\":\"notifyDocResult\",\"taskId\":\"job-1\",\"documentId\":\"773000111\",\"status\":\"rendered\",\"code\":0}",
        "{\"cmd\":\"notifyTaskResult\",\"taskId\":\"job-1\",\"status\":\"initial\",\"docs\":{\"773000111\":{}}}",
        "{\"cmd\":\"print\",\"requestID\":\"print-job-1\",\"taskID\":\"job-1\",\"status\":\"success\",\"errorCode\":0}",
        "{\"cmd\":\"notifyPrintResult\",\"taskID\":\"job-1\",\"taskStatus\":\"rendered\",\"printStatus\":[]}",
    ];
    for _ in 0..40 {
        let mut bytes = said[random(said.len())].as_bytes().to_vec();
        for _ in 0..random(4) {
            let at = random(bytes.len());
            bytes[at] = u8::try_from(random(256)).unwrap();
        }
        bytes.truncate(if random(3) == 0 { random(bytes.len()) } else { bytes.len() });
        let message = match String::from_utf8(bytes) {
            Ok(text) => Message::text(text),
            Err(e) => Message::binary(e.into_bytes()),
        };
        // It may have been enough for the other side.
        if socket.send(message).await.is_err() {
            return;
        }
    }
    if random(2) == 0 {
        let _ = socket.close(None).await;
    }
}

#[tokio::test]
async fn no_noise_makes_a_label_printed_and_none_is_waited_for_without_end() {
    for seed in 0..150 {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let peer = tokio::spawn(noisy(listener, seed));
        let start = Instant::now();
        let outcome = link(port).send(&job("job-1")).await;
        assert!(matches!(outcome, SendOutcome::BrokenOff { .. }), "seed {seed}: {outcome:?}");
        assert!(start.elapsed() < Duration::from_secs(2), "seed {seed} took {:?}", start.elapsed());
        peer.await.unwrap();
    }
}
