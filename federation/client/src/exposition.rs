//! What a program shows at `/metrics`: a table of all that it counts, with what each means, from which Prometheus' text
//! is made.
//!
//! A name that isn't in the table has no HELP, and a test finds it. Labels are from fixed sets, or from what a signed
//! document names: nothing that a stranger sends makes a new one.

use std::time::Duration;

use metrics::{Label, Unit, describe_counter, describe_gauge, describe_histogram};
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};

/// How often what was measured is counted.
const UPKEEP: Duration = Duration::from_secs(5);
/// Bounds of the buckets of durations, in seconds: from a look into memory to what somebody has given up waiting for.
const SECONDS: &[f64] = &[0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0];
/// Bounds of the buckets of counts.
const COUNTS: &[f64] = &[1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0, 200.0, 500.0, 1_000.0];

/// One metric.
#[derive(Debug, Clone, Copy)]
pub struct Metric {
    /// Its name, as Prometheus has it: a counter's ends in `_total`, a duration's in `_seconds`.
    pub name: &'static str,
    /// What it does.
    pub does: MetricType,
    /// What it says, in a sentence.
    pub help: &'static str,
    /// What it shows before anything happened.
    pub begins: InitialValue,
}

/// What a metric shows before anything happened: who alerts on what grows must see it grow from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InitialValue {
    /// It isn't there.
    Absent,
    /// 0.
    Zero,
    /// 0 for each of these values of a label.
    By(&'static str, &'static [&'static str]),
}

/// What a metric does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MetricType {
    /// It grows.
    Count,
    /// It is what it is now.
    Stand,
    /// It is measured again and again.
    Spread,
}

/// A counter.
pub const fn counter(name: &'static str, help: &'static str) -> Metric {
    Metric { name, does: MetricType::Count, help, begins: InitialValue::Zero }
}

/// A gauge.
pub const fn gauge(name: &'static str, help: &'static str) -> Metric {
    Metric { name, does: MetricType::Stand, help, begins: InitialValue::Absent }
}

/// A histogram.
pub const fn histogram(name: &'static str, help: &'static str) -> Metric {
    Metric { name, does: MetricType::Spread, help, begins: InitialValue::Absent }
}

impl Metric {
    /// The same, which begins otherwise.
    #[must_use]
    pub const fn begins(self, begins: InitialValue) -> Self {
        Self { begins, ..self }
    }

    fn begin(&self) {
        let labels: Vec<Vec<Label>> = match self.begins {
            InitialValue::Absent => Vec::new(),
            InitialValue::Zero => vec![Vec::new()],
            InitialValue::By(label, values) => values.iter().map(|value| vec![Label::new(label, *value)]).collect(),
        };
        for labels in labels {
            match self.does {
                MetricType::Count => metrics::counter!(self.name, labels).absolute(0),
                MetricType::Stand => metrics::gauge!(self.name, labels).set(0),
                MetricType::Spread => {}
            }
        }
    }

    fn unit(&self) -> Unit {
        if self.name.ends_with("_seconds") { Unit::Seconds } else { Unit::Count }
    }
}

/// Has this process record metrics, and describes those of the table.
///
/// # Errors
/// Another recorder is there already, or no thread can be had.
pub fn install(table: &[Metric]) -> anyhow::Result<PrometheusHandle> {
    let handle = PrometheusBuilder::new()
        .set_buckets_for_metric(Matcher::Suffix("_seconds".to_owned()), SECONDS)?
        .set_buckets(COUNTS)?
        .install_recorder()?;
    for metric in table.iter().chain([&BUILD_INFO]) {
        match metric.does {
            MetricType::Count => describe_counter!(metric.name, metric.unit(), metric.help),
            MetricType::Stand => describe_gauge!(metric.name, metric.unit(), metric.help),
            MetricType::Spread => describe_histogram!(metric.name, metric.unit(), metric.help),
        }
        metric.begin();
    }
    let kept = handle.clone();
    // What is measured waits in memory until it is counted: nobody may ever look.
    std::thread::Builder::new().name("metrics".to_owned()).spawn(move || {
        loop {
            std::thread::sleep(UPKEEP);
            kept.run_upkeep();
        }
    })?;
    metrics::gauge!(BUILD_INFO.name, "version" => env!("CARGO_PKG_VERSION")).set(1.0);
    Ok(handle)
}

/// Which version runs; every program has it.
pub const BUILD_INFO: Metric = gauge("callboard_build_info", "The version that runs, as a label; always 1");

/// An age in seconds, or none: a time that never was is shown as nothing.
pub fn seconds_between(then_millis: i64, now_millis: i64) -> f64 {
    // Ages of years are far below where doubles lose a millisecond.
    #[expect(clippy::cast_precision_loss, reason = "ages are small")]
    let millis = now_millis.saturating_sub(then_millis).max(0) as f64;
    millis / 1_000.0
}

/// A count as a gauge takes it.
pub fn count(count: impl TryInto<u32>) -> f64 {
    f64::from(count.try_into().unwrap_or(u32::MAX))
}
