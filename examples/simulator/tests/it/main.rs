//! The program, and what README says of it.
#![expect(clippy::unwrap_used, reason = "a failed test may panic, also in its helpers")]

mod control_paths;
mod program;
