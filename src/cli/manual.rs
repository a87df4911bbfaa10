//! stub
use super::Failure;
#[derive(Debug, clap::Args)]
pub struct CompletionsArgs {}
pub fn completions(_: &mut clap::Command, _: &CompletionsArgs) -> Result<(), Failure> {
    Ok(())
}
pub fn man(_: clap::Command) -> Result<(), Failure> {
    Ok(())
}
