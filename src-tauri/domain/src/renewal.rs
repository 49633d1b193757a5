//! When a grant is renewed, and when a person is reminded that it ends. Pure.
//!
//! A refresh token may be good for one showing only, and showing it again may end the whole family (RFC 9700 §4.14.2).
//! So each showing is counted before it is made: one, one more soon after an answer was lost, and one after a crash.

use crate::clock::Millis;
use std::time::Duration;

/// After a lost answer the same token is shown again this soon: servers that forgive a second showing do so for 10 to 60 s.
pub const SECOND_AFTER: Duration = Duration::from_secs(5);
/// No token is shown more often than this.
pub const MOST_SHOWINGS: u32 = 3;
/// A press on "renew now" within this time of a renewal changes nothing.
pub const JUST_NOW: Duration = Duration::from_secs(60);
/// Between two presses that came to nothing.
const PRESS_AGAIN: Duration = Duration::from_secs(10);
/// Days before its end at which people are told about a grant that will not renew itself.
pub const REMINDERS: [u8; 4] = [1, 3, 7, 14];

const HOUR: Duration = Duration::from_secs(3600);
const DAY_MS: i64 = 24 * 3600 * 1000;

/// What the desk knows of the renewals of one grant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Renewal {
    /// When the tokens of now came.
    pub since: Millis,
    /// When the access token ends, if it does.
    pub expires: Option<Millis>,
    /// When the refresh token was shown last.
    pub asked: Option<Millis>,
    /// How often it was shown without an end being known.
    pub tries: u32,
    /// Why it is not renewed any more: `lost`, `refused`; or `app`: not at the moment. Empty = nothing is wrong.
    pub trouble: String,
}

impl Renewal {
    /// When it is renewed: at two thirds of its life, a tenth earlier or later (by `seed`, so that a desk with many grants
    /// does not come with all of them at once). `None`: it has no end.
    pub fn planned(&self, seed: u64) -> Option<Millis> {
        let life = self.expires?.0.saturating_sub(self.since.0).max(0);
        // 600 to 733 thousandths: 2/3 × 0.9 to 2/3 × 1.1.
        let share = 600 + i64::try_from(seed % 134).unwrap_or(0);
        Some(Millis(self.since.0 + life / 1000 * share))
    }

    /// Whether the refresh token may be shown now.
    pub fn is_due(&self, now: Millis, seed: u64) -> bool {
        let Some(planned) = self.planned(seed) else { return false };
        self.may_be_shown(now) && (self.tries > 0 || now >= planned)
    }

    /// Whether nothing forbids showing it, were somebody to ask.
    pub fn may_be_shown(&self, now: Millis) -> bool {
        self.allows(now, self.wait(now))
    }

    /// The same for a person's press: who mended the network does not wait an hour.
    pub fn may_be_pressed(&self, now: Millis) -> bool {
        self.allows(now, self.wait(now).min(PRESS_AGAIN))
    }

    fn allows(&self, now: Millis, wait: Duration) -> bool {
        if matches!(self.trouble.as_str(), "lost" | "refused") || self.tries >= MOST_SHOWINGS {
            return false;
        }
        let Some(asked) = self.asked else { return true };
        // A clock that went back must not keep it waiting.
        now < asked || now.since(asked) >= wait
    }

    /// How long to wait after the last showing. Nothing was done by it, or it is not known what was.
    fn wait(&self, now: Millis) -> Duration {
        if self.tries > 0 {
            return SECOND_AFTER;
        }
        if self.trouble == "app" {
            return HOUR;
        }
        let left = self.expires.map_or(Duration::ZERO, |end| end.since(now));
        (left / 20).clamp(Duration::from_secs(60), HOUR)
    }

    /// Whole days until the end, rounded up; 0 = over.
    pub fn days_left(&self, now: Millis) -> Option<i64> {
        self.expires.map(|end| (end.0.saturating_sub(now.0).max(0) + DAY_MS - 1) / DAY_MS)
    }

