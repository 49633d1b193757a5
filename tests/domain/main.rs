//! The state machines under every order of events: 10,000 random runs each against a courier and a printer that keep
//! their own books.

mod batch;

use domain::journal::{self, PrintEvent, PrintState};
use domain::waybill::{self, WaybillEvent, WaybillState};
use proptest::prelude::*;

/// One attempt as the desk holds it, and what the courier did about it.
#[derive(Default)]
struct Books {
    /// Numbers charged and still alive there.
    alive: u32,
    charged: u32,
}

fn any_waybill_event() -> impl Strategy<Value = WaybillEvent> {
    use WaybillEvent::*;
    prop_oneof![
        Just(Send),
        Just(CallOff),
        Just(NotSent),
        Just(Number),
        Just(No),
        Just(Silence),
        Just(Restart),
        Just(FoundIt),
        Just(FoundNothing),
        Just(GaveUp),
        Just(PersonSaysNone),
        Just(AskCancel),
        Just(CancelDone),
        Just(CancelRefused),
    ]
}

fn any_print_event() -> impl Strategy<Value = PrintEvent> {
    use PrintEvent::*;
    prop_oneof![
        Just(Drawn),
        Just(Start),
        Just(NothingAccepted),
        Just(AllTaken),
        Just(Confirm),
        Just(Interrupted),
        Just(CallOff),
        Just(Restart),
    ]
}

/// What a hostile courier does to a call that left: it may charge or not, and answer or not.
fn courier(books: &mut Books, coin: u8) -> WaybillEvent {
    match coin % 6 {
        0 => {
            books.charged += 1;
            books.alive += 1;
            WaybillEvent::Number
        }
        1 => {
            books.charged += 1;
            books.alive += 1;
            WaybillEvent::Silence
        }
        2 => WaybillEvent::Silence,
        3 => WaybillEvent::No,
        4 => WaybillEvent::NotSent,
        _ => {
            books.charged += 1;
            books.alive += 1;
            WaybillEvent::Restart
        }
    }
}

/// What an honest look-up says.
fn look_up(books: &Books, coin: u8) -> WaybillEvent {
    match (books.alive > 0, coin % 4) {
        (true, 0..=2) => WaybillEvent::FoundIt,
        (false, 0..=1) => WaybillEvent::FoundNothing,
        (false, 2) => WaybillEvent::PersonSaysNone,
        _ => WaybillEvent::GaveUp,
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 10_000, failure_persistence: None, ..ProptestConfig::default() })]

    /// A parcel lives through crashes, silences, cancels and retries; at no time can two numbers be alive for it, and
    /// in the end what is charged is what we know.
    #[test]
    fn a_parcel_never_has_two_live_numbers(coins in prop::collection::vec(any::<u8>(), 1..80)) {
        let mut books = Books::default();
        let mut attempts = vec![WaybillState::Intent];
        let mut known_cancelled = 0;
        for coin in coins {
            let now = *attempts.last().expect("there is always an attempt");
            let event = match now {
                // Only `rejected` and `cancelled` allow another attempt: the store's rule, asked of the state itself.
                s if !s.is_live() => { attempts.push(WaybillState::Intent); continue; }
                WaybillState::Intent if coin % 9 == 0 => WaybillEvent::Restart,
                WaybillState::Intent if coin % 9 == 1 => WaybillEvent::CallOff,
                WaybillState::Intent => WaybillEvent::Send,
                WaybillState::InFlight => courier(&mut books, coin),
                WaybillState::Unknown | WaybillState::NeedsPerson => look_up(&books, coin),
                WaybillState::Issued => WaybillEvent::AskCancel,
                WaybillState::Cancelling => match coin % 5 {
                    0 => WaybillEvent::Silence,
                    1 => WaybillEvent::Restart,
                    2 => WaybillEvent::CancelRefused,
                    _ => { books.alive -= 1; known_cancelled += 1; WaybillEvent::CancelDone }
                },
                WaybillState::Rejected | WaybillState::Cancelled => unreachable!("not live"),
            };
            if let Some(next) = waybill::next(now, event) {
                *attempts.last_mut().expect("there is always an attempt") = next;
            }
            prop_assert!(books.alive <= 1, "two live numbers: {attempts:?}");
            let issued = attempts.iter().filter(|s| matches!(s, WaybillState::Issued | WaybillState::Cancelling)).count() as u32;
            let open = attempts.iter().filter(|s| matches!(s, WaybillState::Unknown | WaybillState::NeedsPerson | WaybillState::InFlight)).count() as u32;
            prop_assert!(issued + known_cancelled <= books.charged, "we know a number that was never charged");
            prop_assert!(books.charged <= issued + known_cancelled + open, "a charged number that nobody looks for");
        }
    }

    /// Whatever events come in whatever order: an attempt that left is never sent again, and a dead one stays dead.
    #[test]
    fn no_order_of_events_sends_an_attempt_twice(events in prop::collection::vec(any_waybill_event(), 1..60)) {
        let (mut state, mut sent) = (WaybillState::Intent, 0);
        for e in events {
            let Some(next) = waybill::next(state, e) else { continue };
            sent += u32::from(e == WaybillEvent::Send);
            prop_assert!(sent <= 1, "one call an attempt");
            prop_assert!(state.is_live() || next == state, "{state:?} came back to life");
            state = next;
        }
    }

    /// Whatever happens to a job: its bytes leave at most once unless nothing at all was taken, and `confirmed` needs a
    /// send and evidence.
    #[test]
    fn a_label_leaves_by_machine_at_most_once(events in prop::collection::vec(any_print_event(), 1..60)) {
        let (mut state, mut may_be_out, mut confirmed) = (PrintState::Queued, 0, false);
        for e in events {
            let Some(next) = journal::next(state, e) else { continue };
            match e {
                PrintEvent::Start => may_be_out += 1,
                PrintEvent::NothingAccepted => may_be_out -= 1,
                PrintEvent::Confirm => confirmed = true,
                _ => {}
            }
            prop_assert!(may_be_out <= 1, "sent again by machine");
            prop_assert!(next != PrintState::Confirmed || confirmed, "confirmed without evidence");
            prop_assert_eq!(next.may_be_on_paper(), may_be_out == 1, "{:?} says the wrong thing about the paper", next);
            state = next;
        }
    }
}
