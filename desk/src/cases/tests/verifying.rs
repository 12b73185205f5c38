//! What is believed of a case that a registry shows, and of a docket that follows from it.

use callboard_federation::{
    disclosure::{Disclosure, DocketDisclosure},
    dsse::{Envelope, PayloadType, SignatureLine},
    encoding::Hash,
    roster::RuleKey,
    statement::Kind,
};
use callboard_rules::case::{act::Act, vote::Choice};
use ed25519_dalek::SigningKey;

use super::scene::{PANEL, Scene, all, but};
use crate::{
    bundle::Bundle,
    cases::{
        audit::audit,
        case_file::{Chains, log_keys},
        chain_file,
        docket::{by_case, cases_of, chains, longer},
        own_acts::{OwnActs, missing},
        proposal::{is_what, items_to_add, proposals},
    },
    draft::log_records::LogRecords,
    signing::{self, SigningError},
};

#[test]
fn a_chain_is_a_case_only_with_the_logs_word_for_each_event() {
    let scene = Scene::opened(&[1]);
    assert_eq!(scene.file().unwrap().events.len(), 2);
    let altered = |alter: &dyn Fn(&mut Scene)| {
        let mut scene = Scene::opened(&[1]);
        alter(&mut scene);
        scene.file().unwrap_err().code()
    };
    let another_key = |scene: &mut Scene| {
        let kept = &mut scene.kept[1];
        kept.acknowledgement.signatures.clear();
        kept.acknowledgement.sign(&SigningKey::from_bytes(&[8; 32]));
    };
    assert_eq!(altered(&another_key), "case-unacknowledged");
    let anothers = |scene: &mut Scene| scene.kept[1].acknowledgement = scene.kept[0].acknowledgement.clone();
    assert_eq!(altered(&anothers), "case-unacknowledged");
    assert_eq!(altered(&|scene| drop(scene.kept.remove(0))), "case-rules");
    let signed_by_another = |scene: &mut Scene| {
        let key = scene.key("panel-1").signing_key().clone();
        let event = &mut scene.kept[1].event;
        event.signatures.clear();
        event.sign(&key);
    };
    assert_eq!(altered(&signed_by_another), "case-rules");
}

#[test]
fn an_own_act_that_is_left_out_or_replaced_is_told_with_the_evidence() {
    let home = tempfile::tempdir().unwrap();
    let own = OwnActs::in_home(home.path());
    let mut scene = Scene::opened(&[1]);
    let seq = scene.does("panel-1", &Act::Recused { items: vec![1] });
    let kept = scene.kept[2].clone();
    own.keep(scene.id, &kept).unwrap();
    let keys = log_keys(scene.committee.replay().history());
    own.check(scene.id, &scene.kept, &keys).unwrap();

    let left_out = &scene.kept[..2];
    let error = own.check(scene.id, left_out, &keys).unwrap_err();
    assert_eq!(error.code(), "case-alarm");
    let evidence = home.path().join("acknowledgements").join(format!("evidence-{}-{seq}.json", scene.id));
    assert!(std::fs::read_to_string(evidence).unwrap().contains("\"own\""));
    assert!(!missing(scene.id, std::slice::from_ref(&kept), left_out, &keys).unwrap().convicts(&keys));

    // Another event in its place, acknowledged too: the log signed two histories.
    let (mut other, before) = (Scene::opened(&[]), scene.kept[..2].to_vec());
    std::mem::swap(&mut other.committee, &mut scene.committee);
    other.kept = before;
    other.does("secretariat-1", &Act::ItemDropped { item: 1 });
    let alarm = missing(other.id, &[kept], &other.kept, &keys).unwrap();
    assert!(alarm.convicts(&keys));
    assert_eq!(alarm.seq(), seq);
}

#[test]
fn what_was_sent_and_never_answered_is_kept_once_it_is_shown_and_a_torn_line_spoils_nothing() {
    let home = tempfile::tempdir().unwrap();
    let own = OwnActs::in_home(home.path());
    let scene = Scene::opened(&[1]);
    own.keep_missing(scene.id, &scene.kept).unwrap();
    own.keep_missing(scene.id, &scene.kept).unwrap();
    assert_eq!(own.of(scene.id).unwrap(), scene.kept);
    let path = home.path().join("acknowledgements").join(format!("{}.ndjson", scene.id));
    let mut bytes = std::fs::read(&path).unwrap();
    bytes.truncate(bytes.len() - 9);
    std::fs::write(&path, bytes).unwrap();
    own.keep_missing(scene.id, &scene.kept).unwrap();
    assert_eq!(own.of(scene.id).unwrap(), scene.kept);
}