    /// The reminder that stands now: 14, 7, 3, 1, or 0 = none.
    pub fn reminder(&self, now: Millis) -> u8 {
        let left = self.days_left(now).unwrap_or(i64::MAX);
        REMINDERS.into_iter().find(|days| left <= i64::from(*days)).unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: i64 = DAY_MS;

    fn month() -> Renewal {
        Renewal { since: Millis(0), expires: Some(Millis(30 * DAY)), asked: None, tries: 0, trouble: String::new() }
    }

    #[test]
    fn it_is_due_at_two_thirds_and_not_for_all_at_once() {
        let times: Vec<i64> = (0..1000).map(|seed| month().planned(seed).unwrap().0).collect();
        assert_eq!((times.iter().min(), times.iter().max()), (Some(&(18 * DAY)), Some(&(30 * DAY / 1000 * 733))));
        assert!(times.windows(2).any(|two| two[0] != two[1]), "grants of one hour are not renewed at one time");
        assert!(!month().is_due(Millis(18 * DAY - 1), 0) && month().is_due(Millis(18 * DAY), 0));
        assert!(!Renewal { expires: None, ..month() }.is_due(Millis(i64::MAX), 0), "what does not end is not renewed");
    }

    #[test]
    fn a_lost_answer_is_asked_for_once_more_and_no_token_is_shown_four_times() {
        let at = |tries, asked| Renewal { tries, asked: Some(Millis(asked)), ..month() };
        assert!(!at(1, 100_000).is_due(Millis(104_999), 0), "not at once");
        assert!(at(1, 100_000).is_due(Millis(105_000), 0), "soon, though not planned yet");
        assert!(at(2, 100_000).is_due(Millis(105_000), 0), "after a crash");
        assert!(!at(3, 100_000).is_due(Millis(25 * DAY), 0), "never a fourth time");
        for trouble in ["lost", "refused"] {
            let over = Renewal { trouble: trouble.to_owned(), ..month() };
            assert!(!over.is_due(Millis(29 * DAY), 0), "{trouble}: that token is not shown again");
        }
    }

    #[test]
    fn what_did_nothing_is_tried_again_ever_sooner_and_a_clock_that_went_back_does_not_stop_it() {
        let shown = |asked, now| Renewal { asked: Some(Millis(asked)), ..month() }.is_due(Millis(now), 0);
        let hour = 3_600_000;
        assert!(!shown(20 * DAY, 20 * DAY + hour - 1) && shown(20 * DAY, 20 * DAY + hour), "days are left: an hour");
        let end = 30 * DAY;
        assert!(!shown(end - 300_000, end - 240_001) && shown(end - 300_000, end - 240_000), "minutes left: a minute");
        let pressed = Renewal { asked: Some(Millis(20 * DAY)), ..month() };
        let at = |ms| pressed.may_be_pressed(Millis(20 * DAY + ms));
        assert!(!at(9_999) && at(10_000), "a person does not wait an hour");
        assert!(shown(26 * DAY, 25 * DAY), "the last showing lies in the future");
        let app = Renewal { trouble: "app".to_owned(), asked: Some(Millis(end - 300_000)), ..month() };
        assert!(!app.is_due(Millis(end), 0), "a wrong app key is not tried every minute");
    }

    #[test]
    fn reminders_come_at_fourteen_seven_three_and_one_day() {
        let days = |left: i64| month().reminder(Millis(30 * DAY - left));
        let seen = [15 * DAY, 14 * DAY, 7 * DAY + 1, 7 * DAY, 3 * DAY, DAY, 1, -5].map(days);
        assert_eq!(seen, [0, 14, 14, 7, 3, 1, 1, 1]);
        assert_eq!(month().days_left(Millis(30 * DAY - 1)), Some(1), "a started day counts");
        assert_eq!(month().days_left(Millis(31 * DAY)), Some(0));
    }
}
