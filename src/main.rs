//! The program: reads the arguments and does what they say.

use std::process::ExitCode;

fn main() -> ExitCode {
    shouyin::cli::main()
}
