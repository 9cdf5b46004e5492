//! Who may do what: one table.

use crate::domain::staff::Role;

/// What a person can do at the till.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Deed {
    /// Scan a payment code.
    Charge,
    /// Show a QR, or show it again.
    ShowQr,
    /// Undo a payment in progress.
    Cancel,
    /// Look at bills and the to-do list.
    SeeBills,
    /// Ask the gateway now.
    AskNow,
    /// 已交货 for a bill that was paid late.
    HandOver,
    /// Print a receipt again.
    Reprint,
    /// Open a shift, or hand it over.
    Shift,
    /// Close a shift.
    CloseShift,
    /// Release the lock of a sale (FATE 18).
    ReleaseLock,
    /// End a bill on a row read at that moment (FATE 11).
    EndByHand,
    /// Give money back.
    Refund,
    /// Ask for a refund that a manager decides; only where the shop lets cashiers ask.
    RequestRefund,
    /// Compare the day with the gateway.
    Reconcile,
    /// Let a shift be closed with open to-dos.
    SignException,
    /// Change settings, test the connection.
    Settings,
    /// Add, disable and re-PIN staff.
    Staff,
    /// Write bills and refunds to a file.
    Export,
}

impl Deed {
    /// Every deed.
    pub const ALL: [Deed; 18] = [
        Deed::Charge,
        Deed::ShowQr,
        Deed::Cancel,
        Deed::SeeBills,
        Deed::AskNow,
        Deed::HandOver,
        Deed::Reprint,
        Deed::Shift,
        Deed::CloseShift,
        Deed::ReleaseLock,
        Deed::EndByHand,
        Deed::Refund,
        Deed::RequestRefund,
        Deed::Reconcile,
        Deed::SignException,
        Deed::Settings,
        Deed::Staff,
        Deed::Export,
    ];
}

/// Whether someone of this role may do this.
pub fn may(role: Role, deed: Deed) -> bool {
    match deed {
        Deed::Charge
        | Deed::ShowQr
        | Deed::Cancel
        | Deed::SeeBills
        | Deed::AskNow
        | Deed::HandOver
        | Deed::Reprint
        | Deed::Shift
        | Deed::CloseShift
        | Deed::RequestRefund => true,
        Deed::ReleaseLock
        | Deed::EndByHand
        | Deed::Refund
        | Deed::Reconcile
        | Deed::SignException
        | Deed::Settings
        | Deed::Staff
        | Deed::Export => role == Role::Manager,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cashier_may_all_but_what_only_a_manager_may() {
        for deed in Deed::ALL {
            assert!(may(Role::Manager, deed), "{deed:?}");
        }
        let managers: Vec<Deed> = Deed::ALL
            .into_iter()
            .filter(|d| !may(Role::Cashier, *d))
            .collect();
        let expected = [
            Deed::ReleaseLock,
            Deed::EndByHand,
            Deed::Refund,
            Deed::Reconcile,
            Deed::SignException,
            Deed::Settings,
            Deed::Staff,
            Deed::Export,
        ];
        assert_eq!(managers, expected);
    }
}
