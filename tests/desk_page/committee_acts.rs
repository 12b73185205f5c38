//! A committee at five desks in browsers, and a platform of its own beside the sandbox's: what they do in the stories.

use std::{
    cell::RefCell,
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use callboard_client::{pin::PinFile, runtime::os_rng, settings};
use callboard_keys::{KeyFile, MemberKey};
use serde_json::{Value, json};

use crate::{
    case_story::WINDOW,
    person::{Person, Place},
    seats::{clock, home, ten_minutes},
    support::{PASSPHRASE, Sandbox, ports, programs::programs, until},
    webdriver::Ends,
};

pub(crate) struct Committee<'p> {
    pub(crate) place: Place<'p>,
    pub(crate) secretary: Person,
    /// Those who sign: two of the panel, and a chair.
    pub(crate) signers: [Person; 3],
    did: RefCell<BTreeSet<&'static str>>,
}

/// A platform with an agent of its own, whose people say by hand what they have carried out.
pub(crate) struct Platform {
    home: PathBuf,
    _agent: Ends,
}

impl<'p> Committee<'p> {
    /// Everybody unlocks their desk.
    pub(crate) async fn begin(place: Place<'p>) -> Self {
        let secretary = place.seat("secretary-1").await;
        let signers = [place.seat("panel-1").await, place.seat("panel-2").await, place.seat("chair-1").await];
        let committee = Self { place, secretary, signers, did: RefCell::default() };
        committee.did("unlock");
        committee
    }

    pub(crate) fn say<'t>(&self, zh: &'t str, en: &'t str) -> &'t str {
        self.place.language.pick(zh, en)
    }

    /// Notes that somebody did something on their desk, and saw that it was done.
    pub(crate) fn did(&self, task: &'static str) {
        self.did.borrow_mut().insert(task);
    }

    /// What was done, each once.
    pub(crate) fn done(&self) -> Vec<&'static str> {
        self.did.borrow().iter().copied().collect()
    }

    pub(crate) fn everyone(&self) -> impl Iterator<Item = &Person> {
        self.signers.iter().chain([&self.secretary])
    }

    /// The secretary sends a proposal that is shown, with each point confirmed; these, and the address of its draft.
    pub(crate) async fn sends(&self, said: &str) -> (Vec<String>, String) {
        let (secretary, send) = (&self.secretary, self.say("发送给签署人", "Send to the seats"));
        let shown = secretary.sees(send).await;
        assert!(shown.contains(said), "{said}: {shown}");
        let confirmed = secretary.confirm().await;
        secretary.click(send).await;
        secretary.sees(self.say("尚未签署", "Not signed yet")).await;
        self.did("send");
        (confirmed, secretary.address().await)
    }

    /// The secretary hands on what was drafted: it goes before the panel of a new case. The address of that, with nothing
    /// of a page's part.
    pub(crate) async fn hands_on(&self, said: &str) -> String {
        let secretary = &self.secretary;
        let shown = secretary.sees(self.say("现在不签署", "nothing is signed now")).await;
        assert!(shown.contains(said), "{said}: {shown}");
        secretary.click(self.say("提交", "Hand it on")).await;
        secretary.sees_people(self.say("提请评议的草案", "Put to the vote:")).await;
        self.did("hand on");
        secretary.address().await
    }

    /// What a case is asked is decided as it was drafted: a panel is named, people are told, and may answer until their
    /// window is over; votes are sealed and opened, resolved and confirmed. The address of the docket that is to be signed.
    pub(crate) async fn decides(&self, case: &str, told: (&str, &str), proof: &Path) -> String {
        let (secretary, [panel, _, chair]) = (&self.secretary, &self.signers);
        let at = async |person: &Person, said: &str| {
            let (_, path) = case.split_once("/cases/").unwrap();
            person.window.until(&format!("{}/cases/{path}", person.root()), said).await;
            person.is_usable().await;
        };
        at(chair, self.say("指定评议组", "name the panel")).await;
        for (zh, en) in [
            ("panel-1（评议委员）", "panel-1 (panel)"),
            ("panel-2（评议委员）", "panel-2 (panel)"),
            ("chair-1（主任委员）", "chair-1 (chair)"),
        ] {
            chair.window.click(self.say(zh, en)).await;
        }
        chair.window.follow(self.say("指定评议组", "Name the panel")).await;
        at(secretary, self.say(told.0, told.1)).await;
        secretary.window.fill(self.say("送达证明文件", "Proof of delivery"), proof.to_str().unwrap()).await;
        secretary.window.follow(self.say("记录送达", "Prove the notice")).await;
        secretary.window.shows(self.say("陈述申辩至", "may answer until")).await;
        self.did("have people told");
        self.place.sandbox.post(&self.place.sandbox.url(3, "/clock"), &json!({"advance": WINDOW})).await;

        let put = self.say("提请评议", "Put it before the panel");
        at(secretary, self.say("投票时间（小时）", "Hours to vote")).await;
        secretary.window.follow(put).await;
        secretary.window.shows(self.say("评议进行中", "The panel sits")).await;
        for person in &self.signers {
            at(person, self.say("我已到会", "I am here")).await;
            person.window.follow(self.say("我已到会", "I am here")).await;
            let all = self.say("对全部各人", "On all of them");
            person.window.choose(all, self.say("赞成", "for")).await;
            person.window.follow(self.say("密封投票", "Seal the vote")).await;
            person.window.shows(self.say("已密封投票", "sealed a vote")).await;
        }
        self.did("vote");
        let resolve = self.say("按表决结果作出决议", "Resolve as it was voted");
        at(panel, resolve).await;
        panel.window.follow(resolve).await;
        let confirm = self.say("确认决议", "Confirm the resolution");
        at(chair, self.say("确认第", "confirm the resolution")).await;
        chair.window.follow(confirm).await;
        self.did("resolve and confirm");
        let docket = self.say("起草文书，送签署", "Draft the docket, and send it to be signed");
        at(secretary, self.say("起草文书，送签署", "draft the docket, to be signed")).await;
        secretary.window.follow(docket).await;
        secretary.window.shows(self.say("尚未签署", "Not signed yet")).await;
        secretary.address().await
    }

    /// Somebody reads the draft of a title, which shows something, and signs it: in three clicks, but for what is odd.
    pub(crate) async fn signs(&self, who: &Person, passphrase: &str, title: &str, shows: &str) {
        who.window.until(who.root(), title).await;
        who.clicks();
        who.click(title).await;
        who.sees_people(shows).await;
        who.confirm().await;
        who.window.fill(self.say("密码", "Passphrase"), passphrase).await;
        who.click(self.say("签署全部", "Sign all of it")).await;
        // The form that signs is gone.
        until(async || !who.window.text().await.contains(self.say("签署全部", "Sign all of it"))).await;
        who.sees_people(self.say("已签署", "signed")).await;
        let clicks = who.clicks();
        assert!(clicks <= 3, "{clicks}");
        self.did("sign");
    }

    /// Ten minutes go by, and a desk submits it by itself.
    pub(crate) async fn logs(&self, draft: &str) {
        ten_minutes(self.place.sandbox).await;
        self.secretary.window.until(draft, self.say("已登记于第", "logged at index")).await;
    }

    /// Looks somebody up, or a letter's number, once all that is logged is in the index.
    pub(crate) async fn looks_up(&self, typed: &str, state: &str) {
        let secretary = &self.secretary;
        until(async || {
            secretary.window.follow(self.say("人员", "People")).await;
            secretary.window.follow(self.say("立即更新", "Bring it up to date")).await;
            let who = self.say("姓名、证件号码或者文号", "A name, an identity number, or the number of a letter");
            secretary.window.retype(who, typed).await;
            secretary.window.follow(self.say("查找", "Look up")).await;
            secretary.window.text().await.contains(state)
        })
        .await;
        secretary.sees_people(typed).await;
    }
}

