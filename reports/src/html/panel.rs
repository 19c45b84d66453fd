//! The panels of the timeline: each a title, a legend and series on a plane of its own, over one shared time axis.

use crate::figures;
use crate::results::{MixSeries, Timeline};
use crate::svg::{Canvas, Plane, Scale, Trace, area, bars, line, mix_class};

/// Good, throttled and failed calls; throttled ones only where there are any.
pub(super) fn outcomes(t: &Timeline) -> Vec<(&'static str, String, &[f64])> {
    let good = ("c-ok", "good".to_owned(), t.goodput.as_slice());
    let throttled = ("c-throttled", "throttled".to_owned(), t.throttled.as_slice());
    let failed = ("c-error", "failed".to_owned(), t.failed.as_slice());
    let any = t.throttled.iter().any(|n| *n > 0.0);
    std::iter::once(good).chain(any.then_some(throttled)).chain([failed]).collect()
}

/// What a panel shows.
pub(super) enum Content<'a> {
    /// Rates as areas and lines: (class, label, values); the first is filled.
    Rates(Vec<(&'static str, String, &'a [f64])>),
    /// Values with gaps: (class, label, values), and a bound across.
    Gapped(Vec<(&'static str, String, &'a [Option<f64>])>, Option<f64>),
    /// Latencies on a logarithmic scale.
    Latency(&'a Timeline),
    /// A stack.
    Mix(&'a [MixSeries]),
}

/// A panel.
pub(super) struct Panel<'a> {
    pub(super) title: &'static str,
    pub(super) height: f64,
    pub(super) content: Content<'a>,
}

const LATENCIES: [(&str, &str); 3] = [("l-p99", "p99"), ("l-p95", "p95"), ("l-p50", "p50")];
/// Colours for series that have no colour of their own.
pub(super) const HUES: [&str; 8] = ["h1", "h2", "h3", "h4", "h5", "h6", "h7", "h8"];

impl Content<'_> {
    pub(super) fn scale(&self) -> Scale {
        let top = |values: &[f64]| values.iter().copied().fold(0.0, f64::max);
        match self {
            Self::Rates(series) => {
                Scale::from_zero(series.iter().map(|(_, _, v)| top(v)).fold(0.0, f64::max))
            }
            Self::Gapped(series, bound) => {
                let values = series.iter().flat_map(|(_, _, v)| v.iter().copied().flatten());
                Scale::from_zero(values.chain(*bound).fold(0.0, f64::max))
            }
            Self::Latency(t) => {
                Scale::decades([&t.p50, &t.p95, &t.p99].into_iter().flatten().copied().flatten())
            }
            Self::Mix(series) => {
                let bins = series.iter().map(|s| s.per_second.len()).max().unwrap_or(0);
                let sum = |bin: usize| series.iter().filter_map(|s| s.per_second.get(bin)).sum::<f64>();
                Scale::from_zero((0..bins).map(sum).fold(0.0, f64::max))
            }
        }
    }

    /// The label of a tick.
    pub(super) fn tick(&self, value: f64) -> String {
        match self {
            Self::Latency(_) => figures::duration(value),
            _ => figures::number(value),
        }
    }

    /// The legend: (class, label).
    pub(super) fn legend(&self) -> Vec<(String, String)> {
        match self {
            Self::Rates(s) => {
                s.iter().map(|(class, label, _)| ((*class).to_owned(), label.clone())).collect()
            }
            Self::Gapped(s, _) => {
                s.iter().map(|(class, label, _)| ((*class).to_owned(), label.clone())).collect()
            }
            Self::Latency(_) => LATENCIES.iter().map(|(c, l)| ((*c).to_owned(), (*l).to_owned())).collect(),
            Self::Mix(series) => {
                series.iter().map(|s| (mix_class(&s.label).to_owned(), s.label.clone())).collect()
            }
        }
    }

    pub(super) fn draw(&self, canvas: &mut Canvas, plane: &Plane, trace: Trace) {
        match self {
            Self::Rates(series) => {
                for (index, (class, _, values)) in series.iter().enumerate() {
                    if index == 0 {
                        canvas.path(&area(plane, trace, values), &format!("area {class}"));
                    }
                    let path = line(plane, trace, values.iter().map(|v| Some(*v)));
                    canvas.path(&path, &format!("line {class}"));
                }
            }
            Self::Gapped(series, bound) => {
                if let Some(bound) = bound {
                    let y = plane.y(*bound);
                    canvas.line((plane.area.x, y), (plane.area.right(), y), "bound");
                }
                for (class, _, values) in series {
                    canvas.path(&line(plane, trace, values.iter().copied()), &format!("line {class}"));
                }
            }
            Self::Latency(t) => {
                for ((class, _), values) in LATENCIES.iter().zip([&t.p99, &t.p95, &t.p50]) {
                    canvas.path(&line(plane, trace, values.iter().copied()), &format!("line {class}"));
                }
            }
            Self::Mix(series) => {
                let mut base = vec![0.0; series.iter().map(|s| s.per_second.len()).max().unwrap_or(0)];
                for one in *series {
                    let class = mix_class(&one.label);
                    canvas.path(&bars(plane, trace, (&mut base, &one.per_second)), &format!("fill {class}"));
                }
            }
        }
    }
}
