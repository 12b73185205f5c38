//! The env of the demo: homes, processes, and the timeline that a newcomer reads.

use std::{
    fs::{self, File},
    io::{Read as _, Write as _},
    net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::Arc,
    thread::sleep,
    time::{Duration, Instant},
};

use anyhow::{Context as _, bail, ensure};
use callboard_client::{
    clock::{AheadClock, Clock as _},
    create_new,
};
use callboard_federation::{encoding::Time, language::Phrase, tlog::checkpoint::SignedCheckpoint, zh_en};
use callboard_keys::KNOWN_PASSPHRASE;

use super::story_clock::StoryClock;
use crate::linked;

/// How long a process may take until it answers.
const READY_WITHIN: Duration = Duration::from_secs(30);
/// How often it is asked.
const ASK_EVERY: Duration = Duration::from_millis(25);

/// A service of the demo: where it listens, and where everyone finds it.
pub(super) struct Service {
    pub(super) listen: SocketAddr,
    pub(super) metrics: SocketAddr,
    pub(super) url: String,
    process: Option<Child>,
}

impl Service {
    /// A service on a free port of loopback, unless one is given.
    pub(super) fn at(listen: Option<SocketAddr>, url: Option<String>) -> anyhow::Result<Self> {
        let listen = listen.map_or_else(free_port, Ok)?;
        Ok(Self {
            listen,
            metrics: free_port()?,
            url: url.unwrap_or_else(|| format!("http://{listen}")),
            process: None,
        })
    }
}

/// A port that nobody listens on now; between here and its use another could take it, and the step then says so.
pub(super) fn free_port() -> anyhow::Result<SocketAddr> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?)
}

pub(super) struct DemoEnv {
    pub(super) directory: PathBuf,
    pub(super) registry: Service,
    pub(super) tokens: Service,
    pub(super) genesis: String,
    /// The cases from which its dockets follow.
    pub(super) cases: Vec<String>,
    clock: StoryClock,
    program: PathBuf,
    began: Instant,
    steps: u32,
}

impl DemoEnv {
    /// Everything begins at `founded_at`.
    pub(super) fn new(
        directory: PathBuf,
        registry: Service,
        tokens: Service,
        founded_at: Time,
    ) -> anyhow::Result<Self> {
        println!(
            "{}\n",
            zh_en!(
                "Callboard 全过程演示。人物均为虚构，进程和密钥均为真实。",
                "Callboard, the whole story. Every person in it is made up; every process and key is real."
            )
        );
        let program = std::env::current_exe()?;
        let (clock, began) = (StoryClock::at(founded_at)?, Instant::now());
        let (genesis, cases) = (String::new(), Vec::new());
        Ok(Self { directory, registry, tokens, genesis, cases, clock, program, began, steps: 0 })
    }

    pub(super) fn clock(&self) -> Arc<AheadClock> {
        self.clock.clock.clone()
    }

    pub(super) fn now(&self) -> Time {
        self.clock.clock.now()
    }

    /// Lets the time pass until today: the services go on then.
    pub(super) fn come_to_today(&mut self) -> anyhow::Result<()> {
        self.stop();
        self.clock.come_to_today();
        self.start("registry")?;
        self.start("tokens")?;
        self.await_tokens()
    }

    /// Plays a step and prints what it was and how long it took.
    pub(super) fn step(
        &mut self,
        title: Phrase,
        act: impl FnOnce(&mut Self) -> anyhow::Result<()>,
    ) -> anyhow::Result<()> {
        self.steps += 1;
        println!("{:>2}  {title}", self.steps);
        let began = Instant::now();
        let done = act(self);
        let took =
            if done.is_ok() { Phrase::new("用时", "took") } else { Phrase::new("失败，用时", "FAILED after") };
        println!("    {took} {:.2} s\n", began.elapsed().as_secs_f64());
        done.with_context(|| zh_en!("第{}步：{title}", "step {}: {title}", self.steps))
    }

    #[expect(clippy::unnecessary_wraps, clippy::unused_self, reason = "it ends a step, and reads as its last line")]
    pub(super) fn checked(&self, what: impl std::fmt::Display) -> anyhow::Result<()> {
        println!("    ✓ {what}");
        Ok(())
    }

    pub(super) fn finish(&self) {
        let (steps, took) = (self.steps, self.began.elapsed().as_secs_f64());
        println!("{}", zh_en!("{steps}步全部成立，用时{took:.1}秒。", "{steps} steps held, in {took:.1} s."));
    }

    /// The program that plays every part.
    pub(super) fn program(&self) -> &Path {
        &self.program
    }

