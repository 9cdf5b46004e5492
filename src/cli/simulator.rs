//! `shouyin simulator`: the practice gateway alone, until Ctrl-C.

use super::signals::Interrupt;
use super::{Exit, Failure, Outcome, SimulatorArgs, print_line, runtime};
use crate::domain::practice::Act;
use crate::simulator::{Merchant, Options, Simulator};

pub(super) fn run(args: &SimulatorArgs) -> Outcome {
    let act = act(&args.customer)?;
    let merchant = Merchant {
        app_id: args.app_id.clone(),
        app_secret: args.app_secret.clone(),
        master_secret: args.master_secret.clone(),
    };
    let runtime = runtime()?;
    let mut interrupt = Interrupt::catch(&runtime)?;
    runtime.block_on(async {
        let options = Options {
            merchant,
            act,
            ..Options::default()
        };
        let running = Simulator::start(args.listen, options)
            .await
            .map_err(Failure::no)?;
        print_line(&running.base_url());
        interrupt.came().await;
        Ok(Exit::Done)
    })
}

fn act(word: &str) -> Result<Act, Failure> {
    match word {
        "at-once" | "pay" => Ok(Act::Pay),
        "password" => Ok(Act::Password),
        "late" => Ok(Act::Late),
        "never" => Ok(Act::Never),
        "no-money" => Ok(Act::NoMoney),
        _ => Err(Failure::wrong(
            "--customer 要是 at-once、password、late、never、no-money 之一",
        )),
    }
}
