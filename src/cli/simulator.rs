//! `shouyin simulator`: the practice gateway alone, until Ctrl-C.

use super::signals::Interrupt;
use super::{Exit, Failure, Outcome, SimulatorArgs, print_line, runtime};
use crate::domain::practice::Act;
use crate::simulator::{Merchant, Options, Simulator};

pub(super) fn run(args: &SimulatorArgs) -> Outcome {
    let act = act(&args.customer)?;
    let delay_factor = args.delay_factor;
    if !(0.0..=1_000.0).contains(&delay_factor) {
        return Err(Failure::wrong("--delay-factor 要在 0 到 1000 之间"));
    }
    let merchant = Merchant {
        app_id: args.app_id.clone(),
        app_secret: args.app_secret.clone(),
        master_secret: args.master_secret.clone(),
        test_secret: args.test_secret.clone(),
    };
    let runtime = runtime()?;
    let mut interrupt = Interrupt::catch(&runtime)?;
    runtime.block_on(async {
        let options = Options {
            merchant,
            act,
            delay_factor,
            tls: args.tls,
            webhook: args.webhook.clone(),
            ..Options::default()
        };
        let running = Simulator::start(args.listen, options)
            .await
            .map_err(Failure::no)?;
        // The certificate is there before anybody can know the address.
        if let (Some(path), Some(certificate)) = (&args.tls_cert, running.certificate()) {
            std::fs::write(path, &certificate.pem)
                .map_err(|e| Failure::no(format!("写不了证书 {}：{e}", path.display())))?;
        }
        print_line(&running.base_url());
        if let Some(certificate) = running.certificate() {
            print_line(&format!("sha256 {}", certificate.sha256));
        }
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
