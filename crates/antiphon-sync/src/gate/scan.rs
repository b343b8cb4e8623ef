//! A first look at a change's bytes that allocates nothing in proportion to what they claim.
//!
//! Automerge reads counts from the bytes and believes them: 9.9 kB that say "a thousand million operations"
//! keep it busy for a minute. So before it sees a change, this scan walks the chunk's header and the
//! run-length columns and refuses whatever would be too much, or of a kind that a session's document never
//! has (deflated data, lists, marks, unknown columns). The format is Automerge's binary format, section
//! "change chunk".

use super::violation::Violation;
use crate::limits::{
    CHANGE_BYTES_MAX, COLUMNS_MAX, DEPENDENCIES_MAX, KEY_BYTES_MAX, LABEL_BYTES_MAX, OPS_PER_CHANGE_MAX,
    OTHER_ACTORS_MAX, PREDECESSORS_PER_CHANGE_MAX,
};

const MAGIC: [u8; 4] = [0x85, 0x6f, 0x4a, 0x83];
const CHUNK_TYPE_CHANGE: u8 = 1;

const COLUMN_OBJECT_ACTOR: u64 = 0x01;
const COLUMN_KEY_STRING: u64 = 0x15;
const COLUMN_ACTION: u64 = 0x42;
const COLUMN_PREDECESSORS: u64 = 0x70;
const COLUMN_PREDECESSOR_ACTOR: u64 = 0x71;
/// The columns of operations on map keys, in the order they come.
const COLUMNS: [u64; 10] = [
    COLUMN_OBJECT_ACTOR,
    0x02,
    COLUMN_KEY_STRING,
    0x34,
    COLUMN_ACTION,
    0x56,
    0x57,
    COLUMN_PREDECESSORS,
    COLUMN_PREDECESSOR_ACTOR,
    0x73,
];

/// What the scan learns: enough to recognise a change that is known already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Scanned {
    pub actor: [u8; 32],
    pub seq: u64,
}

/// Scans an encoded change.
pub(crate) fn scan(bytes: &[u8]) -> Result<Scanned, Violation> {
    if bytes.len() > CHANGE_BYTES_MAX {
        return Err(Violation::TooLarge);
    }
    let mut chunk = Reader(bytes);
    if chunk.take(4)? != MAGIC {
        return Err(Violation::NotAChange);
    }
    chunk.take(4)?;
    if chunk.take(1)? != [CHUNK_TYPE_CHANGE] {
        return Err(Violation::NotAChange);
    }
    let length = chunk.uleb()?;
    if chunk.0.len() as u64 != length {
        return Err(Violation::Malformed);
    }
    scan_body(&mut chunk)
}

fn scan_body(body: &mut Reader<'_>) -> Result<Scanned, Violation> {
    for _ in 0..body.count(DEPENDENCIES_MAX)? {
        body.take(32)?;
    }
    let actor = body.actor()?;
    let seq = body.uleb()?;
    let _start_op = body.uleb()?;
    let _time = body.sleb()?;
    let label = body.count(LABEL_BYTES_MAX as u64)?;
    body.take(label)?;
    let others = body.count(OTHER_ACTORS_MAX)?;
    for _ in 0..others {
        body.actor()?;
    }
    let mut columns = Vec::new();
    for _ in 0..body.count(COLUMNS_MAX)? {
        columns.push((body.uleb()?, body.count(CHANGE_BYTES_MAX as u64)?));
    }
    let in_order = columns.windows(2).all(|pair| matches!(pair, [(a, _), (b, _)] if a < b));
    if !in_order || columns.iter().any(|(column, _)| !COLUMNS.contains(column)) {
        return Err(Violation::OtherThanMaps);
    }
    for (column, length) in columns {
        let data = Reader(body.take(length)?);
        match column {
            COLUMN_ACTION | COLUMN_KEY_STRING => {
                data.runs(column, OPS_PER_CHANGE_MAX)?;
            }
            COLUMN_PREDECESSORS => {
                let counts = data.runs(column, OPS_PER_CHANGE_MAX)?;
                at_most(counts.sum, PREDECESSORS_PER_CHANGE_MAX)?;
            }
            // Actors are named by their place in the list above; Automerge panics on a place beyond it.
            COLUMN_OBJECT_ACTOR | COLUMN_PREDECESSOR_ACTOR => {
                let places = data.runs(column, PREDECESSORS_PER_CHANGE_MAX)?;
                if places.max > others as u64 {
                    return Err(Violation::UnknownActor);
                }
            }
            // The others are read once for every operation or predecessor, so those bounds hold for them.
            _ => {}
        }
    }
    // What would follow is an author footer or bytes without meaning; ours have neither.
    if body.0.is_empty() { Ok(Scanned { actor, seq }) } else { Err(Violation::Malformed) }
}

