//! stub
use super::Failure;
#[derive(Debug, clap::Args)]
pub struct CheckArgs {
    #[arg(long)]
    offline: bool,
}
pub fn check(_: Option<&std::path::Path>, _: &CheckArgs) -> Result<(), Failure> {
    Ok(())
}
