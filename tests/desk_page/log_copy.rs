//! The copy of the log that a desk keeps: what a registry showed once it can't take back unseen, and nothing in it is
//! the registry's word.

use std::{fs, sync::Arc};

use callboard_client::{
    clock::{Clock as _, HandClock},
    http::{Caller, client},
    pin::Pin,
    runtime::os_rng,
};
use callboard_desk::{
    fork_evidence::{ForkClaim, verify_fork},
    log_copy::{LogCopy, Look, alarm::LogAlarm},
    verified_log::{Reach, VerifiedLog},
};
use callboard_federation::{
    disclosure::Disclosure,
    statement::Kind,
    tlog::vkey::{KeyName, SignatureType, VerifierKey},
};
use ed25519_dalek::SigningKey;

use crate::{
    committee::tag,
    registry::{Log, Registry, hex},
};

const BOTH: [&str; 2] = ["one", "two"];

/// A registry, and a desk's home.
struct Scene {
    log: Log,
    registry: Registry,
    home: tempfile::TempDir,
    clock: Arc<HandClock>,
    key: SigningKey,
}

/// What a look came to, with what was verified in it.
#[derive(Debug, PartialEq)]
enum Told {
    UpTo(u64),
    Alarm(LogAlarm),
    Failed(String),
}

impl Scene {
    async fn of(log: Log) -> Self {
        let registry = Registry::of(&log, &BOTH).await;
        let (clock, key) = (Arc::new(HandClock::at(log.now)), SigningKey::from_bytes(&[7; 32]));
        Self { log, registry, home: tempfile::tempdir().unwrap(), clock, key }
    }

    fn directory(&self) -> std::path::PathBuf {
        self.home.path().join("log")
    }

    fn open(&self) -> LogCopy {
        LogCopy::open(&self.directory(), Arc::default()).unwrap()
    }

    fn show(&self, log: &Log) {
        self.registry.show(log, &BOTH);
    }

    async fn looked(&self, copy: &mut LogCopy) -> Result<Look, callboard_desk::Error> {
        let url: callboard_client::pin::Address = self.registry.url.parse().unwrap();
        let (issuer, genesis) = (self.log.committee.issuer().to_owned(), self.log.committee.genesis());
        let pin = Pin { v: 1, issuer, genesis, url: url.clone(), tokens_url: url };
        let caller = Caller::new(client().unwrap(), &self.key, &*self.clock);
        copy.look(&callboard_desk::registry::Registry::new(&pin, &caller), &mut os_rng()).await
    }

    async fn look(&self, copy: &mut LogCopy) -> Told {
        match self.looked(copy).await {
            Ok(Look::UpToDate(log)) => Told::UpTo(log.reach().size),
            Ok(Look::Alarm(alarm)) => Told::Alarm(alarm),
            Err(error) => Told::Failed(error.code()),
        }
    }

    /// The files as anybody reads an export.
    fn read(&self) -> Reach {
        VerifiedLog::read(&self.directory(), self.log.committee.genesis(), self.clock.now()).unwrap().reach()
    }

    fn feed(&self) -> Vec<u8> {
        fs::read(self.directory().join("feed.ndjson")).unwrap()
    }
}

/// A log with a quorum of two, in which one person is suspended.
fn begun() -> Log {
    let mut log = Log::new(2, &BOTH);
    log.suspend(&tag(500));
    log
}

fn size(log: &Log) -> u64 {
    log.lines.len() as u64
}

/// The same with another ruling.
fn and(log: &Log, person: u32) -> Log {
    let mut log = log.clone();
    // Drafted by other chance than whatever else the log goes on with.
    for _ in 0..person {
        drop(log.committee.suspend(log.now, &tag(person)));
    }
    log.suspend(&tag(person));
    log
}

