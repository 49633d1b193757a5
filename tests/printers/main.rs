//! The printer crate against programs that share no code with it: interpreters of the printer languages, the practice
//! printer, one that misbehaves on request, a private CUPS.

#[cfg(test)]
mod faults;
#[cfg(test)]
mod languages;
#[cfg(test)]
mod practice;
#[cfg(test)]
mod spooler;
#[cfg(test)]
mod support;
#[cfg(test)]
mod zebra;
