//! The local gateway as a browser sees it, and as a page elsewhere on the web would try to use it.

use std::{
    io::{Read, Write},
    net::TcpStream,
    time::Duration,
};

/// A frame longer than this is not sent by these tests.
const SHORT_FRAME_MAX: usize = 125;
const ANSWER_LIMIT: Duration = Duration::from_secs(10);

/// Where a gateway is, and its token.
#[derive(Debug, Clone)]
pub struct GatewayAddress {
    pub authority: String,
    pub token: String,
}

impl GatewayAddress {
    /// Reads the printed URL.
    #[track_caller]
    pub fn of(url: &str) -> Self {
        let rest = url.strip_prefix("http://").expect("a URL of this machine");
        let (authority, token) = rest.split_once("/#token=").expect("a URL with a token");
        Self { authority: authority.to_owned(), token: token.to_owned() }
    }

    /// Asks for a page with these header lines; gives the status and everything that follows.
    #[track_caller]
    pub fn get(&self, path: &str, headers: &[(&str, &str)]) -> (u16, String) {
        let mut stream = self.send(path, headers, "Connection: close\r\n");
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).expect("an answer that ends");
        let answer = String::from_utf8_lossy(&answer).into_owned();
        (status(&answer), answer)
    }

    /// Opens a WebSocket from this origin; the status says whether that was allowed.
    #[track_caller]
    pub fn web_socket(&self, origin: Option<&str>) -> Result<WebSocket, u16> {
        let upgrade = "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\
                       Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
        let mut headers = vec![("Host", self.authority.as_str())];
        headers.extend(origin.map(|origin| ("Origin", origin)));
        let mut stream = self.send("/api", &headers, upgrade);
        let mut answer = Vec::new();
        let mut byte = [0];
        while !answer.ends_with(b"\r\n\r\n") {
            stream.read_exact(&mut byte).expect("an answer");
            answer.extend(byte);
        }
        match status(&String::from_utf8_lossy(&answer)) {
            101 => Ok(WebSocket { stream }),
            refused => Err(refused),
        }
    }

    fn send(&self, path: &str, headers: &[(&str, &str)], more: &str) -> TcpStream {
        let mut stream = TcpStream::connect(&self.authority).expect("the gateway listens");
        stream.set_read_timeout(Some(ANSWER_LIMIT)).expect("a timeout");
        let headers: String = headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
        write!(stream, "GET {path} HTTP/1.1\r\n{headers}{more}\r\n").expect("the gateway reads");
        stream
    }
}

fn status(answer: &str) -> u16 {
    answer.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or_default()
}

/// A WebSocket, as much of one as these tests need.
#[derive(Debug)]
pub struct WebSocket {
    stream: TcpStream,
}

impl WebSocket {
    /// Sends a short text.
    #[track_caller]
    pub fn send(&mut self, text: &str) {
        assert!(text.len() <= SHORT_FRAME_MAX);
        // Final text frame, masked with zeroes as a client's must be (a mask of zeroes changes nothing).
        let mut frame = vec![0x81, 0x80 | text.len() as u8, 0, 0, 0, 0];
        frame.extend(text.as_bytes());
        // The other side may have closed already: the answer shows it.
        let _ = self.stream.write_all(&frame);
    }

    /// The next text; `None` where the other side closes without one.
    pub fn next_text(&mut self) -> Option<String> {
        loop {
            let [kind, length] = self.exactly::<2>()?;
            let length = match length & 0x7F {
                126 => u64::from(u16::from_be_bytes(self.exactly()?)),
                127 => u64::from_be_bytes(self.exactly()?),
                short => u64::from(short),
            };
            let mut body = vec![0; usize::try_from(length).ok()?];
            self.stream.read_exact(&mut body).ok()?;
            match kind & 0x0F {
                1 => return String::from_utf8(body).ok(),
                8 => return None,
                _ => {}
            }
        }
    }

    fn exactly<const N: usize>(&mut self) -> Option<[u8; N]> {
        let mut bytes = [0; N];
        self.stream.read_exact(&mut bytes).ok()?;
        Some(bytes)
    }
}
