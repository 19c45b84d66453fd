//! Checks: whom each is about, in which phases, and where the scenario asks for it.
//!
//! A check about an edge that no call takes would measure nothing and be Inconclusive only after the run. What the
//! plan can know, it refuses before.

use upstorm_model::RouteId;
use upstorm_model::plan::{Place, Plan, PlannedCheck, Role, Subject};
use upstorm_model::scenario::{ALWAYS_ON, AlwaysOn, Check, CheckKind, Severity};

use super::hosts::{any_host, callee};
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
            CheckKind::Slo(_) | CheckKind::Recovery(_) => self.client(of_path, check.kind.of())?,
            _ => self.edge(of_path, check.kind.of())?,
        };
        if let CheckKind::Recovery(recovery) = &check.kind {
            self.phase(format!("{path}.recovery.after"), &recovery.after)?;
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

    /// `"edge -> payments"`, perhaps with a route: `"edge -> payments/quota"`.
    fn edge(&self, path: String, text: &str) -> Result<Subject, Trouble> {
        let Some((from, to)) = text.split_once("->") else {
            return Err(Trouble::NotAnEdge { path, text: text.to_owned() });
        };
        let (to, route) = to.split_once('/').map_or((to, None), |(to, route)| (to, Some(route.trim())));
        let (from, to) = (from.trim(), to.trim());
        let from_id =
            any_host(&self.plan.hosts, from).ok_or_else(|| Trouble::unknown_host(path.clone(), from))?;
        let to_id = callee(&self.plan.hosts, to).ok_or_else(|| Trouble::unknown_host(path.clone(), to))?;
        let gateways = self.plan.gateways.iter().map(|g| (g.host, g.target));
        let mut calls = gateways.chain(self.plan.clients.iter().map(|c| (c.host, c.target)));
        let target = calls.find(|(host, _)| *host == from_id).map(|(_, target)| target);
        if target != Some(to_id) {
            let calls = target.map(|id| self.plan.host_name(id).to_owned());
            return Err(Trouble::NoSuchEdge { path, from: from.to_owned(), to: to.to_owned(), calls });
        }
        let known = |name: &str| {
            let upstream = self.plan.upstream_of(to_id).map(|(_, u)| u);
            let index = upstream.and_then(|u| u.routes.iter().position(|r| r.name == name));
            let id = index.and_then(|i| u16::try_from(i).ok()).map(RouteId);
            id.ok_or_else(|| Trouble::unknown_route(path.clone(), to, name))
        };
        Ok(Subject::Edge { from: from_id, to: to_id, route: route.map(known).transpose()? })
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
