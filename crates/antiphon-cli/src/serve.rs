//! `antiphon serve`: a headless peer with the interface in the browser.

use antiphon_api::{
    ErrorCode,
    views::{AudioState, Hello},
};
use antiphon_door::Door;
use tokio::signal::unix::{SignalKind, signal};

use crate::{failure::Failure, reach::Reach};

pub async fn serve(reach: &Reach, port: u16, attach: bool, timings: bool) -> Result<(), Failure> {
    let no_port = |error| {
        Failure::new(ErrorCode::Unreachable, format!("the gateway cannot use port {port}: {error}"))
            .next("leave --port away to take a free one")
    };
    match reach.door() {
        Door::Here(here) => {
            let url = here.open_gateway(port).await.map_err(no_port)?;
            greet(reach).await?;
            if timings {
                here.timings().iter().for_each(|line| println!("{line}"));
            }
            println!("open {url}");
            until_ended().await
        }
        Door::There(client) if attach => {
            let gateway = client.open_gateway(port).await.map_err(no_port)?;
            greet(reach).await?;
            println!("open {}", gateway.url());
            until_ended().await
        }
        Door::There(_) => Err(Failure::new(
            ErrorCode::NotAllowed,
            "another Antiphon runs with this data folder already",
        )
        .next("add --attach to show that one in the browser, stop it, or name another folder with --data")),
    }
}

async fn greet(reach: &Reach) -> Result<(), Failure> {
    let hello: Hello = reach.call("hello", ()).await?;
    println!("Antiphon {} as {}", hello.version, hello.me.name);
    if let AudioState::NoOutput { reason } = reach.call("audio", ()).await? {
        println!("no sound: {reason}; time goes on");
    }
    Ok(())
}

async fn until_ended() -> Result<(), Failure> {
    let mut ended = signal(SignalKind::terminate()).map_err(Failure::from_io)?;
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        _ = ended.recv() => {}
    }
    Ok(())
}
