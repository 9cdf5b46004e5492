//! `shouyin audit verify`.

use super::{Exit, Failure, Home, Outcome, print_line};
use crate::ledger::{AuditKey, audit};
use crate::till::open::ledger_path;
use crate::vault::Vault;

pub(super) fn run(home: &Home) -> Outcome {
    let dir = home.reading_dir();
    let path = ledger_path(&dir);
    if !path.exists() {
        print_line("还没有账本：0 条记录");
        return Ok(Exit::Done);
    }
    let vault = Vault::open(&dir).map_err(Failure::no)?;
    match audit::verify(&path, &AuditKey::new(vault.audit_key())) {
        Ok(verified) => {
            print_line(&format!("审计链完好：{} 条记录", verified.events));
            Ok(Exit::Done)
        }
        Err(broken) => {
            print_line(&format!("审计链在这里断开：{broken}"));
            Ok(Exit::No)
        }
    }
}
