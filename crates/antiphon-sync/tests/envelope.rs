//! The size of what travels for one edit.

mod lab;

use antiphon_membership::Role;
use antiphon_timeline::NANOS_PER_SECOND;
use lab::{Lab, MS, step};

#[test]
fn a_step_toggle_is_at_most_400_bytes() {
    let mut lab = Lab::new(1);
    let (ada, bo) = (lab.owner(), lab.member(2, Role::Editor));
    lab.connect(ada, bo);
    lab.converge(5 * NANOS_PER_SECOND);
    for at in 0..200 {
        let (mine, theirs) = (at % 16, (at * 7) % 16);
        lab.edit(ada, step(mine, at % 3 == 0));
        lab.edit(bo, step(theirs, at % 2 == 0));
        lab.run_for(100 * MS);
    }
    let sizes = lab.peers[&ada].stored.iter().skip(2).map(Vec::len);
    let (count, sum, max) = sizes.fold((0, 0, 0), |(n, sum, max), size| (n + 1, sum + size, size.max(max)));
    println!("step toggle: {} bytes on average, {max} at most, of {count}", sum / count);
    assert!(max <= 400, "{max} bytes");
    lab.assert_no_faults();
}
