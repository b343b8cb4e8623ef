//! Any fault after any other, in random schedules: 240 of them, 12,000 in the long run.

use super::check;

#[test]
fn after_any_storm_the_honest_agree_on_a_lan() {
    check("storm", "LAN");
}

#[test]
fn after_any_storm_the_honest_agree_on_wifi() {
    check("storm", "good Wi-Fi");
    check("storm", "bad Wi-Fi");
}

#[test]
fn after_any_storm_the_honest_agree_on_the_internet() {
    check("storm", "Internet");
}