impl Platform {
    /// A platform's home, with its keys, and what it hands to the secretariat.
    pub(crate) fn move_in(sandbox: &Sandbox, directory: &Path, name: &str) -> PathBuf {
        let pin = PinFile { pin: home(sandbox, "secretary-1").join("genesis.json") }.read().unwrap();
        let key =
            MemberKey::generate("beta".to_owned().try_into().unwrap(), pin.issuer.clone(), &mut os_rng()).unwrap();
        let listen = format!("\"127.0.0.1:{}\"", ports::free_ports(1));
        let settings = settings::set(&settings::of_member(&pin, key.member()), "listen", &listen);
        fs::write(directory.join("member.toml"), settings).unwrap();
        let public = directory.join("beta.pub.json");
        key.public(name.to_owned()).write(&public).unwrap();
        KeyFile::Member(key).write_known(&directory.join("beta.key")).unwrap();
        public
    }

    /// Its agent, from when it is a member on.
    pub(crate) fn start(sandbox: &Sandbox, directory: &Path) -> Self {
        let mut agent = Command::new(programs().join("callboard-agent"));
        agent.args(["run", "--clock", &clock(sandbox), "--config"]).arg(directory.join("member.toml"));
        agent.env("CALLBOARD_PASSPHRASE", PASSPHRASE).env("CALLBOARD_LOG", "error").stdin(Stdio::null());
        Self { home: directory.to_owned(), _agent: Ends(agent.spawn().unwrap()) }
    }

    /// Says that a docket is in effect here, once the agent knows of it.
    pub(crate) async fn receipts(&self, docket: &str) {
        until(async || {
            let mut verb = Command::new(programs().join("callboard-agent"));
            verb.args(["receipt", docket, "--outcome", "in-effect", "--config"]).arg(self.home.join("member.toml"));
            verb.output().unwrap().status.success()
        })
        .await;
    }
}

/// The docket that was logged last.
pub(crate) async fn newest_docket(sandbox: &Sandbox) -> String {
    let answer = sandbox.http.get(sandbox.url(0, "/v1/dockets?limit=1000")).send().await.unwrap();
    let listed: Value = answer.json().await.unwrap();
    listed["dockets"].as_array().unwrap().last().unwrap()["docket"].as_str().unwrap().to_owned()
}
