//! What is connected, as the top bar shows it.

/// What is connected (the top bar).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Health {
    /// The last gateway request.
    pub gateway: GatewayHealth,
    /// The scanner that is read from its device; `None` where only a keyboard wedge is used.
    pub scanner: Option<DeviceHealth>,
    /// The camera, while it is on.
    pub camera: Option<DeviceHealth>,
    /// The receipt printer, where one is set.
    pub printer: Option<DeviceHealth>,
    /// Voice and sounds; `None` where they are off, or there is no sound server (which is no
    /// fault).
    pub sound: Option<DeviceHealth>,
    /// The pole display, where one is set.
    pub pole: Option<DeviceHealth>,
    /// The ledger can't be written: no new payment is taken. One line says why.
    pub ledger: Option<String>,
    /// Local clock minus gateway time in seconds, where over 60 s off.
    pub clock_off_s: Option<i64>,
    /// Notices of the gateway should be listened for and can't be; one line says why.
    pub webhook: Option<String>,
    /// A configuration alarm of the gateway (FATE 9, status 2/4/6), one line.
    pub alarm: Option<String>,
}

/// The last gateway request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum GatewayHealth {
    /// Nothing was asked yet.
    #[default]
    Unasked,
    /// It answered.
    Answered {
        /// How long it took, ms.
        latency_ms: u32,
        /// When, UTC ms.
        at_ms: i64,
    },
    /// It did not.
    Silent {
        /// Since when, UTC ms.
        since_ms: i64,
    },
}

/// A device as the top bar shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DeviceHealth {
    /// Connected.
    Ready,
    /// It works, and somebody should look at it soon (paper running out). One line.
    Warn(String),
    /// Not there; it comes back by itself. One line says why.
    Gone(String),
}
