//! Prints how well peers agree on session time, per network model.
//!
//! `cargo run -p antiphon-testkit --example clock_table [seeds] [seconds]`

use antiphon_testkit::{ClockLab, Errors, Network};

const SETTLE_S: f64 = 30.0;

fn main() {
    let mut numbers = std::env::args().skip(1).filter_map(|argument| argument.parse::<u64>().ok());
    let seeds = numbers.next().unwrap_or(5);
    let seconds = numbers.next().unwrap_or(120) as f64;
    println!("{seeds} seeds x {seconds} s; |session time of a - of b|, from {SETTLE_S} s on\n");
    println!(
        "network    transport  n  pair error p50 / p99 / max (µs)       join p50 / max (s)  packets/s/peer"
    );
    for in_order in [false, true] {
        for network in Network::ALL {
            for peers in [2, 5] {
                print_row(network, in_order, peers, seeds, seconds);
            }
        }
    }
}

fn print_row(network: Network, in_order: bool, peers: usize, seeds: u64, seconds: f64) {
    let (mut errors, mut joins, mut packets) = (Errors::new(), Errors::new(), 0.0);
    for seed in 0..seeds {
        let lab = ClockLab::new(seed, network);
        let mut lab = if in_order { lab.in_order() } else { lab };
        for _ in 0..peers {
            lab.add_peer();
        }
        lab.connect_all();
        lab.run_for_s(SETTLE_S);
        errors.extend(&lab.measure_pairs(seconds));
        packets += lab.packets_per_peer_s() / seeds as f64;
        let joiner = lab.add_peer();
        lab.connect_all();
        let joined = lab.run_until(30.0, |lab| lab.is_locked(joiner) && lab.is_one_island());
        joins.add((joined.unwrap_or(30.0) * 1e9) as i64);
    }
    let transport = if in_order { "stream" } else { "datagram" };
    let [p50, p99, max] = [errors.quantile_ns(0.5), errors.quantile_ns(0.99), errors.max_ns()]
        .map(|ns| format!("{:.0}", ns as f64 / 1e3));
    let [join, join_max] = [joins.quantile_ns(0.5), joins.max_ns()].map(|ns| ns as f64 / 1e9);
    println!(
        "{:<10} {transport:<9} {peers:>2}  {p50:>8} / {p99:>8} / {max:>8}   {join:>12.2} / {join_max:<5.2}   {packets:>6.1}",
        format!("{network:?}"),
    );
}
