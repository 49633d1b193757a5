//! Hides what a label and a screen need not show: GB/T 41833 asks for ≥ 1 character of the name, ≥ 6 digits of the
//! phone, and the unit and room of the address.

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
    c[..keep].iter().collect::<String>() + "***"
}

#[cfg(test)]
mod tests {
    use super::*;

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
