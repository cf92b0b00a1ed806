//! The clocks of a ticket as a state machine: events in, warnings and misses out.
//!
//! Nothing but the events and their times decides what comes out: replaying them gives the same clocks as having followed
//! them, however often somebody looked in between.

use crate::{
    SlaMetric, SlaPhase, SlaReading, SlaSignal, SlaSignalKind, SlaState, SlaTerms, SlaTimer, TicketStatus,
    TimerState, Timestamp,
};

/// What happens to a ticket, as far as its clocks notice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SlaEvent {
    /// The customer wrote.
    CustomerMessage,
    /// An agent replied for the customer to read.
    AgentReply,
    /// It got another status.
    Status(TicketStatus),
    /// Another policy holds, or its priority, its policy or the policy's schedule changed.
    Terms(SlaTerms),
    /// Nothing but time.
    Passed,
}

/// The clocks of a ticket, with the terms by which they are read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SlaClock {
    state: SlaState,
    terms: SlaTerms,
}

impl SlaClock {
    /// The clocks of a ticket that is opened.
    pub fn opened(at: Timestamp, terms: SlaTerms) -> Self {
        let mut state = SlaState {
            phase: SlaPhase::Active,
            noted_until: at,
            first_reply: SlaTimer::default(),
            next_reply: SlaTimer::default(),
            resolution: SlaTimer::default(),
        };
        state.first_reply.start(TimerState::Running { since: at });
        state.resolution.start(TimerState::Running { since: at });
        Self { state, terms }
    }

    /// The clocks as they were stored, with the terms that hold.
    pub fn restored(state: SlaState, terms: SlaTerms) -> Self {
        Self { state, terms }
    }

    /// What to store.
    pub fn state(&self) -> &SlaState {
        &self.state
    }

    /// The terms that hold.
    pub fn terms(&self) -> &SlaTerms {
        &self.terms
    }

    /// Takes in what happened. Returns what became true up to then and was not said before, in order.
    ///
    /// A time before the last one counts as the last one: clocks of machines jump.
    pub fn apply(&mut self, at: Timestamp, event: SlaEvent) -> Vec<SlaSignal> {
        let at = at.max(self.state.noted_until);
        let mut signals = self.note(at);
        match event {
            SlaEvent::CustomerMessage => self.customer_wrote(at),
            SlaEvent::AgentReply => self.agent_replied(at),
            SlaEvent::Status(status) => self.enter(SlaPhase::of(status), at),
            SlaEvent::Terms(terms) => {
                self.terms = terms;
                signals.extend(self.note(at));
            }
            SlaEvent::Passed => {}
        }
        signals
    }

    /// When a clock next has something to say, if nothing happens until then.
    pub fn next_signal_at(&self) -> Option<Timestamp> {
        SlaMetric::ALL.into_iter().flat_map(|metric| self.ahead(metric)).map(|(at, _)| at).min()
    }

    /// How the clocks that have started read at a time: those with targets, and those whose target was missed before it ceased
    /// to hold.
    pub fn readings(&self, at: Timestamp) -> impl Iterator<Item = SlaReading> {
        SlaMetric::ALL.into_iter().filter_map(move |metric| {
            let timer = self.state.timer(metric);
            let promised_min = self.terms.targets.of(metric);
            let target_min = promised_min.or(timer.missed_min)?;
            if timer.state == TimerState::Idle {
                return None;
            }
            let reaches = |ms: Option<i64>| timer.reaches(ms?, &self.terms.calendar);
            Some(SlaReading {
                metric,
                cycle: timer.cycle,
                target_min,
                is_promised: promised_min.is_some(),
                used_ms: timer.used_ms(at, &self.terms.calendar),
                due_at: reaches(self.terms.target_ms(metric)),
                warn_at: reaches(self.terms.warn_ms(metric)),
                is_paused: timer.state == TimerState::Paused,
                fulfilled_at: match timer.state {
                    TimerState::Ended { at } => Some(at),
                    _ => None,
                },
                warned_at: timer.warned_at,
                breached_at: timer.breached_at,
                n_breaches: timer.n_breaches,
            })
        })
    }

    /// Notes what became true up to a time.
    fn note(&mut self, at: Timestamp) -> Vec<SlaSignal> {
        let mut signals = vec![];
        for metric in SlaMetric::ALL {
            let cycle = self.state.timer(metric).cycle;
            for (due, kind) in self.ahead(metric).into_iter().filter(|(due, _)| *due <= at) {
                // Nothing was due when it was last looked: what is due before then is so by changed terms.
                let since = due.max(self.state.noted_until);
                signals.push(SlaSignal { at: since, metric, cycle, kind });
            }
        }
        signals.sort_unstable();
        for signal in &signals {
            let timer = self.state.timer_mut(signal.metric);
            match signal.kind {
                SlaSignalKind::Warned => timer.warned_at = Some(signal.at),
                SlaSignalKind::Breached => {
                    timer.breached_at = Some(signal.at);
                    timer.n_breaches = timer.n_breaches.saturating_add(1);
                }
            }
        }
        for metric in SlaMetric::ALL {
            let target_min = self.terms.targets.of(metric);
            let timer = self.state.timer_mut(metric);
            if timer.n_breaches > 0 && target_min.is_some() {
                timer.missed_min = target_min;
            }
        }
        self.state.noted_until = at;
        signals
    }

    /// What a clock has not said yet, and when it will.
    fn ahead(&self, metric: SlaMetric) -> Vec<(Timestamp, SlaSignalKind)> {
        let timer = self.state.timer(metric);
        if !timer.is_pending() || timer.breached_at.is_some() {
            return vec![];
        }
        let reaches = |ms: Option<i64>| timer.reaches(ms?, &self.terms.calendar);
        let warn = if timer.warned_at.is_none() { reaches(self.terms.warn_ms(metric)) } else { None };
        let due = reaches(self.terms.target_ms(metric));
        let warn = warn.map(|at| (at, SlaSignalKind::Warned));
        warn.into_iter().chain(due.map(|at| (at, SlaSignalKind::Breached))).collect()
    }

    fn customer_wrote(&mut self, at: Timestamp) {
        if self.state.first_reply.is_pending() || self.state.next_reply.is_pending() {
            return;
        }
        // Mostly the message also opens the ticket again, which lets the clock run.
        let state = match self.state.phase {
            SlaPhase::Active => TimerState::Running { since: at },
            SlaPhase::Waiting | SlaPhase::Done => TimerState::Paused,
        };
        self.state.next_reply.start(state);
    }

    fn agent_replied(&mut self, at: Timestamp) {
        self.state.first_reply.end(at, &self.terms.calendar);
        self.state.next_reply.end(at, &self.terms.calendar);
    }

    fn enter(&mut self, phase: SlaPhase, at: Timestamp) {
        // Closing what is solved ends what a customer has begun meanwhile; nothing else happens twice.
        if phase == self.state.phase && phase != SlaPhase::Done {
            return;
        }
        let calendar = &self.terms.calendar;
        if self.state.phase == SlaPhase::Done && phase != SlaPhase::Done {
            self.state.resolution.reopen();
        }
        match phase {
            SlaPhase::Active => {
                self.state.next_reply.resume(at);
                self.state.resolution.resume(at);
            }
            SlaPhase::Waiting => {
                self.state.next_reply.pause(at, calendar);
                self.state.resolution.pause(at, calendar);
            }
            SlaPhase::Done => {
                self.state.first_reply.end(at, calendar);
                self.state.next_reply.end(at, calendar);
                self.state.resolution.end(at, calendar);
            }
        }
        self.state.phase = phase;
    }
}
