//! `antiphon serve`: a headless peer with the interface in the browser.

use antiphon_api::{
    ErrorCode,
    views::{AudioState, Hello},
};
use antiphon_door::Door;
use tokio::signal::unix::{SignalKind, signal};

use crate::{failure::Failure, reach::Reach};

pub async fn serve(reach: &Reach, port: u16, timings: bool) -> Result<(), Failure> {
    let Door::Here(here) = reach.door() else {
        return Err(Failure::new(
            ErrorCode::NotAllowed,
            "another Antiphon runs with this data folder already",
        )
        .next("use that one, stop it, or name another folder with --data"));
    };
    let url = here.open_gateway(port).await.map_err(|error| {
        Failure::new(ErrorCode::Unreachable, format!("the gateway cannot use port {port}: {error}"))
            .next("leave --port away to take a free one")
    })?;
    let hello: Hello = reach.call("hello", ()).await?;
    println!("Antiphon {} as {}", hello.version, hello.me.name);
    if let AudioState::NoOutput { reason } = reach.call("audio", ()).await? {
        println!("no sound: {reason}; time goes on");
    }
    if timings {
        for line in here.timings() {
            println!("{line}");
        }
    }
    println!("open {url}");
    let mut ended = signal(SignalKind::terminate()).map_err(Failure::from_io)?;
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        _ = ended.recv() => {}
    }
    Ok(())
}
