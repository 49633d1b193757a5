//! Labels as a scanner, a printer and a person see them. Pictures of a failing run: `<target>/tmp/labels/`.

mod oracle;
mod random;
mod references;
mod samples;
mod symbols;
