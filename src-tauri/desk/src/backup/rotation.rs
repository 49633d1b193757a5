//! Which backups stay, and when the next is due. Days are China's, as on labels.

use domain::clock::Millis;
use std::collections::{BTreeMap, BTreeSet};

const DAYS: usize = 7;
const WEEKS: usize = 4;
const MONTHS: usize = 12;
/// The hour at which nobody prints.
const NIGHT: i8 = 2;

fn zoned(t: Millis) -> jiff::Zoned {
    let china = jiff::tz::TimeZone::fixed(jiff::tz::offset(8));
    jiff::Timestamp::from_millisecond(t.0).unwrap_or(jiff::Timestamp::UNIX_EPOCH).to_zoned(china)
}

/// Those that stay: the newest of each of the last 7 days, 4 weeks and 12 months that have one. So the newest of all stays,
/// and a computer that was off for a year has lost none of them by that.
pub(super) fn keep(backups: &[(i64, Millis)]) -> BTreeSet<i64> {
    let mut days: BTreeMap<jiff::civil::Date, (Millis, i64)> = BTreeMap::new();
    let mut weeks = BTreeMap::new();
    let mut months = BTreeMap::new();
    for (id, at) in backups {
        let date = zoned(*at).date();
        let week = date.iso_week_date();
        let newest = (*at, *id);
        for slot in [
            days.entry(date).or_insert(newest),
            weeks.entry((week.year(), week.week())).or_insert(newest),
            months.entry((date.year(), date.month())).or_insert(newest),
        ] {
            *slot = (*slot).max(newest);
        }
    }
    let last = |of: Vec<(Millis, i64)>, n: usize| of.into_iter().rev().take(n).map(|(_, id)| id).collect::<Vec<_>>();
    let mut keep: BTreeSet<i64> = BTreeSet::new();
    keep.extend(last(days.into_values().collect(), DAYS));
    keep.extend(last(weeks.into_values().collect(), WEEKS));
    keep.extend(last(months.into_values().collect(), MONTHS));
    keep
}

/// The last two o'clock in the night that is over.
pub(super) fn last_night(now: Millis) -> Millis {
    let here = zoned(now);
    let two = |date: jiff::civil::Date| {
        date.at(NIGHT, 0, 0, 0)
            .to_zoned(here.time_zone().clone())
            .map_or(now, |z| Millis(z.timestamp().as_millisecond()))
    };
    let today = two(here.date());
    if today <= now { today } else { here.date().yesterday().map_or(today, two) }
}

/// As in a file's name: `20261127-020000`.
pub(crate) fn stamp(t: Millis) -> String {
    zoned(t).strftime("%Y%m%d-%H%M%S").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::time::Duration;

    const DAY: u64 = 24 * 3600;
    /// 2026-11-27 02:00 in China.
    const NIGHT: Millis = Millis(1_795_716_000_000);

    fn nights(n: u64) -> Vec<(i64, Millis)> {
        (0..n)
            .map(|d| (i64::try_from(d).unwrap(), Millis(NIGHT.0 - i64::try_from((n - 1 - d) * DAY * 1000).unwrap())))
            .collect()
    }

    #[test]
    fn two_years_of_nights_leave_seven_days_four_weeks_and_twelve_months() {
        // Night by night, as it happens: what was removed does not come back.
        let mut there: Vec<(i64, Millis)> = Vec::new();
        for night in nights(730) {
            there.push(night);
            let keep = keep(&there);
            there.retain(|(id, _)| keep.contains(id));
            assert!(there.contains(&night), "the newest stays");
        }
        let dates: Vec<String> = there.iter().map(|(_, t)| zoned(*t).strftime("%F").to_string()).collect();
        let days = &dates[dates.len() - 7..];
        assert_eq!(days.first().map(String::as_str), Some("2026-11-21"), "seven days: {dates:?}");
        let weeks: BTreeSet<_> =
            there.iter().map(|(_, t)| zoned(*t).date().iso_week_date()).map(|w| (w.year(), w.week())).collect();
        let months: BTreeSet<_> = there.iter().map(|(_, t)| zoned(*t).strftime("%Y-%m").to_string()).collect();
        assert!(weeks.len() >= 4, "{dates:?}");
        assert_eq!(months.len(), 12, "{dates:?}");
        assert_eq!(months.first().map(String::as_str), Some("2025-12"));
        assert!(there.len() <= 7 + 4 + 12, "{dates:?}");
    }

    #[test]
    fn the_night_is_over_at_two() {
        assert_eq!(stamp(NIGHT), "20261127-020000");
        assert_eq!(last_night(NIGHT), NIGHT);
        assert_eq!(last_night(NIGHT.plus(Duration::from_secs(DAY - 1))), NIGHT);
        let before = Millis(NIGHT.0 - 1);
        assert_eq!(last_night(before), Millis(NIGHT.0 - 86_400_000));
    }

    proptest! {
        #[test]
        fn the_newest_stays_and_keeping_again_removes_nothing(times in proptest::collection::vec(0i64..200_000, 0..80)) {
            let all: Vec<(i64, Millis)> =
                times.iter().zip(0..).map(|(m, id)| (id, Millis(1_700_000_000_000 + m * 600_000))).collect();
            let kept = keep(&all);
            prop_assert!(kept.len() <= DAYS + WEEKS + MONTHS);
            if let Some(newest) = all.iter().map(|(id, t)| (*t, *id)).max() {
                prop_assert!(kept.contains(&newest.1));
            }
            let left: Vec<_> = all.into_iter().filter(|(id, _)| kept.contains(id)).collect();
            prop_assert_eq!(keep(&left), kept);
        }
    }
}
