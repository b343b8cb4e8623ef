//! Peers that lie about the time, up to a third of the others.

use super::check;

#[test]
fn liars_on_a_lan_do_not_part_the_honest() {
    check("liars", "LAN");
}

#[test]
fn liars_on_good_wifi_do_not_part_the_honest() {
    check("liars", "good Wi-Fi");
}

#[test]
fn liars_on_bad_wifi_do_not_part_the_honest() {
    check("liars", "bad Wi-Fi");
}
