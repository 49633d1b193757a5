//! Faults on request: what the market does wrong, to which method, how often. Drawn from a seeded source, so that a
//! run can be repeated. Set in process ([`Faults`]) or over `/control/faults`.
//!
//! Methods are TOP method names (`cainiao.waybill.ii.get`) and, for the OAuth doors, `taobao.token`,
//! `standard.token`, `standard.revoke`, `standard.userinfo`. A pattern may hold `*`.

use domain::chance::SeededChance;
use serde::{Deserialize, Serialize};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// One way to go wrong. "Acts" means: charges, cancels, spends the code; it is in the ledger before anything else.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Fault {
    /// Waits before acting. The only fault that adds up with others.
    Delay {
        /// Milliseconds.
        ms: u64,
    },
    /// Never acts: holds the line, then closes it without an answer.
    TimeoutBefore {
        /// How long the line is held, milliseconds; 0 closes at once.
        #[serde(default)]
        hold_ms: u64,
    },
    /// Acts, holds the line, then closes it without an answer.
    TimeoutAfter {
        /// How long the line is held, milliseconds; 0 closes at once.
        #[serde(default)]
        hold_ms: u64,
    },
    /// Never acts, answers this HTTP status.
    HttpBefore {
        /// For example 502.
        status: u16,
    },
    /// Acts, answers this HTTP status.
    HttpAfter {
        /// For example 504.
        status: u16,
    },
    /// Never acts, answers this business error.
    Refuse {
        /// `sub_code`.
        sub_code: String,
        /// `sub_msg`, for example `电子面单余额不足`.
        sub_msg: String,
    },
    /// Contradiction: acts, then answers a business error as if nothing had been done.
    SaysRefused {
        /// `sub_code`.
        #[serde(default = "says_refused_code")]
        sub_code: String,
        /// `sub_msg`, for example `该订单已经取过号`.
        #[serde(default = "says_refused_msg")]
        sub_msg: String,
    },
    /// Contradiction: a look-up answers "none" although the number is there (a lagging index).
    SaysNone,
    /// Acts, answers 200 with a body nobody can read.
    Garbage,
    /// Acts, then the line breaks after this many bytes of the answer (HTTP head included).
    CutShort {
        /// Bytes that still arrive.
        bytes: usize,
    },
    /// Does not act, answers code 7 (app call limited).
    Throttled,
    /// Does not act, answers code 27 although the session lives.
    Expired,
    /// Does not act, answers 15 with an `isp.` sub code: the platform's own trouble.
    Unwell,
    /// Acts, gives encrypted print data although plain data was asked for.
    Encrypted,
    /// Acts, the answer arrives byte by byte.
    Trickle {
        /// Milliseconds between two bytes.
        ms: u64,
    },
}

fn says_refused_code() -> String {
    "isv.invalid-parameter".into()
}
fn says_refused_msg() -> String {
    "该订单已经取过号,请勿重复获取".into()
}

/// How often a plan fires.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Times {
    /// This many calls.
    Count(u32),
    /// Every call until cleared.
    Always,
    /// So many of a thousand calls, by the seeded source.
    PerMille(u16),
}

impl Default for Times {
    fn default() -> Self {
        Self::Count(1)
    }
}

/// A fault, where and when. JSON: `{"method":"cainiao.waybill.ii.get","fault":{"kind":"timeout_after"},"times":{"count":3}}`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FaultPlan {
    /// Method name; `*` stands for anything.
    pub method: String,
    /// What happens.
    pub fault: Fault,
    /// Calls let through before the first one that fails.
    #[serde(default)]
    pub skip: u32,
    /// How often.
    #[serde(default)]
    pub times: Times,
}

impl FaultPlan {
    /// Fires once, at the next call of `method`.
    pub fn once(method: &str, fault: Fault) -> Self {
        Self { method: method.into(), fault, skip: 0, times: Times::Count(1) }
    }
}

/// A plan and what became of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FaultState {
    /// For [`Faults::remove`].
    pub id: u64,
    /// As it was set.
    pub plan: FaultPlan,
    /// How often it fired.
    pub fired: u32,
}

/// What happens to one call.
#[derive(Clone, Debug, Default)]
pub(crate) struct Drawn {
    pub(crate) delay: Duration,
    pub(crate) fault: Option<Fault>,
}

/// The plans in force. For each call all delays that fire add up, and of the others the first set that fires wins.
pub struct Faults {
    plans: Mutex<Plans>,
    chance: SeededChance,
}

#[derive(Default)]
struct Plans {
    next_id: u64,
    list: Vec<Entry>,
}

struct Entry {
    state: FaultState,
    skip_left: u32,
}

impl Faults {
    pub(crate) fn new(seed: u64) -> Self {
        Self { plans: Mutex::default(), chance: SeededChance::new(seed ^ 0xfa17_5eed) }
    }