#[tokio::test]
async fn a_copy_is_what_the_registry_showed_and_enough_have_seen_and_is_there_again_after_a_start() {
    let scene = Scene::of(begun()).await;
    let first = size(&scene.log);
    let mut copy = scene.open();
    assert_eq!(scene.look(&mut copy).await, Told::UpTo(first));
    assert_eq!(scene.read().size, first);

    // What one witness alone has seen isn't vouched for.
    let more = and(&scene.log, 501);
    scene.registry.show(&more, &["one"]);
    assert_eq!(scene.look(&mut copy).await, Told::UpTo(first));
    drop(copy);
    let mut copy = scene.open();
    scene.show(&more);
    assert_eq!(scene.look(&mut copy).await, Told::UpTo(first + 1));
    assert_eq!(scene.read().size, first + 1);
    assert!(LogCopy::open(&scene.directory(), Arc::default()).is_err(), "one desk keeps a copy");
    drop(copy);

    // Torn, or cut by hand: it is followed anew.
    for torn in [&scene.feed()[..400], b"", b"{}\n"] {
        fs::write(scene.directory().join("feed.ndjson"), torn).unwrap();
        assert_eq!(scene.look(&mut scene.open()).await, Told::UpTo(first + 1));
        assert_eq!(scene.read().size, first + 1);
    }
    // What stands behind the checkpoint was seen by nobody.
    let whole = scene.feed();
    fs::write(scene.directory().join("feed.ndjson"), [&whole, &b"{\"index\":"[..]].concat()).unwrap();
    assert_eq!(scene.look(&mut scene.open()).await, Told::UpTo(first + 1));
    assert_eq!(scene.feed(), whole);
}

#[tokio::test]
async fn nothing_is_vouched_for_that_too_few_witnesses_have_seen_and_a_gap_in_answers_loses_nothing() {
    let scene = Scene::of(begun()).await;
    scene.registry.show(&scene.log, &["one"]);
    let mut copy = scene.open();
    assert_eq!(scene.look(&mut copy).await, Told::Failed("log-unwitnessed".to_owned()));
    scene.show(&scene.log);
    assert_eq!(scene.look(&mut copy).await, Told::UpTo(size(&scene.log)));
    scene.registry.shown().status = reqwest::StatusCode::INTERNAL_SERVER_ERROR;
    assert!(matches!(scene.look(&mut copy).await, Told::Failed(_)));
    scene.registry.shown().status = reqwest::StatusCode::OK;
    scene.show(&and(&scene.log, 501));
    assert_eq!(scene.look(&mut copy).await, Told::UpTo(size(&scene.log) + 1));
}

#[tokio::test]
async fn a_registry_that_shows_another_history_is_convicted_by_what_the_desk_keeps() {
    let log = begun();
    let (one, other) = (and(&log, 501), and(&log, 502));
    let cases = [(one.clone(), other.clone()), (one.clone(), and(&other, 503)), (and(&one, 503), other)];
    for (shown, forked) in cases {
        let scene = Scene::of(shown.clone()).await;
        assert_eq!(scene.look(&mut scene.open()).await, Told::UpTo(size(&shown)));
        scene.show(&forked);
        let mut copy = scene.open();
        let told = scene.look(&mut copy).await;
        let Told::Alarm(alarm @ LogAlarm::Forked { .. }) = &told else { panic!("{told:?}") };
        let LogAlarm::Forked { file } = alarm else { unreachable!() };
        let evidence = ForkClaim::read(&fs::read(scene.directory().join(file)).unwrap()).unwrap();
        assert!(verify_fork(&[evidence], &[log_key(&log)])[0].proven.is_ok());
        assert_eq!(scene.read().size, size(&shown), "what it kept is as it was");
        // It doesn't pass, even where the first history is shown again.
        scene.show(&shown);
        assert_eq!(scene.look(&mut copy).await, told);
        drop(copy);
        assert_eq!(scene.look(&mut scene.open()).await, told);
    }
}

