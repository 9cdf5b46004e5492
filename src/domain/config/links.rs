//! Pay links' settings.

use super::Settings;
use crate::domain::Channel;
use serde::{Deserialize, Serialize};

/// `[links]`: what pay links' channels need.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct LinkSettings {
    /// Where the customer's browser goes afterwards.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub return_url: Option<String>,
    /// YEE_WAP: 1 to 50 letters or digits.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub identity_id: Option<String>,
}

impl LinkSettings {
    pub(super) fn is_empty(&self) -> bool {
        *self == LinkSettings::default()
    }
}

impl Settings {
    /// What the connection test asks about: every channel and link. The test environment tells
    /// nothing about a single one.
    pub fn tested_channels(&self) -> Vec<Channel> {
        let gateway = &self.gateway;
        let links = gateway.links.iter().copied();
        let links = links.filter(|link| !gateway.channels.contains(link));
        let all = gateway.channels.iter().copied().chain(links);
        all.filter(|_| !gateway.sandbox).collect()
    }
}
