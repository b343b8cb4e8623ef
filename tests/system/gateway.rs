//! The gateway answers this machine's browser with the printed URL, and nobody else.

use antiphon_tests::{GatewayAddress, Home, Serve};

const MISDIRECTED: u16 = 421;
const FORBIDDEN: u16 = 403;

#[test]
fn another_host_or_origin_or_token_reaches_nothing() {
    let home = Home::new();
    let mut running = Serve::new(&home).start();
    let gateway = GatewayAddress::of(running.url());
    let ours = format!("http://{}", gateway.authority);

    let (status, page) = gateway.get("/", &[("Host", &gateway.authority)]);
    assert_eq!(status, 200);
    assert!(page.contains("content-security-policy") && !page.to_lowercase().contains("access-control"));
    assert!(!page.contains(&gateway.token), "the token is in the URL only");
    for host in ["evil.example", "localhost", "127.0.0.1", "127.0.0.1:1"] {
        assert_eq!(gateway.get("/", &[("Host", host)]).0, MISDIRECTED, "{host}");
    }
    assert_eq!(gateway.get("/", &[]).0 / 100, 4, "no host at all");
    for path in ["/../../etc/passwd", "/%2e%2e/%2e%2e/etc/passwd", "//etc/passwd"] {
        let (status, page) = gateway.get(path, &[("Host", &gateway.authority)]);
        assert!(status != 200 || !page.contains("root:"), "{path}");
    }
    for origin in [None, Some("http://evil.example"), Some("null"), Some("http://localhost")] {
        assert_eq!(gateway.web_socket(origin).expect_err("refused"), FORBIDDEN, "{origin:?}");
    }

    let request = r#"{"id":7,"name":"hello","args":null}"#;
    let wrong = "0".repeat(gateway.token.len());
    for greeting in
        [format!(r#"{{"token":"{wrong}"}}"#), r#"{"token":""}"#.into(), request.into(), "x".into()]
    {
        let mut socket = gateway.web_socket(Some(&ours)).expect("our own origin");
        socket.send(&greeting);
        socket.send(request);
        assert_eq!(socket.next_text(), None, "answered after {greeting}");
    }
    let mut socket = gateway.web_socket(Some(&ours)).expect("our own origin");
    socket.send(&format!(r#"{{"token":"{}"}}"#, gateway.token));
    socket.send(request);
    let answer = std::iter::from_fn(|| socket.next_text()).find(|text| text.starts_with(r#"{"id":7"#));
    assert!(answer.is_some_and(|answer| answer.contains("engineVersion")), "the right token opens");
    running.is_well();
    running.stop();
}
