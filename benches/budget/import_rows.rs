//! A table of a thousand people, from its bytes to what is sent to the seats, beside the bare cryptography of their tags and
//! seals. Registry and token service are a sandbox's, in a process of its own.

use std::time::Instant;

use callboard_client::{clock::MachineClock, http, pin::PinFile, runtime::os_rng};
use callboard_desk::{
    drafter::Drafter,
    import::{Import, drafting::draft, look::look},
    registry::Registry,
};
use callboard_federation::{
    encoding::{RecordId, Time},
    identity::{Identity, IdentityKind},
    sealed::{Holder, Plain, seal},
    tag::Epoch,
};
use callboard_keys::SeatKey;
use callboard_tokens::TokenSecret;
use rand::{SeedableRng as _, rngs::StdRng};
use tokio::runtime::Runtime;

use crate::{
    check::cryptography,
    row::{Row, time},
    sandbox::{PASSPHRASE, Sandbox, number},
};

pub(crate) const ROW: Row = Row { name: "import", floor: 0.50, goal: 0.80 };

const PEOPLE: usize = 1_000;
const REASONS: &str = "直播中多次宣扬赌博；经两次告诫后再犯。";

pub(crate) fn measure(runtime: &Runtime) {
    let sandbox = runtime.block_on(Sandbox::start(&["--without-agent"]));
    let key = SeatKey::open(&sandbox.kept("seats/secretary-1.key"), PASSPHRASE.into()).unwrap();
    let pin = PinFile { pin: sandbox.kept("genesis.json") }.read().unwrap();
    let row = |person: usize| format!("cn-id,{},沙试{person},suspension,live,5年,NB-11,{REASONS}", number(person));
    let rows: Vec<String> = (1..=PEOPLE).map(row).collect();
    let table = format!("kind,identity,names,measure,scopes,term,violations,reasons\n{}\n", rows.join("\n"));
    let mut import = Import::of_file("table.csv", table.into_bytes());
    "streamer-warning-rules/2022".clone_into(&mut import.heading.policy);

    let secret = TokenSecret::derive(&[7; 32], "sandbox.test", Epoch::new(1).unwrap()).unwrap();
    let mut rng = StdRng::seed_from_u64(5);
    let normalise = |person| Identity::normalise(IdentityKind::CnId, &number(person), false).unwrap();
    let identities: Vec<Identity> = (1..=PEOPLE).map(normalise).collect();
    let plain = Plain { names: vec!["沙试1".to_owned()], reasons: REASONS.to_owned(), ..Plain::default() };
    let record = RecordId::new(Time::from_seconds(1_800_000_000), [1; 10]);
    let bare = |_| {
        time(|| {
            let derived = cryptography(&secret, &identities, &mut rng);
            for (tag, seal_key) in &derived {
                let holder = Holder { epoch: Epoch::new(1).unwrap(), tag: *tag, seal_key };
                std::hint::black_box(seal(&plain, record, &[holder], &mut rng).unwrap());
            }
        })
    };
    let ours = |_| {
        let began = Instant::now();
        runtime.block_on(async {
            let caller = http::Caller::new(http::client().unwrap(), key.signing_key(), &MachineClock);
            let registry = Registry::new(&pin, &caller);
            let (_, policy) = registry.policy(&import.policy().unwrap()).await.unwrap();
            let look = look(&import, &policy.value, caller.now(), 1).unwrap();
            let drafter = Drafter::begin(&registry, &key, caller.now(), import.heading()).await.unwrap();
            draft(&drafter, &import, &look, &policy.value, &mut os_rng(), |_| {}).await.unwrap()
        });
        began.elapsed()
    };
    ROW.measure(bare, ours);
}
