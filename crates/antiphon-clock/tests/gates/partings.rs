//! Networks that fall apart and machines that sleep.

use super::check;

#[test]
fn a_lan_heals_after_ten_minutes_without_a_step() {
    check("partition", "LAN");
}

#[test]
fn good_wifi_heals_after_ten_minutes_without_a_step() {
    check("partition", "good Wi-Fi");
}

#[test]
fn bad_wifi_heals_after_ten_minutes_without_a_step() {
    check("partition", "bad Wi-Fi");
}

#[test]
fn a_sleeper_is_back_at_once_and_the_others_do_not_notice() {
    check("suspend 30 s", "");
}
