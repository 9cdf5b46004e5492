//! Changing settings while the till runs, and the connection test.

use super::desk_calls::Reply;
use super::engine::Engine;
use super::service::{Check, Said, SettingChange};

impl Engine {
    pub(super) fn change_settings(&mut self, changes: &[SettingChange]) -> Result<(), Said> {
        let _ = changes;
        Err(Said::NotAllowed)
    }

    pub(super) fn test_connection(&mut self, reply: Reply<Result<Vec<Check>, Said>>) {
        let _ = reply.send(Err(Said::GatewaySilent));
    }
}