fn at_most(count: u64, limit: u64) -> Result<(), Violation> {
    if count > limit { Err(Violation::TooManyOperations) } else { Ok(()) }
}

/// What a run-length column holds.
#[derive(Default)]
struct Runs {
    rows: u64,
    sum: u64,
    max: u64,
}

struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn take(&mut self, count: usize) -> Result<&'a [u8], Violation> {
        let (taken, rest) = self.0.split_at_checked(count).ok_or(Violation::Malformed)?;
        self.0 = rest;
        Ok(taken)
    }

    fn byte(&mut self) -> Result<u8, Violation> {
        let (byte, rest) = self.0.split_first().ok_or(Violation::Malformed)?;
        self.0 = rest;
        Ok(*byte)
    }

    fn uleb(&mut self) -> Result<u64, Violation> {
        let mut value = 0;
        for shift in (0..63).step_by(7) {
            let byte = self.byte()?;
            value |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Ok(value);
            }
        }
        // The tenth byte would hold the 64th bit: nothing here counts that far.
        Err(Violation::Malformed)
    }

    fn sleb(&mut self) -> Result<i64, Violation> {
        let mut value = 0;
        for shift in (0..63).step_by(7) {
            let byte = self.byte()?;
            value |= i64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                let sign = if byte & 0x40 == 0 || shift + 7 >= 64 { 0 } else { -1 << (shift + 7) };
                return Ok(value | sign);
            }
        }
        Err(Violation::Malformed)
    }

    fn count(&mut self, limit: u64) -> Result<usize, Violation> {
        let count = self.uleb()?;
        if count > limit {
            Err(Violation::TooLarge)
        } else {
            usize::try_from(count).map_err(|_| Violation::TooLarge)
        }
    }

    fn actor(&mut self) -> Result<[u8; 32], Violation> {
        if self.uleb()? != 32 {
            return Err(Violation::UnknownActor);
        }
        self.take(32)?.try_into().map_err(|_| Violation::Malformed)
    }

    /// Walks a run-length column of at most `limit` rows. A run is a positive count and one value, a negative
    /// count and as many values, or zero and a count of nulls.
    fn runs(mut self, column: u64, limit: u64) -> Result<Runs, Violation> {
        let mut runs = Runs::default();
        while !self.0.is_empty() {
            let count = self.sleb()?;
            let rows = if count == 0 { self.uleb()? } else { count.unsigned_abs() };
            runs.rows = runs.rows.saturating_add(rows);
            at_most(runs.rows, limit)?;
            let (values, times) = match count {
                0 => (0, 0),
                1.. => (1, rows),
                _ => (rows, 1),
            };
            for _ in 0..values {
                let value = self.value(column)?;
                runs.sum = runs.sum.saturating_add(value.saturating_mul(times));
                runs.max = runs.max.max(value);
            }
        }
        Ok(runs)
    }

    fn value(&mut self, column: u64) -> Result<u64, Violation> {
        if column != COLUMN_KEY_STRING {
            return self.uleb();
        }
        let length = self.count(KEY_BYTES_MAX as u64)?;
        self.take(length)?;
        Ok(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A chunk around a body, without a checksum: the scan does not look at it.
    fn chunk(body: &[u8]) -> Vec<u8> {
        let mut bytes = [&MAGIC[..], &[0; 4], &[CHUNK_TYPE_CHANGE]].concat();
        uleb(&mut bytes, body.len() as u64);
        bytes.extend_from_slice(body);
        bytes
    }

    fn uleb(bytes: &mut Vec<u8>, mut value: u64) {
        while value >= 0x80 {
            bytes.push(value as u8 | 0x80);
            value >>= 7;
        }
        bytes.push(value as u8);
    }

    /// A change of one actor with these columns.
    fn change(columns: &[(u64, Vec<u8>)]) -> Vec<u8> {
        let mut body = vec![0, 32];
        body.extend([9; 32]);
        body.extend([1, 1, 0, 0, 0]);
        uleb(&mut body, columns.len() as u64);
        for (column, data) in columns {
            uleb(&mut body, *column);
            uleb(&mut body, data.len() as u64);
        }
        columns.iter().for_each(|(_, data)| body.extend_from_slice(data));
        chunk(&body)
    }

    /// A run of `count` times the value 1.
    fn run(count: u64) -> Vec<u8> {
        let mut data = Vec::new();
        // A positive signed number needs its sign bit clear.
        let mut rest = count;
        while rest >= 0x40 {
            data.push(rest as u8 & 0x7f | 0x80);
            rest >>= 7;
        }
        data.extend([rest as u8, 1]);
        data
    }

    #[test]
    fn a_modest_change_passes() {
        let scanned = scan(&change(&[(COLUMN_ACTION, run(3)), (COLUMN_PREDECESSORS, run(3))]));
        assert_eq!(scanned, Ok(Scanned { actor: [9; 32], seq: 1 }));
    }

    #[test]
    fn a_few_bytes_that_claim_a_billion_operations_are_refused() {
        for column in [COLUMN_ACTION, COLUMN_PREDECESSORS] {
            let bomb = change(&[(column, run(1_000_000_000))]);
            assert!(bomb.len() < 80);
            assert_eq!(scan(&bomb), Err(Violation::TooManyOperations));
        }
    }

    #[test]
    fn a_few_operations_that_claim_a_billion_predecessors_are_refused() {
        let mut counts = vec![2];
        uleb(&mut counts, 1_000_000_000);
        assert_eq!(scan(&change(&[(COLUMN_PREDECESSORS, counts)])), Err(Violation::TooManyOperations));
    }

    #[test]
    fn columns_that_maps_do_not_need_are_refused() {
        // Element actors and counters (lists), marks, deflated actions, something unknown, and disorder.
        for column in [0x11, 0x13, 0x94, 0xa5, COLUMN_ACTION | 8, 0x1234] {
            assert_eq!(scan(&change(&[(column, vec![])])), Err(Violation::OtherThanMaps), "{column:x}");
        }
        let disorder = change(&[(COLUMN_ACTION, run(1)), (COLUMN_KEY_STRING, vec![])]);
        assert_eq!(scan(&disorder), Err(Violation::OtherThanMaps));
    }

    #[test]
    fn actors_that_are_not_listed_are_refused() {
        let bytes = change(&[(COLUMN_OBJECT_ACTOR, vec![1, 3])]);
        assert_eq!(scan(&bytes), Err(Violation::UnknownActor));
    }

    #[test]
    fn a_truncated_change_is_refused_wherever_it_ends() {
        let whole = change(&[(COLUMN_ACTION, run(3)), (COLUMN_PREDECESSORS, run(3))]);
        assert!((0..whole.len()).all(|end| scan(&whole[..end]).is_err()));
        let mut longer = whole;
        longer.push(0);
        assert_eq!(scan(&longer), Err(Violation::Malformed));
    }
}
