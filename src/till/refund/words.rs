//! Pre-refunds at the gateway: listed when a manager looks, and told a manager's word, all of one
//! channel in one request. What the answer does not say about one of them is unknown (FATE 21).

use super::super::desk_calls::Reply;
use super::super::engine::{Engine, Input};
use super::super::requests::nothing;
use super::super::service::{Said, Waiting};
use super::read::{Time, list_was_heard};
use super::requests::send_was_heard;
use crate::domain::gateway::{Answer, ApprovalRequest, Listed, Lost, PreRefundRow, RefundOutcome};
use crate::domain::refund::{Blocked, RefundState};
use crate::domain::{Host, RefundNo};
use crate::gateway::Gateway;
use crate::payment::refund::Event;
use crate::vault::Deed;
use std::collections::BTreeMap;
use std::sync::Arc;

/// More pages than this are not read, which is no answer.
const MOST_PAGES: u32 = 20;

type Rows = Answer<Listed<Vec<PreRefundRow>>>;

/// Words that go out together.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Together {
    host: Host,
    channel: String,
    agree: bool,
    reason: String,
}

impl Engine {
    /// What waits at the gateway, without what this ledger knows already.
    pub(in crate::till) fn waiting_refunds(&mut self, reply: Reply<Result<Waiting, Said>>) {
        let allowed = self.allowed(Deed::Refund);
        if let Err(said) = allowed.and_then(|_| self.refunds_offered()) {
            let _ = reply.send(Err(said));
            return;
        }
        let now = self.clock.now();
        let hosts = self.hosts.in_order(None, &now);
        let (gateway, time) = (Arc::clone(&self.gateway), Time::of(&now));
        let outbox = self.outbox.clone();
        let asking = self.runtime.spawn(from_any(gateway, hosts, time));
        self.runtime.spawn(async move {
            let answers = asking.await.unwrap_or_default();
            let _ = outbox.send(Input::Visit(Box::new(move |engine| {
                let _ = reply.send(engine.listed_waiting(answers));
            })));
        });
    }

    fn listed_waiting(&mut self, answers: Vec<Rows>) -> Result<Waiting, Said> {
        for answer in &answers {
            self.heard(answer, list_was_heard(&answer.outcome));
        }
        self.allowed(Deed::Refund)?;
        let rows = match answers.into_iter().last().map(|answer| answer.outcome) {
            Some(Listed::Here(rows)) => rows,
            Some(Listed::NoSuch) => Vec::new(),
            _ => return Err(Said::RefundBlocked(Blocked::NoAnswer)),
        };
        let mut waiting = Vec::new();
        for row in rows.into_iter().filter(|row| !row.row.finish) {
            if !self.is_known_here(&row)? {
                waiting.push(row);
            }
        }
        Ok(Waiting {
            rows: waiting,
            at_ms: self.clock.now().wall_ms,
        })
    }

    /// This ledger holds it, with its own state: shown among the till's refunds.
    fn is_known_here(&self, row: &PreRefundRow) -> Result<bool, Said> {
        let Some(refund_no) = RefundNo::parse(&row.row.refund_no) else {
            return Ok(false);
        };
        let written = self.ledger.books().refund(&refund_no);
        let written = written.map_err(|e| Said::LedgerDown(e.to_string()))?;
        // One that the gateway was once proven not to have is a new question.
        Ok(written.is_some_and(|r| r.state != RefundState::NotSent))
    }

    /// Sends the words that were recorded. Each refund gets its own answer.
    pub(super) fn send_words(&mut self) {
        let mut groups: BTreeMap<Together, Vec<(String, RefundNo)>> = BTreeMap::new();
        for (refund_no, host) in std::mem::take(&mut self.refunds.words) {
            let held = self.refunds.held.get(&refund_no);
            let pre = held.and_then(|h| h.case.refund.pre.as_ref());
            let Some((there, word)) = pre.and_then(|p| p.there.as_ref().zip(p.word.as_ref()))
            else {
                continue;
            };
            let together = Together {
                host,
                channel: there.channel.clone(),
                agree: word.agree,
                reason: word.reason.clone(),
            };
            let group = groups.entry(together).or_default();
            group.push((there.id.clone(), refund_no));
        }
        for (together, named) in groups {
            for named in named.chunks(ApprovalRequest::MOST) {
                self.send_together(&together, named.to_vec());
            }
        }
    }

