//! Changing what a route does. All of a request is read, resolved and made ready before any of it is in force.

use http::StatusCode;
use upstorm_language::diagnostic::codes;
use upstorm_language::fragment;
use upstorm_model::scenario::Behaviour;
use upstorm_upstream::{ChangeError, RouteStanding, Word};

use super::names::routes_named;
use super::routes::view_of;
use crate::admin::Desk;
use crate::admin::door::{Asked, Misfit, Problem, Reply};

/// The most faults of a route: an attempt's record has a byte for the one that hit it.
const MOST_FAULTS: usize = 255;

/// Lays these keys over a route, and nothing else.
pub(super) fn put(desk: &Desk, asked: &Asked) -> Result<Reply, Problem> {
    let patch = fragment::behaviour(&asked.body)?;
    change(desk, asked, StatusCode::OK, &|_| Ok(patch.over(&Behaviour::default())))
}

/// Lays these keys over a route, beside what was laid over it before.
pub(super) fn patch(desk: &Desk, asked: &Asked) -> Result<Reply, Problem> {
    let patch = fragment::behaviour(&asked.body)?;
    change(desk, asked, StatusCode::OK, &|now| Ok(patch.over(&now.over)))
}

/// Takes back what was laid over a route.
pub(super) fn delete(desk: &Desk, asked: &Asked) -> Result<Reply, Problem> {
    change(desk, asked, StatusCode::OK, &|_| Ok(Behaviour::default()))
}

/// Adds a fault to the list as it is now.
pub(super) fn add_fault(desk: &Desk, asked: &Asked) -> Result<Reply, Problem> {
    let fault = fragment::fault(&asked.body)?;
    change(desk, asked, StatusCode::CREATED, &|now| {
        let mut faults = now.in_force.faults.clone();
        faults.push(fault.clone());
        if faults.len() > MOST_FAULTS {
            let message = format!("a route may have {MOST_FAULTS} faults, and it has");
            return Err(Problem::Misfits(vec![Misfit::of_body(&codes::OUT_OF_RANGE, "", message)]));
        }
        Ok(Behaviour { faults: Some(faults), ..now.over.clone() })
    })
}

/// Removes a fault from the list as it is now.
pub(super) fn remove_fault(desk: &Desk, asked: &Asked) -> Result<Reply, Problem> {
    let written = asked.name(2);
    let number: Option<usize> = written.parse().ok().and_then(|number: usize| number.checked_sub(1));
    change(desk, asked, StatusCode::OK, &|now| {
        let mut faults = now.in_force.faults.clone();
        let Some(index) = number.filter(|index| *index < faults.len()) else {
            let message = format!("the route has no fault number `{written}`");
            let help = match faults.len() {
                0 => "it has none".to_owned(),
                many => format!("it has {many}, numbered from 1"),
            };
            let misfit = Misfit::of_parameter(&codes::OUT_OF_RANGE, "number", message).help([help]);
            return Err(Problem::Unknown(misfit));
        };
        faults.remove(index);
        Ok(Behaviour { faults: Some(faults), ..now.over.clone() })
    })
}

/// Lays something over the routes that are named, made from what each does now.
fn change(
    desk: &Desk,
    asked: &Asked,
    status: StatusCode,
    over: &dyn Fn(&RouteStanding) -> Result<Behaviour, Problem>,
) -> Result<Reply, Problem> {
    let routes = routes_named(desk, asked.name(0), asked.name(1))?;
    let _changing = desk.changing();
    let mut ready = Vec::with_capacity(routes.len());
    for route in &routes {
        let now = route.control.route(route.id).ok_or_else(|| Problem::NoSuchPath(asked.names.join("/")))?;
        let over = over(&now)?;
        if let Some(law) = &over.faults
            && law.len() > MOST_FAULTS
        {
            let message = format!("a route may have {MOST_FAULTS} faults, and these are {}", law.len());
            let misfit = Misfit::of_body(&codes::OUT_OF_RANGE, "/faults", message);
            return Err(Problem::Misfits(vec![misfit]));
        }
        let rewrite = route.control.rewrite(route.id, over.clone()).map_err(refused)?;
        ready.push((route, over, rewrite));
    }
    for (route, over, rewrite) in ready {
        let key = (route.control.host(), route.id);
        let word = Word { by: asked.by.clone(), what: asked.what(what(asked, status)) };
        drop(desk.books.laid(key, over, || route.control.put_in_force(rewrite, word)));
    }
    Ok(view_of(status, routes))
}

/// What was done, where the body does not say it.
fn what(asked: &Asked, status: StatusCode) -> &'static str {
    match (asked.body.is_empty(), status) {
        (true, _) if asked.names.len() > 2 => "fault removed",
        (true, _) => "taken back",
        (false, StatusCode::CREATED) => "fault added",
        (false, _) => "set",
    }
}

fn refused(error: ChangeError) -> Problem {
    Problem::Misfits(vec![Misfit::of_body(&codes::BAD_FORM, "", error.to_string())])
}
