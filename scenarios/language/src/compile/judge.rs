//! Checks: whom each is about, in which phases, and where the scenario asks for it.
//!
//! A check about an edge that no call takes would measure nothing and be Inconclusive only after the run. What the
//! plan can know, it refuses before.

use upstorm_model::plan::{Place, Plan, PlannedCheck, Role, Subject};
use upstorm_model::scenario::{ALWAYS_ON, AlwaysOn, Check, CheckKind, Severity};
use upstorm_model::{HostId, RouteId};

use super::hosts::{any_host, callees};
use super::trouble::Trouble;

/// The checks of the scenario, resolved against a plan that is complete but for them.
pub(crate) struct Judge<'a> {
    /// The plan so far.
    pub(crate) plan: &'a Plan,
    /// Where the value at a path stands in the scenario file.
    pub(crate) place: &'a dyn Fn(&str) -> Option<Place>,
}

impl Judge<'_> {
    /// The check at this index of the scenario.
    ///
    /// # Errors
    /// When a name in it means nothing, or its subject is of the wrong sort.
    pub(crate) fn check(&self, index: usize, check: &Check) -> Result<PlannedCheck, Trouble> {
        let path = format!("check[{index}]");
        let of_path = format!("{path}.{}.of", check.kind.key());
        let of = match &check.kind {
            CheckKind::Slo(_) | CheckKind::Recovery(_) | CheckKind::Fresh(_) | CheckKind::Alert(_) => {
                self.client(of_path, check.kind.of())?
            }
            CheckKind::Tally(tally) if !tally.of.contains("->") => self.client(of_path, &tally.of)?,
            _ => self.edge(of_path, check.kind.of())?,
        };
        self.answerable(format!("{path}.{}", check.kind.key()), &check.kind, &of)?;
        if let CheckKind::Recovery(recovery) = &check.kind {
            self.phase(format!("{path}.recovery.after"), &recovery.after)?;
            for (key, name) in [("drop", &recovery.drop), ("restore", &recovery.restore)] {
                let name = name.as_ref().map(|name| self.phase(format!("{path}.recovery.{key}"), name));
                name.transpose()?;
            }
        }
        let during = check.during.iter().enumerate();
        let phase = |(i, name): (usize, &String)| self.phase(format!("{path}.during[{i}]"), name);
        Ok(PlannedCheck {
            name: check.name.clone(),
            during: during.map(phase).collect::<Result<_, _>>()?,
            severity: check.severity,
            min_samples: check.min_samples,
            kind: Some(check.kind.clone()),
            always_on: None,
            of,
            place: (self.place)(&path),
        })
    }

    fn phase(&self, path: String, name: &str) -> Result<u16, Trouble> {
        let index = self.plan.phases.iter().position(|p| p.name == name);
        index.and_then(|i| u16::try_from(i).ok()).ok_or_else(|| Trouble::unknown_phase(path, name))
    }

    fn client(&self, path: String, name: &str) -> Result<Subject, Trouble> {
        let name = name.trim();
        let host = any_host(&self.plan.hosts, name);
        let role = host.and_then(|id| self.plan.hosts.get(usize::from(id.0))).map(|h| h.role);
        match (host, role) {
            (Some(id), Some(Role::Client)) => Ok(Subject::Client(id)),
            (Some(_), _) => Err(Trouble::NotAClient { path, name: name.to_owned() }),
            _ => Err(Trouble::unknown_host(path, name)),
        }
    }

    /// Refuses a way over others, of which only the last hop shows what is asked.
    fn straight(&self, path: String, (from, to): (HostId, &[HostId])) -> Result<(), Trouble> {
        let straight = to.iter().any(|to| self.plan.sends(from, *to));
        let between = || self.plan.targets_of(from).first().map_or("", |t| t.upstream.as_str());
        let indirect = || Trouble::Indirect { path: format!("{path}.of"), between: between().to_owned() };
        straight.then_some(()).ok_or_else(indirect)
    }

    /// What a kind needs beyond its subject: a bound, an edge that shows what it asks, another upstream.
    fn answerable(&self, path: String, kind: &CheckKind, of: &Subject) -> Result<(), Trouble> {
        match (kind, of) {
            (CheckKind::Backoff(_), Subject::Edge { from, to, .. }) => self.straight(path, (*from, to)),
            (CheckKind::Timeout(asked), Subject::Edge { from, to, .. }) => {
                let own = self.plan.policy_of(*from).and_then(|p| p.deadline.per_try);
                let bounded = asked.per_try.or(own).is_some();
                bounded.then_some(()).ok_or(Trouble::NoBound { path: path.clone(), what: "`per_try`" })?;
                self.straight(path, (*from, to))
            }
            (CheckKind::Failover(asked), Subject::Edge { from, to: first, .. }) => {
                let (path, name) = (format!("{path}.to"), asked.to.trim());
                let to = callees(&self.plan.hosts, name);
                let to = to.ok_or_else(|| Trouble::unknown_host(path.clone(), name))?;
                if to.iter().any(|host| first.contains(host)) {
                    return Err(Trouble::FailsOverToItself { path, name: name.to_owned() });
                }
                let calls = self.plan.targets_of(*from).first().map(|t| t.upstream.clone());
                let (reached, from) = (self.plan.leads(*from, &to), self.plan.host_name(*from).to_owned());
                reached.then_some(()).ok_or(Trouble::NoSuchEdge { path, from, to: name.to_owned(), calls })
            }
            (CheckKind::Limit(asked), Subject::Edge { from, .. }) => {
                let own = self.plan.policy_of(*from).map(|p| &p.limits);
                let rated = asked.rate.is_some() || own.is_some_and(|l| l.rate.is_some());
                let crowded = asked.concurrent.is_some() || own.is_some_and(|l| l.max_requests.is_some());
                let what = if asked.burst.is_some() { "`rate`" } else { "`rate` or `concurrent`" };
                let bounded = rated || (crowded && asked.burst.is_none());
                bounded.then_some(()).ok_or(Trouble::NoBound { path, what })
            }
            (CheckKind::Fresh(asked), Subject::Client(client)) => {
                let bounded = asked.fresh.is_some() || self.plan.cache_before(*client).is_some();
                bounded.then_some(()).ok_or(Trouble::NoBound { path, what: "`fresh`" })
            }
            _ => Ok(()),
        }
    }

    /// `"edge -> payments"`, perhaps with a route: `"edge -> payments/quota"`.
    fn edge(&self, path: String, text: &str) -> Result<Subject, Trouble> {
        let Some((from, to)) = text.split_once("->") else {
            return Err(Trouble::NotAnEdge { path, text: text.to_owned() });
        };
        let (to, route) = to.split_once('/').map_or((to, None), |(to, route)| (to, Some(route.trim())));
        let (from, to) = (from.trim(), to.trim());
        let from_id =
            any_host(&self.plan.hosts, from).ok_or_else(|| Trouble::unknown_host(path.clone(), from))?;
        let to_ids = callees(&self.plan.hosts, to).ok_or_else(|| Trouble::unknown_host(path.clone(), to))?;
        if !self.plan.leads(from_id, &to_ids) {
            let mut names: Vec<&str> =
                self.plan.targets_of(from_id).iter().map(|target| target.upstream.as_str()).collect();
            names.sort_unstable();
            names.dedup();
            let calls = (!names.is_empty()).then(|| names.join("` and `"));
            return Err(Trouble::NoSuchEdge { path, from: from.to_owned(), to: to.to_owned(), calls });
        }
        let known = |name: &str| {
            let upstream = to_ids.first().and_then(|to| self.plan.upstream_of(*to)).map(|(_, u)| u);
            let index = upstream.and_then(|u| u.routes.iter().position(|r| r.name == name));
            let id = index.and_then(|i| u16::try_from(i).ok()).map(RouteId);
            id.ok_or_else(|| Trouble::unknown_route(path.clone(), to, name))
        };
        let route = route.map(known).transpose()?;
        Ok(Subject::Edge { from: from_id, to: to_ids, route })
    }
}

/// The always-on checks that are not switched off.
pub(crate) fn always_on(off: &[AlwaysOn]) -> impl Iterator<Item = PlannedCheck> + '_ {
    ALWAYS_ON.into_iter().filter(|check| !off.contains(check)).map(|check| PlannedCheck {
        name: check.key().to_owned(),
        during: Vec::new(),
        severity: Severity::Fail,
        min_samples: None,
        kind: None,
        always_on: Some(check),
        of: Subject::Run,
        place: None,
    })
}
