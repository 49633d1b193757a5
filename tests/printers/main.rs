//! The printer crate against programs that share no code with it: interpreters of the printer languages, the practice
//! printer, one that misbehaves on request, a private CUPS, a real IPP printer, pseudo-terminals and pipes.

#[cfg(test)]
mod component;
#[cfg(test)]
mod driver_queue;
#[cfg(test)]
mod faults;
#[cfg(test)]
mod find;
#[cfg(test)]
mod languages;
#[cfg(test)]
mod lp;
#[cfg(test)]
mod pages;
#[cfg(test)]
mod practice;
mod random_labels;
#[cfg(test)]
mod serial;
#[cfg(test)]
mod spooler;
#[cfg(test)]
mod support;
#[cfg(test)]
mod winspool;
#[cfg(test)]
mod zebra;
