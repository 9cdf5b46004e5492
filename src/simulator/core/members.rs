//! Members (000 §4.5). What they are called is shown only where they are listed, and is forgotten
//! when the gateway stops.

use super::super::code::{Code, Refused};
use super::Core;
use crate::domain::BillNo;
use std::collections::BTreeMap;

/// No more members than this are held; then 14.
const MAX_MEMBERS: usize = 100_000;

/// A member.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// The merchant's own number for them.
    pub buyer_id: String,
    /// The account they were imported into; `None`: registered one by one.
    pub email: Option<String>,
    /// Gateway ms.
    pub created_at: i64,
}

/// Which members are listed.
#[derive(Debug, Clone, Default)]
pub struct MemberQuery {
    /// Imported into this account; `None`: all that were registered with this app_id.
    pub email: Option<String>,
    /// Created at or after, gateway ms.
    pub start_time: Option<i64>,
    /// Created before or at, gateway ms.
    pub end_time: Option<i64>,
}

/// Bill numbers by buyer_id.
pub type History = BTreeMap<String, Vec<String>>;

/// Who is registered, by age.
#[derive(Debug, Clone, Default)]
pub(super) struct Members {
    all: Vec<Member>,
    numbers: BTreeMap<String, usize>,
}

impl Core {
    /// `POST /2/rest/user` (no email) and `POST /2/rest/users`. Who is there already stays as they
    /// are.
    pub fn register(
        &mut self,
        now_ms: i64,
        email: Option<&str>,
        buyer_ids: Vec<String>,
    ) -> Result<(), Refused> {
        let members = &mut self.members;
        if members.all.len() + buyer_ids.len() > MAX_MEMBERS {
            return Err(Refused::new(Code::RuntimeError, "too many members"));
        }
        for buyer_id in buyer_ids {
            if let Some(known) = members.numbers.get(&buyer_id) {
                let known = members.all.get_mut(*known);
                if let (Some(known), Some(email)) = (known, email) {
                    known.email = Some(email.to_owned());
                }
                continue;
            }
            members.numbers.insert(buyer_id.clone(), members.all.len());
            members.all.push(Member {
                buyer_id,
                email: email.map(str::to_owned),
                created_at: now_ms,
            });
        }
        Ok(())
    }

    /// `GET /2/rest/users`, oldest first.
    pub fn members(&self, query: &MemberQuery) -> Vec<Member> {
        let holds = |m: &&Member| {
            (query.email.is_none() || query.email == m.email)
                && query.start_time.is_none_or(|t| m.created_at >= t)
                && query.end_time.is_none_or(|t| m.created_at <= t)
        };
        self.members.all.iter().filter(holds).cloned().collect()
    }

    /// `PUT /2/rest/history_bills`: joins bills to members, and gives back those that are not here.
    pub fn complete(&mut self, history: History) -> History {
        let mut failed = History::new();
        for (buyer_id, bills) in history {
            for number in bills {
                let bill = BillNo::parse(&number).and_then(|no| self.bills.get_mut(&no));
                match bill {
                    Some(bill) => bill.buyer_id = Some(buyer_id.clone()),
                    None => failed.entry(buyer_id.clone()).or_default().push(number),
                }
            }
        }
        failed
    }
}
