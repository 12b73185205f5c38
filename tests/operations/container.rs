//! The container, where there is no engine that runs one: the last stage of `ops/Containerfile` is laid out by hand in an empty
//! directory of root's, and its programs run in it as its user, with its environment and nothing else of this machine but the
//! libraries that the tests' own build of them needs (the image's are static; `cargo xtask package` tries those).

use std::{
    fs,
    net::TcpStream,
    os::unix::fs::{MetadataExt as _, PermissionsExt as _, chown},
    path::{Path, PathBuf},
    process::{Child, Command, Output, Stdio},
    time::{Duration, Instant},
};

use callboard_client::runtime::os_rng;
use callboard_federation::roster::Role;
use callboard_keys::SeatKey;

use crate::{sandbox, stage};

const RECIPE: &str = include_str!("../../ops/Containerfile");

/// The image's last stage, laid out.
struct Image {
    root: tempfile::TempDir,
    user: (u32, u32),
    environment: Vec<(String, String)>,
    entrypoint: String,
    volume: String,
}

impl Image {
    /// Lays it out; `None` where we may not become its user.
    fn laid_out() -> Option<Self> {
        if !rustix::process::geteuid().is_root() {
            eprintln!("the container is left out: only root may lay it out");
            return None;
        }
        let (_, stage) = RECIPE.rsplit_once("FROM scratch\n").unwrap();
        let root = tempfile::Builder::new().permissions(fs::Permissions::from_mode(0o755)).tempdir().unwrap();
        let programs = sandbox::programs::programs();
        let mut image =
            Self { root, user: (0, 0), environment: Vec::new(), entrypoint: String::new(), volume: String::new() };
        for line in stage.lines().filter(|line| !line.starts_with('#') && !line.is_empty()) {
            let (act, what) = line.split_once(' ').unwrap();
            match act {
                "COPY" => image.copy(what, programs),
                "USER" => {
                    let (user, group) = what.split_once(':').unwrap();
                    image.user = (user.parse().unwrap(), group.parse().unwrap());
                }
                "ENV" => {
                    let (name, value) = what.split_once('=').unwrap();
                    image.environment.push((name.to_owned(), value.to_owned()));
                }
                "WORKDIR" => assert!(image.within(what).is_dir(), "{what} would be root's"),
                "VOLUME" => what.clone_into(&mut image.volume),
                "ENTRYPOINT" => what.trim_matches(['[', ']', '"']).clone_into(&mut image.entrypoint),
                other => panic!("{other}: lay it out here too"),
            }
        }
        Some(image)
    }

    fn copy(&mut self, what: &str, programs: &Path) {
        let words: Vec<&str> = what.split(' ').collect();
        let owner = words.iter().find_map(|word| word.strip_prefix("--chown="));
        let [from, to] = words[words.len() - 2..] else { panic!("{what}") };
        if let Some(program) = from.strip_prefix("/src/target/package/") {
            let place = self.within(to);
            fs::create_dir_all(place.parent().unwrap()).unwrap();
            fs::copy(programs.join(program), &place).unwrap();
            self.bring_libraries(&programs.join(program));
        } else if from == "/empty" {
            // `RUN mkdir -p /empty/data`: what lies in it comes with the owner that is named.
            assert!(RECIPE.contains("RUN mkdir -p /empty/data\n"));
            let place = self.within("/data");
            fs::create_dir(&place).unwrap();
            let (user, group) = owner.unwrap().split_once(':').unwrap();
            chown(&place, Some(user.parse().unwrap()), Some(group.parse().unwrap())).unwrap();
        } else if Path::new(from).exists() {
            let place = self.within(to);
            fs::create_dir_all(place.parent().unwrap()).unwrap();
            fs::copy(from, place).unwrap();
        }
    }

    fn bring_libraries(&self, program: &Path) {
        let listed = Command::new("ldd").arg(program).output().unwrap();
        let listed = String::from_utf8(listed.stdout).unwrap();
        for path in listed.split_whitespace().filter(|word| word.starts_with('/')) {
            let place = self.within(path);
            fs::create_dir_all(place.parent().unwrap()).unwrap();
            if !place.exists() {
                fs::copy(path, place).unwrap();
            }
        }
    }

    fn within(&self, path: &str) -> PathBuf {
        self.root.path().join(path.trim_start_matches('/'))
    }

