//! Where the trims of outputs are kept.

use std::{
    collections::BTreeMap,
    sync::{Mutex, PoisonError},
};

use crate::limits::TRIM_NS_MAX;

/// How much later than it claims each output is heard (Bluetooth, HDMI), by the id of the output.
///
/// A trim belongs to a device, whether that was chosen or is the default one: it follows the device.
pub trait Trims: Send + Sync + 'static {
    /// The trim of this output; 0 when none was kept.
    fn trim_ns(&self, output_id: &str) -> i64;
    /// Keeps another.
    fn keep(&self, output_id: &str, trim_ns: i64);
}

/// Trims that are forgotten when the program ends.
#[derive(Debug, Default)]
pub struct PassingTrims(Mutex<BTreeMap<String, i64>>);

impl Trims for PassingTrims {
    fn trim_ns(&self, output_id: &str) -> i64 {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(output_id).copied().unwrap_or(0)
    }

    fn keep(&self, output_id: &str, trim_ns: i64) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(output_id.to_owned(), trim_ns);
    }
}

/// A trim that is out of range.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a trim of {trim_ns} ns is outside -{TRIM_NS_MAX} to {TRIM_NS_MAX}")]
pub struct TrimOutOfRange {
    /// What was asked for.
    pub trim_ns: i64,
}

/// Checks a trim.
pub(crate) fn checked(trim_ns: i64) -> Result<i64, TrimOutOfRange> {
    let fits = (-TRIM_NS_MAX..=TRIM_NS_MAX).contains(&trim_ns);
    fits.then_some(trim_ns).ok_or(TrimOutOfRange { trim_ns })
}
