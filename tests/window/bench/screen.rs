//! Screenshots without a program: Xvfb keeps its frame buffer in a file.

use crate::process::Result;
use std::{
    fs, io,
    os::unix::fs::FileExt as _,
    path::{Path, PathBuf},
};

/// Xvfb's frame buffer: an XWD file that Xvfb keeps mapped.
pub struct Screen {
    file: fs::File,
    /// The screen with nothing on it.
    pub empty: Vec<u8>,
}

impl Screen {
    /// Opens the frame buffer of a display that shows nothing yet.
    pub fn open(path: &Path) -> Result<Self> {
        let file = fs::File::open(path).map_err(|error| format!("Xvfb's frame buffer {}: {error}", path.display()))?;
        let length = file.metadata().map_err(|e| e.to_string())?.len();
        let length = usize::try_from(length).map_err(|e| e.to_string())?;
        let mut screen = Self { file, empty: vec![0; length] };
        screen.empty = screen.picture()?;
        Ok(screen)
    }

    /// A new screenshot.
    pub fn picture(&self) -> Result<Vec<u8>> {
        let mut picture = vec![0; self.empty.len()];
        self.shoot(&mut picture)?;
        Ok(picture)
    }

    /// A new screenshot in the place of an older one.
    pub fn shoot(&self, picture: &mut [u8]) -> Result<()> {
        self.file.read_exact_at(picture, 0).map_err(|error| format!("Xvfb's frame buffer: {error}"))
    }
}

/// Writes a frame buffer down as PPM. The fields of the XWD header are in the X11 sources, `XWDFile.h`.
pub fn save(picture: &[u8], name: &str) -> io::Result<()> {
    let field = |n: usize| {
        let bytes: [u8; 4] = std::array::from_fn(|byte| picture[4 * n + byte]);
        u32::from_be_bytes(bytes) as usize
    };
    let (header, width, height, line, colours) = (field(0), field(4), field(5), field(12), field(19));
    let mut ppm = format!("P6 {width} {height} 255\n").into_bytes();
    for row in picture[header + 12 * colours..].chunks_exact(line).take(height) {
        ppm.extend(row[..4 * width].chunks_exact(4).flat_map(|bgrx| [bgrx[2], bgrx[1], bgrx[0]]));
    }
    fs::create_dir_all(folder())?;
    fs::write(folder().join(format!("bench-window-{name}.ppm")), ppm)
}

/// Whether both show the same to an eye: WebKit draws a few edges of letters a shade lighter or darker each start.
pub fn alike(one: &[u8], other: &[u8]) -> bool {
    let apart = one.iter().zip(other).filter(|(one, other)| one.abs_diff(**other) > 16).count();
    one.len() == other.len() && apart * 2000 < one.len()
}

/// Where pictures land, as those of the window tests.
pub fn folder() -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).with_file_name("screens")
}
