//! A batch against a printer that fails at every place and a person who looks at the paper: the rules alone, without a
//! desk. What lies on the table in the end is each label once, in the order of the screen.

use domain::batch::{BatchEvent, BatchState, Place, Resume, next, turn};
use domain::journal::{self, PrintEvent, PrintState};
use proptest::prelude::*;

/// What the printer does with one job.
#[derive(Clone, Copy, Debug)]
enum Paper {
    /// It comes out, and the line says so.
    Out,
    /// Nothing was taken.
    Refused,
    /// The line broke; the label is torn.
    Torn,
    /// The line broke, and the label came out all the same.
    OutUnsaid,
    /// Every byte was taken, and the label was lost: an empty roll, a switch-off with jobs in its memory.
    Swallowed,
}

fn paper() -> impl Strategy<Value = Paper> {
    prop_oneof![
        12 => Just(Paper::Out),
        1 => Just(Paper::Refused),
        1 => Just(Paper::Torn),
        1 => Just(Paper::OutUnsaid),
        1 => Just(Paper::Swallowed),
    ]
}

/// One parcel as the desk holds it.
#[derive(Clone, Debug)]
struct Item {
    seq: u32,
    aside: bool,
    /// Label jobs, in the order in which they were made; the last one counts.
    jobs: Vec<PrintState>,
    /// Place on the paper of the last job; 0 = its turn has not come (again).
    nth: u32,
}

struct Table {
    items: Vec<Item>,
    state: BatchState,
    last: u32,
    /// Whole labels on the table, by parcel, in the order in which they came out, with the place they hold.
    whole: Vec<(u32, u32)>,
    /// Jobs begun without a person's word since the last one.
    by_machine: u32,
}

impl Table {
    fn new(count: u32, aside: u32) -> Self {
        let items = (1..=count).map(|seq| Item { seq, aside: seq == aside, jobs: Vec::new(), nth: 0 }).collect();
        Self { items, state: BatchState::Running, last: 0, whole: Vec::new(), by_machine: 0 }
    }

    fn places(&self) -> Vec<Place> {
        let through = |i: &Item| i.nth > 0 && i.jobs.last().is_some_and(|s| s.may_be_on_paper());
        self.items.iter().map(|i| Place { seq: i.seq, aside: i.aside, through: through(i) }).collect()
    }

    fn event(&mut self, event: BatchEvent) {
        if let Some(to) = next(self.state, event) {
            self.state = to;
        }
    }

    /// The runner's one step. `false`: it has nothing to do.
    fn step(&mut self, paper: Paper) -> bool {
        let Some(seq) = turn(&self.places(), self.last) else {
            let left = self.items.iter().any(|i| i.aside);
            self.event(if left { BatchEvent::OnlyAsideLeft } else { BatchEvent::AllThrough });
            return false;
        };
        let nth = self.items.iter().map(|i| i.nth).max().unwrap_or(0) + 1;
        let item = &mut self.items[seq as usize - 1];
        // A job of which nothing was taken is sent as it is.
        let waiting = item.nth > 0 && matches!(item.jobs.last(), Some(PrintState::Queued));
        if !waiting {
            item.jobs.push(PrintState::Queued);
            item.nth = nth;
            self.by_machine += 1;
        }
        let mut job = PrintState::Queued;
        for event in [PrintEvent::Drawn, PrintEvent::Start] {
            job = journal::next(job, event).expect("a queued job can be sent");
        }
        let (event, trouble) = match paper {
            Paper::Out | Paper::Swallowed => (PrintEvent::AllTaken, false),
            Paper::Refused => (PrintEvent::NothingAccepted, true),
            Paper::Torn | Paper::OutUnsaid => (PrintEvent::Interrupted, true),
        };
        job = journal::next(job, event).expect("a job being sent ends");
        *item.jobs.last_mut().expect("it was begun") = job;
        let nth = item.nth;
        if matches!(paper, Paper::Out | Paper::OutUnsaid) {
            self.whole.push((seq, nth));
        }
        if job.may_be_on_paper() {
            self.last = seq;
        }
        if trouble || matches!(paper, Paper::Swallowed) {
            // A swallowed label is noticed by the device (paper out) or by the person at the pile: it stops.
            self.event(BatchEvent::Trouble);
        }
        true
    }

    /// The person looks at the table: the last label up to which all are there is the last good one; whatever lies
    /// beyond it goes into the bin.
    fn person(&mut self) {
        let out = |t: &Self, nth: u32| t.whole.iter().any(|(_, n)| *n == nth);
        let sent = self.items.iter().filter(|i| i.nth > 0 && i.jobs.last().is_some_and(|s| s.may_be_on_paper()));
        let mut places: Vec<u32> = sent.map(|i| i.nth).collect();
        places.sort_unstable();
        let last_good = places.iter().copied().take_while(|nth| out(self, *nth)).last().unwrap_or(0);
        self.whole.retain(|(_, nth)| *nth <= last_good);
        let said = Resume { last_good };
        for i in &mut self.items {
            if i.nth > 0 && said.wants_again(i.nth) && i.jobs.last().is_some_and(|s| s.may_be_on_paper()) {
                i.nth = 0;
            }
        }
        let out = self.items.iter().filter(|i| i.nth > 0 && i.jobs.last().is_some_and(|s| s.may_be_on_paper()));
        self.last = out.max_by_key(|i| i.nth).map_or(0, |i| i.seq);
        self.event(BatchEvent::Resume);
        self.by_machine = 0;
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 10_000, failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever the printer does: after the person's words every label is on the table once, in the order of the screen
    /// (what was mended late at the end), and no label was begun twice between two words.
    #[test]
    fn every_label_is_on_the_table_once_in_order(
        count in 1u32..40,
        aside in 0u32..40,
        papers in prop::collection::vec(paper(), 0..60),
        mend_at in 0usize..80,
    ) {
        let mut table = Table::new(count, aside);
        let mut papers = papers.into_iter();
        for round in 0..400 {
            if round == mend_at {
                table.items.iter_mut().for_each(|i| i.aside = false);
                if table.state == BatchState::Paused {
                    table.person();
                }
            }
            match table.state {
                BatchState::Running => {
                    table.step(papers.next().unwrap_or(Paper::Out));
                    prop_assert!(table.by_machine <= count, "a label was begun twice without a person");
                }
                BatchState::Stopped => table.person(),
                BatchState::Paused if round < mend_at => {}
                BatchState::Paused | BatchState::Done => break,
            }
        }
        prop_assert_eq!(table.state, BatchState::Done);
        let seqs: Vec<u32> = table.whole.iter().map(|(seq, _)| *seq).collect();
        let mut each = seqs.clone();
        each.sort_unstable();
        prop_assert_eq!(&each, &(1..=count).collect::<Vec<_>>(), "each once");
        let others: Vec<u32> = seqs.iter().copied().filter(|s| *s != aside).collect();
        prop_assert!(others.is_sorted(), "paper = screen: {:?}", seqs);
        for i in &table.items {
            prop_assert!(i.jobs[..i.jobs.len() - 1].iter().all(|s| s.may_be_on_paper()), "only what may be out is made again");
        }
    }
}
