//! The built web interface, bundled into the program.

include!(concat!(env!("OUT_DIR"), "/interface.rs"));

const NOT_BUILT: &str = "<!doctype html><title>Antiphon</title><p>The interface was not built into this program. \
     Run <code>cargo xtask jam</code> in the source folder.</p>";

/// The media type and bytes of a file of the interface; `/` is its page.
pub fn file(path: &str) -> Option<(&'static str, &'static [u8])> {
    let name = match path.trim_start_matches('/') {
        "" => "index.html",
        name => name,
    };
    match FILES.iter().find(|(known, _)| *known == name) {
        Some((_, bytes)) => Some((media_type(name), bytes)),
        None if FILES.is_empty() && name == "index.html" => {
            Some(("text/html; charset=utf-8", NOT_BUILT.as_bytes()))
        }
        None => None,
    }
}

fn media_type(name: &str) -> &'static str {
    match name.rsplit('.').next() {
        Some("html") => "text/html; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("svg") => "image/svg+xml",
        Some("png") => "image/png",
        Some("json") => "application/json",
        Some("woff2") => "font/woff2",
        _ => "application/octet-stream",
    }
}