    pub(super) fn home(&self, holder: &str) -> PathBuf {
        if holder.is_empty() { self.directory.clone() } else { self.directory.join("homes").join(holder) }
    }

    /// Gives a seat a home and a passphrase.
    pub(super) fn move_in(&self, holder: &str) -> anyhow::Result<PathBuf> {
        let home = self.home(holder);
        fs::create_dir_all(&home)?;
        create_new::write(&home.join("passphrase"), create_new::PRIVATE, KNOWN_PASSPHRASE.as_bytes())?;
        Ok(home)
    }

    pub(super) fn write(&self, holder: &str, name: &str, bytes: &[u8]) -> anyhow::Result<()> {
        Ok(fs::write(self.home(holder).join(name), bytes)?)
    }

    /// The signatures of a bundle that lie in a home.
    pub(super) fn signatures(&self, holder: &str, bundle: &str) -> anyhow::Result<Vec<String>> {
        let files = fs::read_dir(self.home(holder))?.filter_map(Result::ok);
        let names = files.map(|file| file.file_name().to_string_lossy().into_owned());
        let is_signature = |name: &String| {
            name.strip_prefix(bundle)
                .and_then(|rest| rest.strip_suffix(".sig"))
                .is_some_and(|rest| rest.starts_with('.'))
        };
        Ok(names.filter(is_signature).collect())
    }

    /// Runs a command in a home as its holder would, with key and passphrase.
    pub(super) fn seat(&self, holder: &str, arguments: &[&str]) -> anyhow::Result<String> {
        let key = format!("{holder}.key");
        self.run(holder, &[arguments, &["--key", &key, "--passphrase-file", "passphrase"]].concat())
    }

    /// Runs a command in a home; what it prints, or why it failed.
    pub(super) fn run(&self, holder: &str, arguments: &[&str]) -> anyhow::Result<String> {
        let output = Command::new(&self.program)
            // What they print is read here.
            .args(arguments.iter().chain(&["--lang", "en"]))
            .current_dir(self.home(holder))
            .env("CALLBOARD_PIN", self.home(holder).join("genesis.json"))
            .env("CALLBOARD_CLOCK", &self.clock.url)
            .env_remove("CALLBOARD_PASSPHRASE")
            .stdin(Stdio::null())
            .output()?;
        let told = String::from_utf8_lossy(&output.stdout).into_owned();
        if !output.status.success() {
            let why = String::from_utf8_lossy(&output.stderr).into_owned();
            bail!("`callboard {}` in {}'s home: {}{}", arguments.join(" "), holder, told, why.trim());
        }
        Ok(told)
    }

    /// Lets both services listen where this demo has free ports.
    pub(super) fn listen_as_told(&self) -> anyhow::Result<()> {
        let path = self.directory.join("registry").join("callboard.toml");
        let mut config: toml::Table = toml::from_str(&fs::read_to_string(&path)?)?;
        let registry = config.get_mut("registry").and_then(toml::Value::as_table_mut).context("no [registry]")?;
        registry.insert("listen".to_owned(), self.registry.listen.to_string().into());
        registry.insert("metrics_listen".to_owned(), self.registry.metrics.to_string().into());
        let mut delivery = toml::Table::new();
        delivery.insert("loopback".to_owned(), true.into());
        config.insert("delivery".to_owned(), delivery.into());
        fs::write(&path, toml::to_string(&config)?)?;

        let path = self.directory.join("tokens").join("tokens.toml");
        let mut config: toml::Table = toml::from_str(&fs::read_to_string(&path)?)?;
        config.insert("metrics_listen".to_owned(), self.tokens.metrics.to_string().into());
        Ok(fs::write(&path, toml::to_string(&config)?)?)
    }

    /// Gives every home the file that pins the registry.
    pub(super) fn hand_out_pin(&self) -> anyhow::Result<()> {
        let pin = self.directory.join("registry").join("genesis.json");
        fs::copy(&pin, self.directory.join("genesis.json"))?;
        for home in fs::read_dir(self.directory.join("homes"))? {
            fs::copy(&pin, home?.path().join("genesis.json"))?;
        }
        Ok(())
    }

