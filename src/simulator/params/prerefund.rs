//! The word about pre-refunds (004 §4).

use super::{Fields, bad_channel, invalid, missing};
use crate::simulator::channel::Parent;
use crate::simulator::code::Refused;
use crate::simulator::core::Decision;

/// Ids of one request: the documents name no limit.
const MAX_IDS: usize = 1_000;

impl Fields<'_> {
    /// channel, ids, agree, deny_reason?
    pub fn decision(self) -> Result<Decision, Refused> {
        let channel = Parent::parse(self.required_text("channel")?);
        let channel = channel.filter(|parent| parent.refunds_online());
        let ids = self.read("ids", |value| value.as_array())?;
        let ids = ids
            .filter(|ids| !ids.is_empty())
            .ok_or_else(|| missing("ids"))?;
        let agree = self.boolean("agree")?.ok_or_else(|| missing("agree"))?;
        self.text("deny_reason")?;
        let ids: Option<Vec<String>> = ids
            .iter()
            .map(|id| id.as_str().map(str::to_owned))
            .collect();
        Ok(Decision {
            channel: channel.ok_or_else(bad_channel)?,
            ids: ids
                .filter(|ids| ids.len() <= MAX_IDS)
                .ok_or_else(|| invalid("ids"))?,
            agree,
        })
    }
}