#[tokio::test]
async fn what_a_registry_withholds_takes_back_or_makes_up_is_told() {
    let log = begun();
    let scene = Scene::of(and(&log, 501)).await;
    let size = size(&scene.log);
    let mut copy = scene.open();
    assert_eq!(scene.look(&mut copy).await, Told::UpTo(size));

    // Fewer than it showed, and then all again.
    scene.show(&log);
    let shrank = LogAlarm::Shrank { had: size, shows: size - 1 };
    assert_eq!(scene.look(&mut copy).await, Told::Alarm(shrank.clone()));
    drop(copy);
    let mut copy = scene.open();
    assert_eq!(scene.look(&mut copy).await, Told::Alarm(shrank), "after a start too");
    scene.show(&scene.log);
    assert_eq!(scene.look(&mut copy).await, Told::UpTo(size));

    // The last entry, or a statement.
    let more = and(&scene.log, 502);
    scene.show(&more);
    scene.registry.shown().lines.pop();
    assert_eq!(scene.look(&mut copy).await, Told::Alarm(LogAlarm::Withheld { index: size }));
    scene.show(&more);
    scene.registry.shown().lines.last_mut().unwrap().erase(0);
    assert_eq!(scene.look(&mut copy).await, Told::Alarm(LogAlarm::Withheld { index: size }));

    // Another key's note, another statement, no line.
    scene.show(&more);
    let stranger = callboard_federation::tlog::checkpoint::Checkpoint {
        origin: log.committee.issuer().parse().unwrap(),
        ..scene.registry.shown().note.checkpoint().clone()
    };
    scene.registry.shown().note = stranger.sign(&SigningKey::from_bytes(&[9; 32]));
    assert_eq!(scene.look(&mut copy).await, Told::Alarm(LogAlarm::Unsigned));
    scene.show(&more);
    let last = scene.registry.shown().lines.last_mut().unwrap().docket.as_mut().unwrap().items[0].take();
    let altered = String::from_utf8(last.unwrap()).unwrap().replace("suspension", "bar");
    scene.registry.shown().lines.last_mut().unwrap().docket.as_mut().unwrap().items[0] = Some(altered.into_bytes());
    let told = scene.look(&mut copy).await;
    assert!(matches!(told, Told::Alarm(LogAlarm::Fault { index, .. }) if index == size), "{told:?}");

    // None of it is kept, and none of it lasts.
    scene.show(&more);
    assert_eq!(scene.look(&mut copy).await, Told::UpTo(size + 1));
    assert_eq!(scene.read().size, size + 1);
}

#[tokio::test]
async fn what_was_erased_is_gone_from_the_copy_and_may_not_come_back() {
    let mut log = Log::new(2, &BOTH);
    let ruling = log.committee.suspend(log.now, &tag(500));
    let salt = String::from_utf8(ruling.bytes.clone()).unwrap();
    let docket = log.committee.docket(log.now, &[&ruling], None);
    log.take(docket);
    let at = log.lines.len() - 1;
    let annulment = log.committee.act(log.now, Kind::Annulment, Kind::Ruling, &[ruling.record()]);
    let docket = log.committee.docket(log.now, &[&annulment], None);
    log.take(docket);
    let scene = Scene::of(log.clone()).await;
    let mut copy = scene.open();
    assert_eq!(scene.look(&mut copy).await, Told::UpTo(size(&log)));
    let holds = |scene: &Scene| {
        Disclosure::from_json(scene.feed().split(|byte| *byte == b'\n').nth(at).unwrap())
            .unwrap()
            .docket
            .is_some_and(|docket| docket.items[0].as_deref() == Some(salt.as_bytes()))
    };
    assert!(holds(&scene));

    log.now = log.now.plus_days(1);
    let chain = [ruling.record(), annulment.record()];
    let erasure = log.committee.act(log.now, Kind::Erasure, Kind::Ruling, &chain);
    let docket = log.committee.docket(log.now, &[&erasure], None);
    log.take(docket);
    scene.clock.move_to(log.now);
    scene.show(&log);
    assert_eq!(scene.look(&mut copy).await, Told::UpTo(size(&log)));
    assert!(!holds(&scene), "its bytes are gone");
    assert_eq!(scene.read().size, size(&log), "and it is a log still");
    drop(copy);
    assert_eq!(scene.look(&mut scene.open()).await, Told::UpTo(size(&log)));

    // Who follows it anew, and is shown what was erased, is told.
    fs::remove_dir_all(scene.directory()).unwrap();
    let told = scene.look(&mut scene.open()).await;
    assert!(matches!(told, Told::Alarm(LogAlarm::StillShown { .. })), "{told:?}");
}

fn log_key(log: &Log) -> VerifierKey {
    let seed = hex(&log.committee.vectors["logKeySeed"]);
    let name: KeyName = log.committee.issuer().parse().unwrap();
    let key = callboard_federation::encoding::PublicKey::of(&SigningKey::from_bytes(&seed));
    VerifierKey::new(name, SignatureType::Note, key)
}
