//! What the printer says of itself, in each language's own form (printing facts §3–§7).

use super::device::State;
use super::reader::Question;

/// The answer to a question, or silence.
pub(crate) fn answer(question: &Question, s: &State) -> Option<Vec<u8>> {
    Some(match question {
        Question::TsplByte => vec![tspl_byte(s)],
        Question::TsplFrame => tspl_frame(s),
        // The ~ forms answer only when the printer is ready.
        Question::TsplModel if s.blocked() || s.printing => return None,
        Question::TsplModel => b"PRACTICE-203\r\n".to_vec(),
        // No reply at all while media is out or the head is open: silence is the signal.
        Question::ZplHost if s.paper_out || s.head_open => return None,
        Question::ZplHost => {
            let first = format!(
                "\x02030,0,{},{:04},000,0,0,{},000,0,0,0\x03\r\n",
                u8::from(s.paused),
                s.told_length,
                u8::from(s.mid_data)
            );
            (first + "\x02000,0,0,0,0,2,6,0,00000000,1,000\x03\r\n\x021234,0\x03\r\n").into_bytes()
        }
        Question::ZplErrors => {
            let group = u32::from(s.paper_out) | u32::from(s.head_open) << 2 | u32::from(s.paused) << 16;
            format!(
                "\x02\r\n\r\n  PRINTER STATUS\r\n   ERRORS:         {} 00000000 {group:08X}\r\n   \
                 WARNINGS:       0 00000000 00000000\r\n\x03",
                u8::from(group != 0)
            )
            .into_bytes()
        }
        Question::EplError => {
            let code = match () {
                () if s.paper_out => "07",
                () if s.head_open => "11",
                () if s.paused => "12",
                () => "00",
            };
            format!("{code}\r\n").into_bytes()
        }
        Question::CpclState => {
            vec![u8::from(s.printing) | u8::from(s.paper_out) << 1 | u8::from(s.head_open) << 2]
        }
        Question::CpclSupplies => vec![0],
        Question::EscposState(n) => vec![
            0x12 | match n {
                1 => u8::from(s.blocked()) << 3,
                2 => u8::from(s.head_open) << 2 | u8::from(s.paper_out) << 5,
                3 => 0,
                4 => u8::from(s.paper_out) * 0x60,
                _ => return None,
            },
        ],
        Question::Variable(name) => match name.as_str() {
            "odometer.total_label_count" => format!("\"{}\"", s.odometer).into_bytes(),
            "device.product_name" => b"\"PRACTICE-203\"".to_vec(),
            _ => b"\"?\"".to_vec(),
        },
    })
}

fn tspl_byte(s: &State) -> u8 {
    u8::from(s.head_open) | u8::from(s.paper_out) << 2 | u8::from(s.paused) << 4 | u8::from(s.printing) << 5
}

fn tspl_frame(s: &State) -> Vec<u8> {
    let m = if s.paper_out || s.head_open {
        0x45
    } else if s.paused {
        0x60
    } else if s.printing {
        0x50
    } else {
        0x40
    };
    let e2 = if s.paper_out {
        0x41
    } else if s.head_open {
        0x60
    } else {
        0x40
    };
    vec![0x02, m, 0x40, 0x40, e2, 0x03, 0x0d, 0x0a]
}