    /// The entry point with these arguments, as `docker run` has it.
    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new("chroot");
        command.arg(format!("--userspec={}:{}", self.user.0, self.user.1)).arg("--groups=").arg(self.root.path());
        command.arg(&self.entrypoint).args(arguments);
        command.env_clear().env("PATH", std::env::var_os("PATH").unwrap()).envs(self.environment.iter().cloned());
        command.stdin(Stdio::null());
        command
    }

    fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().unwrap()
    }

    #[track_caller]
    fn succeeds(&self, arguments: &[&str]) {
        let done = self.run(arguments);
        assert!(done.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&done.stderr));
    }

    /// Hands over the public files of a committee, as a mount does.
    fn with_public_files(&self) -> Vec<String> {
        let public = self.within("/public");
        fs::create_dir(&public).unwrap();
        for (holder, role) in stage::SEATS {
            let key = SeatKey::generate(holder.to_owned(), role, &mut os_rng()).unwrap();
            key.public().write(&public.join(format!("{holder}.pub.json"))).unwrap();
        }
        stage::SEATS.map(|(holder, _): (&str, Role)| format!("/public/{holder}.pub.json")).to_vec()
    }
}

/// A service that runs in the image.
struct Served(Child);

impl Drop for Served {
    fn drop(&mut self) {
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

/// Connects as what comes through a published port does: not by the loopback address that the configuration names.
fn reached(port: u16, served: &mut Served) {
    let began = Instant::now();
    while TcpStream::connect(("127.0.0.2", port)).is_err() {
        assert!(served.0.try_wait().unwrap().is_none(), "it ended");
        assert!(began.elapsed() < Duration::from_mins(1), "it is not reached");
        std::thread::sleep(Duration::from_millis(50));
    }
}

#[test]
fn the_container_sets_itself_up_on_a_new_volume_and_is_reached_through_its_published_port() {
    let Some(image) = Image::laid_out() else { return };
    assert_ne!(image.user.0, 0, "not as root");
    assert_eq!(image.volume, "/data");
    let port = sandbox::ports::free_ports(4);
    image.succeeds(&["tokens", "init", "/data/tokens", "--issuer", "callboard.example"]);
    fs::copy(image.within("/data/tokens/epoch-1.pub.json"), image.within("/epoch-1.pub.json")).unwrap();
    let seats = image.with_public_files();
    let url = format!("http://127.0.0.1:{port}");
    let mut init = vec!["init", "/data", "--issuer", "callboard.example", "--url", &url, "--tokens-url", &url];
    init.extend(["--token-key", "/epoch-1.pub.json", "--seat"]);
    init.extend(seats.iter().map(String::as_str));
    image.succeeds(&init);
    let config = image.within("/data/callboard.toml");
    assert_eq!((fs::metadata(&config).unwrap().uid(), fs::metadata(&config).unwrap().mode() & 0o777), (65532, 0o600));
    let text = fs::read_to_string(&config).unwrap();
    let metrics = format!("127.0.0.1:{}", port + 1);
    fs::write(&config, text.replace("127.0.0.1:9440", &metrics)).unwrap();
    assert!(text.contains(&format!("listen = \"127.0.0.1:{port}\"")), "the configuration is as on any machine");
    let mut served = Served(image.command(&["serve", "/data"]).spawn().unwrap());
    reached(port, &mut served);
    assert!(TcpStream::connect(("127.0.0.2", port + 1)).is_err(), "metrics stay on loopback");
    drop(served);

    // The token service, in a container of its own.
    fs::copy(image.within("/data/genesis.json"), image.within("/genesis.json")).unwrap();
    let config = image.within("/data/tokens/tokens.toml");
    let text = fs::read_to_string(&config).unwrap().replace("127.0.0.1:8441", &format!("127.0.0.1:{}", port + 2));
    fs::write(&config, text.replace("127.0.0.1:9441", &format!("127.0.0.1:{}", port + 3))).unwrap();
    let serve = ["tokens", "serve", "/data/tokens", "--pin", "/genesis.json"];
    let mut served = Served(image.command(&serve).spawn().unwrap());
    reached(port + 2, &mut served);
}

#[test]
fn a_directory_that_is_root_s_is_refused_with_what_to_do() {
    let Some(image) = Image::laid_out() else { return };
    chown(image.within("/data"), Some(0), Some(0)).unwrap();
    fs::write(image.within("/data/callboard.toml"), "[registry]\nissuer = \"callboard.example\"\n").unwrap();
    let refused = image.run(&["serve", "/data"]);
    let told = String::from_utf8_lossy(&refused.stderr);
    assert!(!refused.status.success() && told.contains("chown -R 65532 /data"), "{told}");
    assert!(told.contains("/data belongs to user 0, and this is user 65532"), "{told}");
}

#[test]
fn a_draft_in_the_container_knows_the_time_zone_of_its_policy() {
    let Some(image) = Image::laid_out() else { return };
    assert!(!image.within("/usr/share/zoneinfo").exists());
    image.succeeds(&["policy", "show", "streamer-warning-rules/2022"]);
    // A zone is asked for by name where the machine has none.
    assert!(jiff::tz::TimeZoneDatabase::bundled().get("Asia/Shanghai").is_ok());
}
