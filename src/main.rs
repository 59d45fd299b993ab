//! The `platctl` binary.

fn main() -> std::process::ExitCode {
    platctl::cli::main()
}
