//! The bridge end to end, against both simulators: as a library and as a program that is killed.

mod company;
mod crash;
mod end_to_end;
mod program;
mod redaction;
mod session;