    fn send_together(&mut self, together: &Together, named: Vec<(String, RefundNo)>) {
        let at_ms = self.clock.now().gateway_ms();
        let host = together.host.clone();
        let request = ApprovalRequest {
            channel: together.channel.clone(),
            ids: named.iter().map(|(id, _)| id.clone()).collect(),
            agree: together.agree,
            reason: together.reason.clone(),
        };
        let Some(master) = self.refunds.open_master().cloned() else {
            // Nobody was asked: each of them says so itself.
            let why = "没有店长登录".to_owned();
            let unsent = nothing(RefundOutcome::Unconnected { why }, host);
            return named
                .iter()
                .for_each(|(_, no)| self.word_answered(no, &unsent));
        };
        let gateway = Arc::clone(&self.gateway);
        let lost = nothing(BTreeMap::new(), host.clone());
        let sending = self
            .runtime
            .spawn(async move { gateway.approve(&host, &request, &master, at_ms).await });
        let outbox = self.outbox.clone();
        self.runtime.spawn(async move {
            let answer = sending.await.unwrap_or(lost);
            let _ = outbox.send(Input::Visit(Box::new(move |engine| {
                engine.words_answered(&named, answer);
            })));
        });
    }

    fn words_answered(
        &mut self,
        named: &[(String, RefundNo)],
        answer: Answer<BTreeMap<String, RefundOutcome>>,
    ) {
        let any = answer.outcome.values().next();
        let heard = any.is_some_and(send_was_heard);
        self.heard(&answer, heard);
        for (id, refund_no) in named {
            let outcome = answer.outcome.get(id).cloned();
            let answer = Answer {
                outcome: outcome.unwrap_or(RefundOutcome::Lost(Lost::Broken)),
                host: answer.host.clone(),
                date_ms: answer.date_ms,
                took_ms: answer.took_ms,
            };
            self.word_answered(refund_no, &answer);
        }
    }

    fn word_answered(&mut self, refund_no: &RefundNo, answer: &Answer<RefundOutcome>) {
        let answered = Event::Answered {
            answer: answer.clone(),
            next_host: None,
        };
        self.step_refund(refund_no, answered);
    }
}

/// The first host that answers; the last answer is what counts.
async fn from_any(gateway: Arc<dyn Gateway>, hosts: Vec<Host>, time: Time) -> Vec<Rows> {
    let mut answers = Vec::new();
    for host in hosts {
        let answer = every_row(&*gateway, &host, time).await;
        let silent = matches!(answer.outcome, Listed::NoAnswer(_));
        answers.push(answer);
        if !silent {
            break;
        }
    }
    answers
}

/// Every page. Only an empty one is the end: the gateway's own pages may be shorter.
async fn every_row(gateway: &dyn Gateway, host: &Host, time: Time) -> Rows {
    let mut rows: Vec<PreRefundRow> = Vec::new();
    let mut skip: u32 = 0;
    for page in 0..=MOST_PAGES {
        let mut answer = gateway.waiting_refunds(host, skip, time.now_ms()).await;
        let more = match &answer.outcome {
            Listed::Here(more) if page < MOST_PAGES => more,
            Listed::Here(_) => {
                answer.outcome = Listed::NoAnswer(Lost::Incomplete);
                return answer;
            }
            Listed::NoSuch if page > 0 => {
                answer.outcome = Listed::Here(rows);
                return answer;
            }
            _ => return answer,
        };
        if more.is_empty() {
            answer.outcome = Listed::Here(rows);
            return answer;
        }
        skip = skip.saturating_add(u32::try_from(more.len()).unwrap_or(u32::MAX));
        let new: Vec<PreRefundRow> = more.iter().filter(|r| !rows.contains(r)).cloned().collect();
        rows.extend(new);
    }
    nothing(Listed::NoAnswer(Lost::Incomplete), host.clone())
}