    /// Starts `registry` or `tokens` as a process of its own, its log beside its directory, and waits until it answers.
    pub(super) fn start(&mut self, name: &str) -> anyhow::Result<()> {
        let arguments: &[&str] = if name == "registry" {
            &[linked::NAME, "registry", "serve", "registry", "--sandbox"]
        } else {
            &[linked::NAME, "tokens", "serve", "tokens", "--sandbox", "--pin", "genesis.json"]
        };
        let log = File::options().create(true).append(true).open(self.directory.join(format!("{name}.log")))?;
        let process = Command::new(&self.program)
            .args(arguments)
            .current_dir(&self.directory)
            .env("CALLBOARD_CLOCK", &self.clock.url)
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log)
            .spawn()?;
        let service = if name == "registry" { &mut self.registry } else { &mut self.tokens };
        service.process = Some(process);
        let listen = service.listen;
        self.wait(name, || get(listen, "/healthz").is_ok())
    }

    /// Waits until the token service has followed the registry's log to its roster.
    pub(super) fn await_tokens(&mut self) -> anyhow::Result<()> {
        let listen = self.tokens.listen;
        self.wait("tokens", || get(listen, "/readyz").is_ok())
    }

    fn wait(&mut self, name: &str, ready: impl Fn() -> bool) -> anyhow::Result<()> {
        let began = Instant::now();
        while !ready() {
            let service = if name == "registry" { &mut self.registry } else { &mut self.tokens };
            let ended = service.process.as_mut().and_then(|process| process.try_wait().ok().flatten());
            let log = || fs::read_to_string(self.directory.join(format!("{name}.log"))).unwrap_or_default();
            ensure!(ended.is_none(), "{name} ended:\n{}", log());
            ensure!(began.elapsed() < READY_WITHIN, "{name} does not answer:\n{}", log());
            sleep(ASK_EVERY);
        }
        Ok(())
    }

    #[expect(clippy::unused_self, reason = "what a step waits for happens on the env")]
    pub(super) fn wait_for(&self, what: &str, holds: impl Fn() -> bool) -> anyhow::Result<()> {
        let began = Instant::now();
        while !holds() {
            ensure!(began.elapsed() < READY_WITHIN, "there is not {what}");
            sleep(ASK_EVERY);
        }
        Ok(())
    }

    pub(super) fn log_size(&self) -> anyhow::Result<u64> {
        let note: SignedCheckpoint = get(self.registry.listen, "/log/checkpoint")?.parse()?;
        Ok(note.checkpoint().size)
    }

    /// Tells both services to stop, and waits until they have.
    pub(super) fn stop(&mut self) {
        self.stop_one("tokens");
        self.stop_one("registry");
    }

    /// Tells `registry` or `tokens` to stop, and waits until it has.
    pub(super) fn stop_one(&mut self, name: &str) {
        let service = if name == "registry" { &mut self.registry } else { &mut self.tokens };
        let Some(mut process) = service.process.take() else { return };
        let id = i32::try_from(process.id()).ok().and_then(rustix::process::Pid::from_raw);
        if let Some(id) = id {
            // One that has ended already can't be told any more.
            let _ = rustix::process::kill_process(id, rustix::process::Signal::TERM);
        }
        drop(process.wait());
    }

    /// What to try while it stays up.
    pub(super) fn invite(&self, platforms: impl FnOnce(), desks: impl FnOnce()) {
        println!("\n{:<14} {}   (API: {1}/docs)", Phrase::new("登记系统", "Registry"), self.registry.url);
        println!("{:<14} {}", Phrase::new("身份代码服务", "Token service"), self.tokens.url);
        platforms();
        println!("{:<14} {}", Phrase::new("全部内容", "Everything"), self.directory.display());
        println!("\n{}", zh_en!("可在 {} 中尝试：", "Try, in {}:", self.home(super::DRAFTER).display()));
        println!("  callboard ask --key {0}.key --passphrase-file passphrase", super::DRAFTER);
        println!("  callboard verify batch.proofs/*.json");
        println!("  callboard audit {}", self.directory.display());
        desks();
        println!("\n{}", zh_en!("按 Ctrl-C 结束。", "Ctrl-C ends it."));
    }
}

impl Drop for DemoEnv {
    fn drop(&mut self) {
        self.stop();
    }
}

/// A GET over one connection of loopback; the body of a 200.
fn get(address: SocketAddr, path: &str) -> anyhow::Result<String> {
    let mut connection = TcpStream::connect_timeout(&address, Duration::from_secs(1))?;
    connection.set_read_timeout(Some(Duration::from_secs(10)))?;
    write!(connection, "GET {path} HTTP/1.0\r\nHost: {address}\r\n\r\n")?;
    let mut answer = String::new();
    connection.read_to_string(&mut answer)?;
    let (head, body) = answer.split_once("\r\n\r\n").context("no answer")?;
    ensure!(head.split(' ').nth(1) == Some("200"), "{}", head.lines().next().unwrap_or_default());
    Ok(body.to_owned())
}