    /// Adds a plan; the id is for [`Faults::remove`].
    pub fn add(&self, plan: FaultPlan) -> u64 {
        let mut p = self.plans();
        p.next_id += 1;
        let id = p.next_id;
        p.list.push(Entry { skip_left: plan.skip, state: FaultState { id, plan, fired: 0 } });
        id
    }

    /// Takes one plan away; says whether it was there.
    pub fn remove(&self, id: u64) -> bool {
        let mut p = self.plans();
        let before = p.list.len();
        p.list.retain(|e| e.state.id != id);
        p.list.len() != before
    }

    /// Takes all plans away.
    pub fn clear(&self) {
        self.plans().list.clear();
    }

    /// All plans, spent ones too.
    pub fn list(&self) -> Vec<FaultState> {
        self.plans().list.iter().map(|e| e.state.clone()).collect()
    }

    pub(crate) fn draw(&self, method: &str) -> Drawn {
        let mut drawn = Drawn::default();
        for e in &mut self.plans().list {
            let is_delay = matches!(e.state.plan.fault, Fault::Delay { .. });
            if !matches(&e.state.plan.method, method) || (!is_delay && drawn.fault.is_some()) {
                continue;
            }
            if let Times::Count(n) = e.state.plan.times
                && e.state.fired >= n
            {
                continue;
            }
            if e.skip_left > 0 {
                e.skip_left -= 1;
                continue;
            }
            if let Times::PerMille(p) = e.state.plan.times
                && self.chance.next_u64() % 1000 >= u64::from(p)
            {
                continue;
            }
            e.state.fired += 1;
            match &e.state.plan.fault {
                Fault::Delay { ms } => drawn.delay += Duration::from_millis(*ms),
                other => drawn.fault = Some(other.clone()),
            }
        }
        drawn
    }

    fn plans(&self) -> std::sync::MutexGuard<'_, Plans> {
        self.plans.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// `*` in the pattern stands for any run of characters.
fn matches(pattern: &str, method: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == method,
        Some((head, rest)) => {
            let Some(tail) = method.strip_prefix(head) else { return false };
            (0..=tail.len()).filter(|i| tail.is_char_boundary(*i)).any(|i| matches(rest, &tail[i..]))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_matches_with_stars_anywhere() {
        for (p, m, yes) in [
            ("cainiao.waybill.ii.get", "cainiao.waybill.ii.get", true),
            ("cainiao.*", "cainiao.waybill.ii.get", true),
            ("*.query.*", "cainiao.waybill.ii.query.by.tradecode", true),
            ("*", "standard.token", true),
            ("cainiao.waybill.ii.get", "cainiao.waybill.ii.get2", false),
            ("*.query.*", "cainiao.waybill.ii.get", false),
        ] {
            assert_eq!(matches(p, m), yes, "{p} on {m}");
        }
    }

    #[test]
    fn a_plan_fires_as_often_as_it_says_and_delays_add_up() {
        let f = Faults::new(1);
        f.add(FaultPlan { method: "a".into(), fault: Fault::Delay { ms: 5 }, skip: 0, times: Times::Always });
        f.add(FaultPlan { method: "a".into(), fault: Fault::Throttled, skip: 1, times: Times::Count(2) });
        f.add(FaultPlan { method: "a".into(), fault: Fault::Delay { ms: 7 }, skip: 0, times: Times::Count(1) });
        let drawn: Vec<_> = (0..4).map(|_| f.draw("a")).collect();
        assert_eq!(drawn[0].delay, Duration::from_millis(12), "both delays hold");
        assert_eq!(drawn[1].delay, Duration::from_millis(5), "the second delay was for one call");
        let fired: Vec<_> = drawn.iter().map(|d| d.fault.is_some()).collect();
        assert_eq!(fired, [false, true, true, false], "one skipped, two fired");
    }

    #[test]
    fn chance_is_repeatable_from_the_seed_and_near_what_was_asked() {
        let run = |seed| {
            let f = Faults::new(seed);
            f.add(FaultPlan { method: "*".into(), fault: Fault::Garbage, skip: 0, times: Times::PerMille(250) });
            (0..4000).map(|_| f.draw("x").fault.is_some()).collect::<Vec<_>>()
        };
        assert_eq!(run(7), run(7), "same seed, same faults");
        assert_ne!(run(7), run(8), "another seed, other faults");
        let n = run(7).iter().filter(|x| **x).count();
        assert!((900..1100).contains(&n), "a quarter of 4000, not {n}");
    }

    #[test]
    fn plans_read_from_the_json_that_is_documented() {
        let p: FaultPlan = serde_json::from_str(
            r#"{"method":"cainiao.waybill.ii.get","fault":{"kind":"timeout_after"},"times":{"count":3}}"#,
        )
        .unwrap();
        assert_eq!(p.fault, Fault::TimeoutAfter { hold_ms: 0 });
        assert_eq!(p.times, Times::Count(3));
        let p: FaultPlan =
            serde_json::from_str(r#"{"method":"*","fault":{"kind":"says_none"},"times":"always"}"#).unwrap();
        assert_eq!(p.times, Times::Always);
    }
}
