//! Where nothing happens.

use super::check;

#[test]
fn peers_on_a_lan_agree_to_fifty_microseconds() {
    check("steady", "LAN");
}

#[test]
fn peers_on_good_wifi_agree_to_a_third_of_a_millisecond() {
    check("steady", "good Wi-Fi");
}

#[test]
fn peers_on_bad_wifi_stay_near_its_asymmetry() {
    check("steady", "bad Wi-Fi");
}

#[test]
fn peers_on_the_internet_stay_near_its_asymmetry() {
    check("steady", "Internet");
}

#[test]
fn a_hundred_peers_agree_with_thirty_packets_a_second() {
    check("crowd", "LAN");
}
