//! What others may send us, as functions of bytes: the bodies of the fuzz targets in `fuzz/`, and a short run of each in the tests.
//!
//! A body panics where the product breaks its word: a panic of its own, dots off the label, an error without words. To add one:
//! a function here, a line in [`TARGETS`], a file of four lines in `fuzz/fuzz_targets/`.

mod drawn;
mod files;
mod mutate;
mod said;

pub use mutate::Mutator;

/// One sort of input.
pub struct Target {
    /// As the fuzz target is called.
    pub name: &'static str,
    /// Takes any bytes.
    pub body: fn(&[u8]),
    /// Where it starts from: inputs that go deep.
    pub seeds: fn() -> Vec<Vec<u8>>,
    /// Inputs of the short run in the tests: fewer where one takes long.
    pub short: u32,
    /// Longest input.
    pub longest: usize,
}

/// All.
pub const TARGETS: [Target; 8] = [
    Target { name: "template", body: drawn::template, seeds: drawn::template_seeds, short: 2_000, longest: 16 * 1024 },
    Target { name: "data", body: drawn::data, seeds: drawn::data_seeds, short: 1_000, longest: 4 * 1024 },
    Target { name: "status", body: said::status, seeds: said::status_seeds, short: 20_000, longest: 2 * 1024 },
    Target { name: "component", body: said::component, seeds: said::component_seeds, short: 20_000, longest: 4 * 1024 },
    Target { name: "zpl", body: files::zpl, seeds: files::zpl_seeds, short: 2_000, longest: 1024 },
    Target { name: "png", body: files::picture, seeds: files::png_seeds, short: 2_000, longest: 16 * 1024 },
    Target { name: "gif", body: files::picture, seeds: files::gif_seeds, short: 2_000, longest: 16 * 1024 },
    Target { name: "pdf", body: files::pdf, seeds: files::pdf_seeds, short: 2_000, longest: 1536 },
];

/// One by its name.
pub fn target(name: &str) -> Option<&'static Target> {
    TARGETS.iter().find(|t| t.name == name)
}
