//! Which two of five elements are wide, for the digits: shared by Interleaved 2 of 5 and by the bars of Code 39.

/// By digit. The weights of the five places are 1, 2, 4, 7 and parity (ISO/IEC 16390, 4.3).
pub const WIDE: [[u8; 5]; 10] = [
    [0, 0, 1, 1, 0],
    [1, 0, 0, 0, 1],
    [0, 1, 0, 0, 1],
    [1, 1, 0, 0, 0],
    [0, 0, 1, 0, 1],
    [1, 0, 1, 0, 0],
    [0, 1, 1, 0, 0],
    [0, 0, 0, 1, 1],
    [1, 0, 0, 1, 0],
    [0, 1, 0, 1, 0],
];

/// Width in modules: 3 : 1, the widest ratio that both standards allow and the easiest to read.
pub fn width(wide: u8) -> u8 {
    1 + 2 * wide
}
