//! Peers: who is here and nearby, joining, inviting, letting in.

mod board;
mod view;
mod watch;

use antiphon_api::{
    ErrorCode, Event, NoticeLevel,
    commands::{AnswerJoin, Join},
    views::{ClockPath, Invite, JoinRequest, MemberView, NearbyPeer, Role, Standing},
};
use board::Seen;
use tokio::{
    sync::broadcast::error::RecvError,
    time::{Duration, timeout},
};

use crate::{
    failure::Failure,
    reach::{Reach, print_json},
};

/// How long a joiner waits for the owner's answer.
const ANSWER_WAIT: Duration = Duration::from_secs(120);
/// How long a fresh peer looks around before it lists who is nearby.
const LOOK_AROUND: Duration = Duration::from_secs(4);

pub async fn peers(reach: &Reach, watch: bool, json: bool) -> Result<(), Failure> {
    if watch {
        return watch::watch(reach, json).await;
    }
    if reach.door().is_here() {
        look_around(reach).await;
    }
    let seen = Seen::of(reach).await?;
    if json { print_json(&seen.json()?) } else { list(&seen) }
}

/// The first peer found ends the wait.
async fn look_around(reach: &Reach) {
    let mut events = reach.door().subscribe();
    let _ = timeout(LOOK_AROUND, async {
        while let Ok(event) = events.recv().await {
            if matches!(&*event, Event::Nearby { nearby } if !nearby.is_empty()) {
                return;
            }
        }
    })
    .await;
}

fn list(seen: &Seen) -> Result<(), Failure> {
    let Seen { clock, nearby, asking } = seen;
    clock.members.iter().for_each(|member| println!("{}", member_line(member)));
    for peer in nearby {
        let session = peer.session.as_ref().map_or("no session shown", |session| session.name.as_str());
        println!(
            "nearby  {:<24} {}  {session}  {}",
            peer.person.name,
            &peer.person.peer[..8],
            standing(&peer.standing)
        );
    }
    for request in asking {
        println!("asking  {:<24} {}  `antiphon allow {0}`", request.person.name, &request.person.peer[..8]);
    }
    if clock.members.is_empty() && nearby.is_empty() {
        println!("nobody is in reach");
    }
    Ok(())
}

fn member_line(member: &MemberView) -> String {
    let place = match (member.me, member.here) {
        (true, _) => "me",
        (_, true) => "here",
        _ => "away",
    };
    let sync = member.sync.as_ref().map_or(String::new(), |sync| {
        let suspect = sync.suspect.as_deref().map_or(String::new(), |why| format!("  suspect: {why}"));
        format!(
            "  error {:+.3} ms (within {:.3})  round trip {:.2} ms  drift {:+.1} ppm  loss {:.0} %  {}{suspect}",
            sync.error_ms,
            sync.bound_ms,
            sync.round_trip_ms,
            sync.drift_ppm,
            sync.loss * 100.0,
            path_word(sync.path)
        )
    });
    let differs = member.differs.as_deref().map_or(String::new(), |how| format!("  ({how})"));
    format!("{place:<7} {:<24} {}{sync}{differs}", member.person.name, &member.person.peer[..8])
}

fn path_word(path: ClockPath) -> &'static str {
    match path {
        ClockPath::Udp => "udp",
        ClockPath::Stream => "stream",
    }
}

fn standing(standing: &Standing) -> String {
    match standing {
        Standing::Stranger => "join with `antiphon join`".into(),
        Standing::Asking => "asked, waiting".into(),
        Standing::Refused { reason } => format!("refused: {reason}"),
        Standing::Member => "member".into(),
    }
}

