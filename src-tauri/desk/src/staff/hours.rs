//! Login hours (R111), in China's time, whose days have no summer time.

use crate::store::Hours;
use domain::clock::Millis;
use jiff::Timestamp;
use jiff::tz::TimeZone;

/// Whether somebody with these hours may be here now; without any, always.
pub fn are_now(hours: &[Hours], now: Millis) -> bool {
    if hours.is_empty() {
        return true;
    }
    let Ok(moment) = Timestamp::from_millisecond(now.0) else { return false };
    let local = moment.to_zoned(zone());
    let day = usize::try_from(local.weekday().to_monday_zero_offset()).unwrap_or(0);
    let minute = u16::try_from(i32::from(local.hour()) * 60 + i32::from(local.minute())).unwrap_or(0);
    hours.iter().any(|h| {
        if h.from < h.to {
            h.days[day] && (h.from..h.to).contains(&minute)
        } else {
            // Over midnight: the evening of this day, or the morning after the day before.
            h.days[day] && minute >= h.from || h.days[(day + 6) % 7] && minute < h.to
        }
    })
}

/// Whether these spans can be kept: whole minutes of a day, on some day.
pub fn are_sound(hours: &[Hours]) -> bool {
    hours.len() <= 14 && hours.iter().all(|h| h.from < 1440 && h.to <= 1440 && h.days.iter().any(|d| *d))
}

/// One zone for everybody, whatever the computer says.
fn zone() -> TimeZone {
    TimeZone::fixed(jiff::tz::offset(8))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Millis {
        Millis(text.parse::<Timestamp>().unwrap().as_millisecond())
    }

    #[test]
    fn spans_hold_by_the_minute_and_over_midnight() {
        let weekdays = [true, true, true, true, true, false, false];
        let day = [Hours { days: weekdays, from: 9 * 60, to: 18 * 60 }];
        // 2026-11-27 is a Friday.
        for (moment, within) in [
            ("2026-11-27T08:59:59.999+08:00", false),
            ("2026-11-27T09:00+08:00", true),
            ("2026-11-27T17:59:59.999+08:00", true),
            ("2026-11-27T18:00+08:00", false),
            ("2026-11-28T12:00+08:00", false),
            // Summer time elsewhere changes nothing here.
            ("2026-07-01T12:00+08:00", true),
        ] {
            assert_eq!(are_now(&day, at(moment)), within, "{moment}");
        }
        let night = [Hours { days: weekdays, from: 20 * 60, to: 4 * 60 }];
        for (moment, within) in [
            ("2026-11-27T19:59+08:00", false),
            ("2026-11-27T20:00+08:00", true),
            ("2026-11-28T03:59+08:00", true),
            ("2026-11-28T04:00+08:00", false),
            ("2026-11-28T20:00+08:00", false),
            // Sunday's night is nobody's, Monday's begins in the evening.
            ("2026-11-30T03:00+08:00", false),
            ("2026-11-30T20:00+08:00", true),
        ] {
            assert_eq!(are_now(&night, at(moment)), within, "{moment}");
        }
        assert!(are_now(&[], at("2026-11-28T03:00+08:00")), "no hours, no limit");
        assert!(!are_sound(&[Hours { days: [false; 7], from: 0, to: 60 }]));
        assert!(!are_sound(&[Hours { days: weekdays, from: 1440, to: 60 }]));
        assert!(are_sound(&day) && are_sound(&night));
    }
}