fn facts(scene: &Scene, bundle: &Bundle) -> crate::signing::Facts {
    let mut found = scene.committee.find(bundle, LogRecords::default());
    found.cases = cases_of(&by_case(chains(bundle.events())), scene.committee.replay()).unwrap();
    found
}

fn signed(scene: &Scene, bundle: &Bundle) -> Result<usize, SigningError> {
    let signer = scene.key("panel-1").public_key().id();
    signing::check(bundle, &mut facts(scene, bundle), signer, scene.now).map(|letters| letters.len())
}

#[test]
fn a_proposal_isnt_signed_and_the_docket_of_what_was_resolved_is() {
    let mut scene = Scene::heard(&[1, 2]);
    let proposal = scene.proposal();
    assert!(matches!(signed(&scene, &proposal), Err(SigningError::Proposal)));
    let letters = signing::letters(&proposal, &mut facts(&scene, &proposal), scene.now).unwrap();
    assert_eq!(letters.len(), 2, "but it is read");
    let procedure = scene.decided(&proposal);
    let docket = scene.docket(&proposal, procedure).unwrap();
    assert_eq!(docket.number(), Some("示例〔2026〕1号"));
    assert_eq!(signed(&scene, &docket).unwrap(), 2);
    assert_eq!(docket.with_signatures(Vec::new()).events.len(), 1, "its chain is handed in with it");
    // Of the same statements one is missing; or the chain says that something overtook it.
    let mut items = docket.docket().clone();
    items.items.pop();
    let fewer = Bundle::draft(&items, docket.items()[..1].to_vec(), None, docket.events().to_vec()).unwrap();
    assert!(matches!(signed(&scene, &fewer), Err(SigningError::Case(_))));
    scene.does("panel-2", &Act::Recused { items: vec![1] });
    let overtaken = Bundle::draft(docket.docket(), docket.items().to_vec(), None, scene.file().unwrap().envelopes());
    assert!(signed(&scene, &overtaken.unwrap()).is_err());
}

#[test]
fn only_what_was_carried_becomes_the_docket() {
    let mut scene = Scene::heard(&[1, 2]);
    let proposal = scene.proposal();
    let session = scene.session(proposals(&proposal, scene.id, &[]).unwrap());
    let votes = [all(Choice::For), but(&[2]), but(&[2])];
    scene.votes(session, &[0, 1, 2].map(|at: usize| (PANEL[at], votes[at].clone())));
    let procedure = scene.resolves(session);
    let docket = scene.docket(&proposal, procedure).unwrap();
    assert_eq!(docket.items().len(), 1);
    assert_eq!(signed(&scene, &docket).unwrap(), 1);
    let another = scene.proposal();
    assert_eq!(scene.docket(&another, procedure).err().unwrap().code(), "proposal-another");
}

#[test]
fn nothing_goes_before_the_panel_on_an_item_that_isnt_to_be_decided_so() {
    let scene = Scene::heard(&[1, 2]);
    let (proposal, mut case) = (scene.proposal(), scene.case());
    assert!(items_to_add(&proposal, &case, &[], &[]).unwrap().is_empty());
    case.items.get_mut(&2).unwrap().decides = vec![RuleKey { kind: Kind::Link, of: None }];
    assert_eq!(items_to_add(&proposal, &case, &[], &[]).err().unwrap().code(), "proposal-decides");
}

#[test]
fn what_is_voted_on_is_known_word_for_word() {
    let mut scene = Scene::heard(&[1, 2]);
    let (proposal, another) = (scene.proposal(), scene.proposal());
    let session = scene.session(proposals(&proposal, scene.id, &[2]).unwrap());
    let items = match scene.case().stage {
        callboard_rules::case::Stage::Sitting(session) => session.items,
        other => panic!("{other:?}"),
    };
    assert!(is_what(&proposal, scene.id, &items).unwrap());
    assert!(!is_what(&another, scene.id, &items).unwrap());
    assert_eq!(proposals(&proposal, scene.id, &[3]).err().unwrap().code(), "proposal-item");
    assert!(session > 0);
}

