use callboard_client::public_file::PublicFile;
use callboard_federation::{
    document::DocumentError,
    dsse::{PayloadType, SignatureLine},
    replay::{ReadDocket, Replay, RuleError},
    roster::ThresholdError,
    tlog::vkey::SignatureType,
    token_key::TokenPublicKey,
};
use callboard_keys::{MemberKey, SeatKey};
use callboard_rules::policies;
use ed25519_dalek::SigningKey;
use rand_core::{Rng as _, UnwrapErr};

use super::*;

pub(crate) const ISSUER: &str = "callboard.test";

pub(crate) fn os_rng() -> UnwrapErr<rand::rngs::SysRng> {
    UnwrapErr(rand::rngs::SysRng)
}

pub(crate) fn now() -> Time {
    Time::from_seconds(1_800_000_000)
}

pub(crate) fn seats(panel: usize, chairs: usize, secretariat: usize) -> Vec<SeatKey> {
    let roles = [(Role::Panel, panel), (Role::Chair, chairs), (Role::Secretariat, secretariat)];
    let named = roles.into_iter().flat_map(|(role, count)| (1..=count).map(move |at| (format!("{role}-{at}"), role)));
    named.map(|(holder, role)| SeatKey::generate(holder, role, &mut os_rng()).unwrap()).collect()
}

pub(crate) fn member(id: &str, issuer: &str) -> PublicMember {
    let key = MemberKey::generate(id.to_owned().try_into().unwrap(), issuer.to_owned(), &mut os_rng()).unwrap();
    match key.public(id.to_owned()) {
        PublicFile::Member(member) => member,
        _ => unreachable!(),
    }
}

pub(crate) fn setup(seats: &[SeatKey]) -> RegistrySetup {
    let public = |key: &SeatKey| match key.public() {
        PublicFile::Seat(seat) => seat,
        _ => unreachable!(),
    };
    let mut seed = [0; 32];
    os_rng().fill_bytes(&mut seed);
    let log = callboard_federation::encoding::PublicKey::of(&SigningKey::from_bytes(&seed));
    // The generator of ristretto255: a point is all that the roster asks.
    let point: [u8; 32] =
        hex::decode("e2f2ae0a6abc4e71a884a961c500515f58e30b6aa582dd8db6a65945e08d2d76").unwrap().try_into().unwrap();
    RegistrySetup {
        issuer: ISSUER.to_owned(),
        issued_at: now(),
        expires: now().plus_days(ROSTER_DAYS),
        seats: seats.iter().map(public).collect(),
        log: VerifierKey::new(ISSUER.parse().unwrap(), SignatureType::Note, log),
        token_keys: vec![PublicTokenKey {
            v: 1,
            issuer: ISSUER.to_owned(),
            epoch: "1".parse().unwrap(),
            public_key: TokenPublicKey::from_bytes(point).unwrap(),
        }],
        members: vec![member("alpha", ISSUER), member("beta", ISSUER)],
        witnesses: Vec::new(),
        quorum: 2,
        policies: policies::ALL.iter().map(|source| source.document().unwrap()).collect(),
    }
}

pub(crate) fn log(replay: &mut Replay, bundle: &Bundle, signers: &[&SeatKey]) -> Result<(), RuleError> {
    let sign = |key: &&SeatKey| SignatureLine::of(key.signing_key(), PayloadType::Docket, bundle.payload());
    let handed = bundle.with_signatures(signers.iter().map(sign).collect()).into_parts().0;
    replay.log(&ReadDocket::of(&handed)?, now().plus_millis(1)).map(|_| ())
}

#[test]
fn a_founded_registry_begins_once_enough_seats_signed() {
    let seats = seats(4, 2, 2);
    let drafts = setup(&seats).draft(&mut os_rng()).unwrap();
    let [panel_1, panel_2, _, _, chair, _, secretary, _] = &seats[..] else { unreachable!() };
    let mut replay = Replay::new(Some(drafts.genesis.hash()));

    assert!(matches!(
        log(&mut replay, &drafts.genesis, &[panel_1, chair]),
        Err(RuleError::Threshold { asked: 2, got: 1, .. })
    ));
    assert!(log(&mut replay, &drafts.genesis, &[panel_1, panel_2, secretary]).is_err());
    log(&mut replay, &drafts.genesis, &[panel_1, panel_2, chair]).unwrap();
    assert_eq!(replay.roster(), Some(&drafts.roster));
    assert_eq!(drafts.roster.witnesses.quorum, 2);

    log(&mut replay, &drafts.members.unwrap(), &[panel_1, chair]).unwrap();
    assert_eq!(replay.members().unwrap().document.value.members.len(), 2);
    log(&mut replay, &drafts.policies.unwrap(), &[panel_1, panel_2, chair]).unwrap();
    assert_eq!(replay.policies().len(), policies::ALL.len());
}

#[test]
fn the_default_thresholds_survive_the_loss_of_any_seat() {
    for (panel, chairs, secretariat) in [(2, 2, 1), (3, 2, 1), (4, 2, 2), (9, 3, 4)] {
        let seats = seats(panel, chairs, secretariat);
        let drafts = setup(&seats).draft(&mut os_rng()).unwrap();
        for lost in 0..seats.len() {
            let left: Vec<&SeatKey> =
                seats.iter().enumerate().filter(|(at, _)| *at != lost).map(|(_, key)| key).collect();
            let mut replay = Replay::new(None);
            log(&mut replay, &drafts.genesis, &left).unwrap();
        }
    }
}

#[test]
fn a_committee_that_one_loss_would_disable_is_refused() {
    for (panel, chairs, secretariat) in [(1, 2, 1), (4, 1, 2), (4, 2, 0), (0, 0, 0)] {
        let refused = setup(&seats(panel, chairs, secretariat)).draft(&mut os_rng());
        assert!(matches!(refused, Err(Error::TooFewSeats { .. })));
    }
}

#[test]
fn what_everyone_would_refuse_is_refused_before_anyone_signs() {
    let seats = seats(4, 2, 2);
    let draft = |change: fn(&mut RegistrySetup)| {
        let mut setup = setup(&seats);
        change(&mut setup);
        setup.draft(&mut os_rng()).map(|_| ()).unwrap_err()
    };
    let of_roster = |error| match error {
        Error::Document { kind: Kind::Roster, source } => source,
        other => panic!("{other:?}"),
    };
    let twice = |setup: &mut RegistrySetup| setup.seats[1] = setup.seats[0].clone();
    assert!(matches!(of_roster(draft(twice)), DocumentError::Repeated(_)));
    let of_one = |setup: &mut RegistrySetup| setup.quorum = 1;
    assert!(matches!(of_roster(draft(of_one)), DocumentError::Thresholds(ThresholdError::Quorum)));
    let other_log = |setup: &mut RegistrySetup| setup.issuer = "other.test".to_owned();
    assert!(matches!(draft(other_log), Error::OfAnotherRegistry { .. }));
    let other_member = |setup: &mut RegistrySetup| setup.members[0] = member("alpha", "other.test");
    assert!(matches!(draft(other_member), Error::OfAnotherRegistry { .. }));
    let one_key = |setup: &mut RegistrySetup| setup.members[0].public_key = setup.seats[0].public_key;
    assert!(matches!(draft(one_key), Error::KeyRepeated));
    assert!(matches!(draft(|setup| setup.token_keys.clear()), Error::NoTokenKey));
    assert!(matches!(draft(|setup| setup.expires = setup.issued_at), Error::BornExpired));
}