pub async fn join(reach: &Reach, whom: &str) -> Result<(), Failure> {
    let mut events = reach.door().subscribe();
    let args = match whom {
        link if link.starts_with("antiphon://") => {
            Join { peer: None, link: Some(link.into()), address: None }
        }
        address if address.starts_with('/') || address.contains(':') => {
            Join { peer: None, link: None, address: Some(address.into()) }
        }
        name => Join { peer: Some(find_nearby(reach, name).await?), link: None, address: None },
    };
    reach.call::<()>("join", args).await?;
    eprintln!("asked to join; waiting for an answer");
    let answer = timeout(ANSWER_WAIT, async {
        loop {
            match events.recv().await {
                Ok(event) => match &*event {
                    Event::Session { session: Some(session) } if session.arrived => {
                        return Ok(session.song.name.clone());
                    }
                    Event::Notice { level: NoticeLevel::Warning, text, next_step } => {
                        // A no is told by a notice too; which of both it was is seen in Nearby.
                        let nearby: Vec<NearbyPeer> = reach.call("nearby", ()).await?;
                        let no = nearby.iter().any(|peer| matches!(peer.standing, Standing::Refused { .. }));
                        let code = if no { ErrorCode::NotAllowed } else { ErrorCode::Unreachable };
                        let step =
                            next_step.as_deref().unwrap_or("check the address and that their Antiphon runs");
                        return Err(Failure::new(code, text.clone()).next(step));
                    }
                    Event::Nearby { nearby } => {
                        if let Some(reason) = nearby.iter().find_map(|peer| match &peer.standing {
                            Standing::Refused { reason } => Some(reason.clone()),
                            _ => None,
                        }) {
                            return Err(Failure::new(ErrorCode::NotAllowed, reason));
                        }
                    }
                    _ => {}
                },
                Err(RecvError::Lagged(_)) => {}
                Err(RecvError::Closed) => {
                    return Err(Failure::new(ErrorCode::Unreachable, "the peer stopped"));
                }
            }
        }
    });
    let name = answer.await.map_err(|_| {
        Failure::new(ErrorCode::Unreachable, "nobody answered")
            .next("ask the owner to tap Allow, then join again")
    })??;
    println!("joined {name}");
    Ok(())
}

async fn find_nearby(reach: &Reach, name: &str) -> Result<String, Failure> {
    let mut events = reach.door().subscribe();
    let deadline = tokio::time::Instant::now() + LOOK_AROUND;
    loop {
        let nearby: Vec<NearbyPeer> = reach.call("nearby", ()).await?;
        let matches = |peer: &&NearbyPeer| {
            peer.person.name.eq_ignore_ascii_case(name)
                || (name.len() >= 4 && peer.person.peer.starts_with(name))
        };
        if let Some(peer) = nearby.iter().find(matches) {
            return Ok(peer.person.peer.clone());
        }
        let changed = tokio::time::timeout_at(deadline, events.recv()).await;
        if changed.is_err() {
            return Err(Failure::new(ErrorCode::NotFound, format!("nobody called {name:?} is nearby")).next(
                "`antiphon peers` lists who is; where discovery is blocked, join by address or invite link",
            ));
        }
    }
}

pub async fn invite(reach: &Reach, json: bool) -> Result<(), Failure> {
    if reach.door().is_here() {
        // The door behind the link would close with this command.
        return Err(Failure::new(ErrorCode::Unreachable, "no Antiphon is running that could open the door")
            .next("start the window or `antiphon serve`, then ask for the invite again"));
    }
    let invite: Invite = reach.call("invite", ()).await?;
    if json {
        return print_json(&invite);
    }
    println!("{}", invite.link);
    eprintln!("opens the door for {} minutes; you still say yes to each who comes", invite.expires_in_s / 60);
    Ok(())
}

pub async fn allow(reach: &Reach, peer: &str, listener: bool) -> Result<(), Failure> {
    let asking: Vec<JoinRequest> = reach.call("join_requests", ()).await?;
    let matches = |request: &&JoinRequest| {
        request.person.name.eq_ignore_ascii_case(peer)
            || (peer.len() >= 4 && request.person.peer.starts_with(peer))
    };
    let request = asking.iter().find(matches).ok_or_else(|| {
        Failure::new(ErrorCode::NotFound, format!("{peer:?} does not ask to join"))
            .next("`antiphon peers` shows who does")
    })?;
    let role = Some(if listener { Role::Listener } else { Role::Editor });
    reach.call::<()>("answer_join", AnswerJoin { peer: request.person.peer.clone(), role }).await
}
