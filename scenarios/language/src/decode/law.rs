//! Latency laws: `latency` and `think`.

use upstorm_model::{DrawnLaw, Law, Weighted};

use super::histogram::histogram;
use super::law_sense::makes_sense;
use super::table::TableReader;
use super::unit::{is_ramp, unit, varying};
use super::value::{list, number};
use crate::reading::Reading;
use crate::tree::{Node, Value};

const LAWS: &[&str] = &[
    "uniform",
    "normal",
    "lognormal",
    "exponential",
    "pareto",
    "weibull",
    "quantiles",
    "histogram",
    "mixture",
];

/// A constant duration, a ramp, or a distribution.
pub(super) fn law(node: &Node, reading: &Reading<'_>) -> Option<Law> {
    match &node.value {
        Value::Table(_) if !is_ramp(node) => {
            let mut table = TableReader::open(node, "a latency law", reading)?;
            let chosen = table.one_of(LAWS);
            table.finish();
            let (kind, inner) = chosen?;
            drawn(kind, inner, reading).map(Law::Drawn)
        }
        Value::Table(_) => varying(node, reading).map(Law::Constant),
        _ => unit(node, reading).map(|span| Law::Constant(upstorm_model::Varying::Fixed(span))),
    }
}

/// A distribution whose parameters make sense.
fn drawn(kind: &str, node: &Node, reading: &Reading<'_>) -> Option<DrawnLaw> {
    if kind == "mixture" {
        let laws = list("tables with a `weight` and a law", weighted)(node, reading)?;
        let law = DrawnLaw::Mixture(laws);
        return makes_sense(&law, node.at, reading).then_some(law);
    }
    let mut table = TableReader::open(node, format!("the {kind} law"), reading)?;
    let law = parameters(kind, &mut table);
    table.finish();
    law.filter(|law| makes_sense(law, node.at, reading))
}

fn parameters(kind: &str, table: &mut TableReader<'_>) -> Option<DrawnLaw> {
    // Every parameter is looked at before the first `?`, so that all that are wrong are told.
    match kind {
        "uniform" => {
            let (min, max) = (table.required("min", varying), table.required("max", varying));
            Some(DrawnLaw::Uniform { min: min?, max: max? })
        }
        "normal" => {
            let (mean, stddev) = (table.required("mean", varying), table.required("stddev", varying));
            let max = table.optional("max", varying);
            Some(DrawnLaw::Normal { mean: mean?, stddev: stddev?, max })
        }
        "lognormal" => lognormal(table),
        "exponential" => {
            let (mean, max) = (table.required("mean", varying), table.optional("max", varying));
            Some(DrawnLaw::Exponential { mean: mean?, max })
        }
        "pareto" => {
            let (min, shape) =
                (table.required("min", varying), table.required("shape", number(0.01..=100.0)));
            let max = table.optional("max", varying);
            Some(DrawnLaw::Pareto { min: min?, shape: shape?, max })
        }
        "weibull" => {
            let (scale, shape) =
                (table.required("scale", varying), table.required("shape", number(0.01..=100.0)));
            let max = table.optional("max", varying);
            Some(DrawnLaw::Weibull { scale: scale?, shape: shape?, max })
        }
        "quantiles" => {
            let (p50, p90) = (table.required("p50", varying), table.required("p90", varying));
            let (p99, max) = (table.required("p99", varying), table.required("max", varying));
            Some(DrawnLaw::Quantiles { p50: p50?, p90: p90?, p99: p99?, max: max? })
        }
        _ => histogram(table),
    }
}

fn lognormal(table: &mut TableReader<'_>) -> Option<DrawnLaw> {
    let median = table.required("median", varying);
    let p99 = table.optional("p99", varying);
    let sigma = table.optional("sigma", number(0.001..=10.0));
    let max = table.optional("max", varying);
    match (table.has("p99"), table.has("sigma")) {
        (true, true) => {
            table.conflict(("p99", "sigma"), "`p99` and `sigma` both say how wide the law is: give one")
        }
        (false, false) => table.missing("`p99` or `sigma`"),
        _ => {}
    }
    Some(DrawnLaw::Lognormal { median: median?, p99, sigma, max })
}

fn weighted(node: &Node, reading: &Reading<'_>) -> Option<Weighted> {
    let mut table = TableReader::open(node, "a law of a mixture", reading)?;
    let weight = table.required("weight", number(0.0..=1e9));
    let chosen = table.one_of(LAWS);
    table.finish();
    let (kind, inner) = chosen?;
    let law = drawn(kind, inner, reading);
    Some(Weighted { weight: weight?, law: law? })
}
