//! Coming, going, starting together and meeting.

use super::check;

#[test]
fn a_joiner_is_right_at_once_and_moves_nobody() {
    check("join", "");
}

#[test]
fn peers_that_start_together_find_one_time() {
    check("cold start", "");
}

#[test]
fn coming_and_going_disturbs_no_member() {
    check("churn", "");
}

#[test]
fn where_sessions_meet_the_smaller_one_moves() {
    check("meeting", "");
}