#[test]
fn of_two_chains_of_one_case_the_longer_counts_and_two_histories_dont() {
    let mut scene = Scene::opened(&[1]);
    let before = scene.file().unwrap().envelopes();
    scene.adds(2);
    let after = scene.file().unwrap().envelopes();
    assert_eq!(longer(before.clone(), after.clone()).unwrap(), after);
    let mut other = Scene::opened(&[1]);
    std::mem::swap(&mut other.committee, &mut scene.committee);
    let parted = [before[..1].to_vec(), vec![other.signed("secretariat-1", &Act::ItemDropped { item: 1 }, None)]];
    assert_eq!(longer(after, parted.concat()).unwrap_err().code(), "case-two-histories");
}

/// A docket, as the log discloses it.
fn line(scene: &Scene, bundle: &Bundle) -> Disclosure {
    let signers = ["panel-1", "panel-2", "chair-1", "secretariat-1"];
    let sign = |holder: &str| SignatureLine::of(scene.key(holder).signing_key(), PayloadType::Docket, bundle.payload());
    let envelope = Envelope {
        signatures: signers.map(sign).to_vec(),
        ..Envelope::new(PayloadType::Docket, bundle.payload().to_vec())
    };
    let items = bundle.items().iter().map(|item| Some(item.statement.0.clone())).collect();
    let index = scene.committee.replay().index_of(&bundle.hash()).unwrap();
    Disclosure { index, entry: Vec::new(), docket: Some(DocketDisclosure { envelope, items, publication: None }) }
}

#[test]
fn an_audit_finds_a_docket_that_leaves_out_what_its_case_resolved() {
    let mut scene = Scene::heard(&[1, 2]);
    let proposal = scene.proposal();
    let procedure = scene.decided(&proposal);
    let docket = scene.docket(&proposal, procedure).unwrap();
    let mut fewer = docket.docket().clone();
    fewer.items.pop();
    let fewer = Bundle::draft(&fewer, docket.items()[..1].to_vec(), None, docket.events().to_vec()).unwrap();
    let now = scene.now;
    scene.committee.log(&fewer, now).unwrap();
    let lines = [line(&scene, &fewer)];
    let found = audit(lines.into_iter().map(Ok::<_, ()>), &scene.chains(), scene.committee.replay()).unwrap();
    assert_eq!((found.dockets, found.faults.len()), (0, 1), "{found:?}");
}

#[test]
fn an_audit_holds_each_docket_against_its_case_and_tells_which_isnt_at_hand() {
    let mut scene = Scene::heard(&[1, 2]);
    let proposal = scene.proposal();
    let procedure = scene.decided(&proposal);
    let docket = scene.docket(&proposal, procedure).unwrap();
    let now = scene.now;
    scene.committee.log(&docket, now).unwrap();
    let lines = vec![line(&scene, &docket)];
    let ask = |lines: &[Disclosure], chains: &Chains| {
        audit(lines.iter().cloned().map(Ok::<_, ()>), chains, scene.committee.replay()).unwrap()
    };
    let found = ask(&lines, &scene.chains());
    assert!(found.is_clean(), "{found:?}");
    assert_eq!((found.cases, found.dockets), (1, 1));
    let without = ask(&lines, &Chains::new());
    assert_eq!(without.without_case, [(lines[0].index, procedure)]);
    let mut shorter = scene.chains();
    for chain in shorter.values_mut() {
        chain.pop();
    }
    assert!(!ask(&lines, &shorter).is_clean());
    let mut holed = scene.chains();
    for chain in holed.values_mut() {
        chain.remove(3);
    }
    assert_eq!(ask(&lines, &holed).faults.len(), 1);
}

#[test]
fn a_chain_reads_as_it_was_written() {
    let scene = Scene::opened(&[1]);
    let mut chains = Chains::new();
    chain_file::read(&chain_file::write(&scene.kept), &mut chains).unwrap();
    assert_eq!(chains, scene.chains());
    assert_eq!(chain_file::read(b"{}\n", &mut chains).unwrap_err().code(), "case-file");
    let nothing = Hash::of(b"");
    assert!(scene.kept.iter().all(|kept| kept.event.payload_hash() != nothing));
}
