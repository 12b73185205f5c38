//! What of a draft's answers counts, whatever the registry shows; and who can open what.

use callboard_federation::{dsse::PayloadType, encoding::Octets, language::Language};

use super::*;
use crate::tests::{Committee, SHEET, noon};

fn draft(bundle: &Bundle, answers: Vec<DraftAnswer>) -> Draft {
    Draft {
        id: DraftId::new(noon(), [0; 10]),
        docket: bundle.hash(),
        drafter: KeyId::of(b"drafter"),
        drafted_at: noon(),
        asked: Vec::new(),
        readers: Vec::new(),
        state: DraftState::Open,
        index: None,
        erased_at: None,
        answers,
        sealed: None,
    }
}

fn answer(seat: &SeatKey, act: DraftAct, payload: Option<&[u8]>) -> DraftAnswer {
    let line = payload.map(|payload| SignatureLine::of(seat.signing_key(), PayloadType::Docket, payload));
    DraftAnswer { seat: seat.public_key().id(), act, at: noon(), signature: line.map(|line| line.sig), sealed: None }
}

fn counted(committee: &Committee, bundle: &Bundle, answers: Vec<DraftAnswer>) -> (Vec<KeyId>, Vec<KeyId>) {
    let (lines, refused) = verified(&draft(bundle, answers), bundle.payload(), &committee.roster);
    (lines.into_iter().map(|line| line.keyid).collect(), refused)
}

#[test]
fn a_signature_that_does_not_verify_is_named_and_counts_for_nothing() {
    let committee = Committee::found();
    let bundle = committee.rule(SHEET);
    let [honest, forged, of_another, ..] = committee.seats.as_slice() else { unreachable!() };
    let mut forgery = answer(forged, DraftAct::Sign, Some(bundle.payload()));
    forgery.signature = forgery.signature.map(|Octets(mut bytes)| {
        bytes[3] ^= 1;
        Octets(bytes)
    });
    let stranger = SeatKey::generate("stranger".to_owned(), Role::Panel, &mut crate::tests::os_rng()).unwrap();
    let (counted, refused) = counted(
        &committee,
        &bundle,
        vec![
            forgery,
            answer(of_another, DraftAct::Sign, Some(b"another docket")),
            answer(&stranger, DraftAct::Sign, Some(bundle.payload())),
            answer(honest, DraftAct::Sign, Some(bundle.payload())),
        ],
    );
    assert_eq!(counted, [honest.public_key().id()]);
    assert_eq!(refused, [forged, of_another, &stranger].map(|seat| seat.public_key().id()));
}

#[test]
fn a_withdrawn_signature_counts_for_nothing_though_a_registry_still_shows_it() {
    let committee = Committee::found();
    let bundle = committee.rule(SHEET);
    let seat = &committee.seats[0];
    let signed = answer(seat, DraftAct::Sign, Some(bundle.payload()));
    let withdrawn = answer(seat, DraftAct::Withdraw, None);
    assert_eq!(counted(&committee, &bundle, vec![signed.clone(), withdrawn.clone()]), (Vec::new(), Vec::new()));
    let again = counted(&committee, &bundle, vec![signed.clone(), withdrawn, signed]);
    assert_eq!(again, (vec![seat.public_key().id()], Vec::new()), "once, however often it is shown");
}

#[test]
fn what_is_sealed_opens_for_its_readers_alone_as_it_was() {
    let committee = Committee::found();
    let bundle = committee.rule(SHEET);
    let [first, second, other, ..] = committee.seats.as_slice() else { unreachable!() };
    let sealed = bundle.seal([first.recipient(), second.recipient(), first.recipient()]).unwrap();
    for reader in [first, second] {
        let opened = Bundle::unseal(&sealed, reader).unwrap();
        assert_eq!((opened.hash(), opened.items().len()), (bundle.hash(), bundle.items().len()));
        assert!(opened.items() == bundle.items() && opened.events() == bundle.events());
    }
    let refused = |sealed: &[u8], key| Bundle::unseal(sealed, key).err().map(|error| error.code());
    assert_eq!(refused(&sealed, other).as_deref(), Some("sealed-for-others"));
    let (end, mut altered) = (sealed.len() - 1, sealed.clone());
    altered[end] ^= 1;
    assert_eq!(refused(&altered, first).as_deref(), Some("sealed-malformed"));
    assert_eq!(refused(b"no age file", first).as_deref(), Some("sealed-malformed"));
}

#[test]
fn a_key_that_left_the_roster_is_told_by_no_hash() {
    let (committee, stranger) = (Committee::found(), KeyId::of(b"stranger"));
    let told = |seat: &KeyId| Language::Zh.saying(|| shown::holder(&committee.roster, seat));
    assert_eq!(told(&stranger), "已不在名单上的密钥");
    assert_eq!(told(&committee.seats[0].public_key().id()), committee.seats[0].holder());
}
