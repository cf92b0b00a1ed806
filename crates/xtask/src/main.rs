//! The repository's own commands: `cargo xtask serve | test | contract | ci | tidy | frontend | model`.

mod ci;
mod command;
mod frontend;
mod model;
mod serve;
mod steps;
mod test;
mod tidy;

use std::process::ExitCode;

const USAGE: &str = "\
usage: cargo xtask <command>

  serve [ARGS…]       build Askwell and start it with the manual loaded; ARGS go to `askwell serve`
  test                every test, with a throw-away Postgres and a browser
  contract            what the API answers against what it describes
  ci                  everything a change must pass, the tests last
  tidy                the arrows between crates, the file budgets, who owns what
  frontend            the front ends' types and size budgets
  model               make models/ from the published package
  model --check       compare models/ with its manifest
  model --reference   make the vectors that the tests compare the 8-bit model with";

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    let result = match args.as_slice() {
        ["serve", args @ ..] => serve::serve(args),
        ["test"] => test::test(),
        ["contract"] => test::contract(),
        ["ci"] => ci::ci(),
        ["tidy"] => tidy::tidy(),
        ["frontend"] => frontend::check(),
        ["model"] => model::make(),
        ["model", "--check"] => model::check(),
        ["model", "--reference"] => model::make_reference(),
        _ => {
            eprintln!("{USAGE}");
            return ExitCode::from(2);
        }
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("\nerror: {error:#}");
            ExitCode::FAILURE
        }
    }
}
