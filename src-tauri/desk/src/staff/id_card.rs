//! Numbers of mainland identity cards (GB 11643): 17 digits and a check character. Looked at, never kept: what is kept is the
//! store's keyed hash.

/// The number in its one form (capital X), if its check character is right.
pub fn read(text: &str) -> Option<String> {
    let number: String = text.chars().filter(|c| !c.is_whitespace()).collect::<String>().to_uppercase();
    let digits: Vec<u32> = number.chars().take(17).filter_map(|c| c.to_digit(10)).collect();
    if number.chars().count() != 18 || digits.len() != 17 {
        return None;
    }
    // The weights are powers of two, modulo 11, from the right.
    let sum: u32 = digits.iter().zip((1..=17_u32).rev()).map(|(d, n)| d * (2_u32.pow(n) % 11)).sum();
    let check = "10X98765432".chars().nth(usize::try_from(sum % 11).ok()?)?;
    number.ends_with(check).then_some(number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_check_character_is_checked() {
        // The example of GB 11643-1999.
        assert_eq!(read("11010519491231002X").as_deref(), Some("11010519491231002X"));
        assert_eq!(read(" 110105 19491231 002x ").as_deref(), Some("11010519491231002X"));
        assert_eq!(read("440524188001010014").as_deref(), Some("440524188001010014"));
        for wrong in
            ["110105194912310021", "11010519491231002", "11010519491231003X", "", "H12345678", "11010519491231002XX"]
        {
            assert_eq!(read(wrong), None, "{wrong}");
        }
        // One digit wrong is always found.
        let right = "440524188001010014";
        for i in 0..17 {
            for d in '0'..='9' {
                let mut other: Vec<char> = right.chars().collect();
                if other[i] != d {
                    other[i] = d;
                    assert_eq!(read(&other.into_iter().collect::<String>()), None);
                }
            }
        }
    }
}
