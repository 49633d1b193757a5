//! Hides what a label and a screen need not show: GB/T 41833 asks for ≥ 1 character of the name, ≥ 6 digits of the
//! phone, and the unit and room of the address. Also says of a finished label whether that much is hidden.

use crate::label_data::LabelData;

/// `张三` → `张*`, `欧阳明` → `欧*明`, `A` → `*`. At least one character is hidden, whatever the length.
pub fn name(s: &str) -> String {
    let c: Vec<char> = s.trim().chars().collect();
    match c.len() {
        0 => String::new(),
        1 => "*".into(),
        2 => format!("{}*", c[0]),
        n => {
            let mut out = String::new();
            out.push(c[0]);
            out.extend(std::iter::repeat_n('*', n - 2));
            out.push(c[n - 1]);
            out
        }
    }
}

/// At least six digits become `*`, from the fourth digit on where there are enough; an extension is kept whole only
/// when six digits before it are already hidden. `13812345678` → `138******78`, `0571-88123456` → `057*-*****456`.
pub fn phone(s: &str) -> String {
    let digits = s.chars().filter(char::is_ascii_digit).count();
    let first = if digits >= 11 { 3 } else { digits.saturating_sub(6) / 2 };
    let mut seen = 0;
    s.chars()
        .map(|c| {
            if !c.is_ascii_digit() {
                return c;
            }
            seen += 1;
            if seen > first && seen <= first + 6 { '*' } else { c }
        })
        .collect()
}

/// Keeps the detail up to and with the street, lane or number (路 街 道 巷 弄 村 镇 号 …), hides the rest; where none is found,
/// keeps the first third, at most six characters. The rest becomes `***`, whatever its length.
pub fn detail(s: &str) -> String {
    let c: Vec<char> = s.trim().chars().collect();
    if c.is_empty() {
        return String::new();
    }
    let stop = c.iter().position(|x| matches!(x, '路' | '街' | '巷' | '弄' | '道' | '村' | '镇' | '乡'));
    let keep = match stop {
        Some(i) if i + 1 < c.len() => i + 1,
        _ => (c.len() / 3).min(6),
    };
    // A room before the street (`501室文一西路`) would be kept otherwise.
    let keep = unit_or_room(&c[..keep]).unwrap_or(keep);
    c[..keep].iter().collect::<String>() + "***"
}

/// Which texts of a label show more than the standard's least: `recipient.name`, `sender.phone` … as paths in the data.
/// Empty when all is hidden that must be. For a last look before printing; it draws no conclusion and changes nothing.
///
/// A name needs one hidden character. A phone needs six hidden digits, or none shown. An address needs something hidden
/// and may show no unit or room. Empty texts show nothing.
pub fn shown_too_much(label: &LabelData) -> Vec<String> {
    let mut open = Vec::new();
    for (side, party) in [("recipient", &label.recipient), ("sender", &label.sender)] {
        for (field, too_open) in [
            ("name", name_is_open(&party.name)),
            ("phone", phone_is_open(&party.phone)),
            ("address", address_is_open(&party.address)),
        ] {
            if too_open {
                open.push(format!("{side}.{field}"));
            }
        }
    }
    open
}

fn name_is_open(s: &str) -> bool {
    !s.trim().is_empty() && !s.contains('*')
}

fn phone_is_open(s: &str) -> bool {
    s.contains(|c: char| c.is_ascii_digit()) && s.matches('*').count() < 6
}

fn address_is_open(s: &str) -> bool {
    let c: Vec<char> = s.trim().chars().collect();
    !c.is_empty() && (!c.contains(&'*') || unit_or_room(&c).is_some())
}

/// Where a unit or a room begins: a number before 单元, 室, 房 or 户, or numbers joined by dashes that no 号 ends (5-2-501).
fn unit_or_room(c: &[char]) -> Option<usize> {
    let digit = |i: usize| c.get(i).is_some_and(|x| x.is_ascii_digit() || ('０'..='９').contains(x));
    let mut at = 0;
    while at < c.len() {
        if !digit(at) {
            at += 1;
            continue;
        }
        let from = at;
        let mut dashes = 0;
        while digit(at) || (matches!(c.get(at), Some('-' | '－' | '—')) && digit(at + 1)) {
            dashes += usize::from(!digit(at));
            at += 1;
        }
        let unit = match c.get(at) {
            Some('单') => c.get(at + 1) == Some(&'元'),
            Some('室' | '房' | '户') => true,
            Some('号') => c.get(at + 1) == Some(&'房'),
            _ => dashes > 0,
        };
        if unit {
            return Some(from);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::label_data::Party;
    use proptest::prelude::{prop_assert_eq, proptest};

    fn open(name: &str, phone: &str, address: &str) -> Vec<String> {
        let recipient = Party { name: name.into(), phone: phone.into(), address: address.into() };
        shown_too_much(&LabelData { recipient, ..LabelData::default() })
    }

    #[test]
    fn what_shows_too_much_is_named() {
        assert_eq!(open("张*", "138******78", "浙江省杭州市余杭区文一西路***"), Vec::<String>::new());
        assert_eq!(open("", "", ""), Vec::<String>::new(), "nothing shows nothing");
        assert_eq!(
            open("张三", "138****5678", "文一西路1号"),
            ["recipient.name", "recipient.phone", "recipient.address"]
        );
        assert_eq!(open("张*", "*****", "文一西路5-7号***"), Vec::<String>::new(), "numbers of houses may stay");
        for shown in ["3幢2单元***", "501室***", "阳光花园3-2-501***", "12号房***", "8户***", "5－501***"] {
            assert_eq!(open("张*", "", shown), ["recipient.address"], "{shown}");
        }
        let sender = Party { name: "李四".into(), ..Party::default() };
        assert_eq!(shown_too_much(&LabelData { sender, ..LabelData::default() }), ["sender.name"]);
    }

    proptest! {
        #[test]
        fn what_this_module_masks_never_shows_too_much(
            who in "[一-龥A-Za-z ·]{0,6}", number in "[0-9+ -]{0,20}",
            house in "[文一西路街道村镇花园小区0-9A-Z-]{0,12}(号|幢|栋|座)?[0-9-]{0,5}(单元|室|房|户)?[路街]?[0-9]{0,4}",
        ) {
            prop_assert_eq!(open(&name(&who), &phone(&number), &detail(&house)), Vec::<String>::new());
        }
    }

    #[test]
    fn each_part_hides_what_the_standard_asks() {
        assert_eq!(name("张三"), "张*");
        assert_eq!(name("欧阳明"), "欧*明");
        assert_eq!(phone("13812345678"), "138******78");
        assert_eq!(detail("余杭塘路866号3幢2单元501室"), "余杭塘路***");
        for p in ["0571-88123456", "123456", "18877771111-123", "+86 138 0013 8000"] {
            assert!(phone(p).matches('*').count() >= 6, "six digits of {p} are hidden: {}", phone(p));
        }
        for d in ["1室", "A", "阳光花园3幢501", "路", "文一西路"] {
            assert!(detail(d).ends_with("***") && !detail(d).contains("501"), "{d} → {}", detail(d));
        }
    }
}
