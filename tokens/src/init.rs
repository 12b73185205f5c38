//! `callboard tokens init`: the directory of a token service, and the seed of an epoch.
//!
//! Nothing that stands there is written over: another epoch is another pair of files. The seed is all that the service
//! can lose for good; who keeps its backup is told in `docs/keys.md`.

use std::{
    fs, io,
    net::SocketAddr,
    path::{Path, PathBuf},
};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use callboard_client::{create_new, pin::Address, settings::set_texts};
use callboard_federation::{encoding::to_json, tag::Epoch, token_key::TokenPublicKey};
use rand_core::CryptoRng;
use serde::Serialize;
use zeroize::Zeroizing;

use super::{Config, Evaluate as _, TokenSecret, TokensError, config, seed};

#[derive(Debug, Clone)]
pub struct Setup {
    /// The log's origin.
    pub issuer: String,
    /// The epoch of the seed.
    pub epoch: Epoch,
    /// The registry's public address, if another than the example's.
    pub registry_url: Option<Address>,
    /// The service's own public address, if another than `http://` and where it listens.
    pub public_url: Option<Address>,
    /// Where it listens, if elsewhere than the example.
    pub listen: Option<SocketAddr>,
}

#[derive(Debug, Clone)]
pub struct SetupFiles {
    /// The configuration, unless it stood there already.
    pub config: Option<PathBuf>,
    /// The seed: to be backed up, and shown to nobody.
    pub seed: PathBuf,
    /// The public half: for the roster.
    pub public: PathBuf,
    /// The key that the roster will name.
    pub key: TokenPublicKey,
}

/// The public half of an epoch's key, as `callboard init --token-key` reads it.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct PublicKeyFile<'a> {
    v: u64,
    r#type: &'static str,
    issuer: &'a str,
    epoch: Epoch,
    public_key: TokenPublicKey,
}

/// Makes the directory, its configuration unless there is one of this issuer, and the epoch's seed and public key.
pub fn init(dir: &Path, setup: &Setup, rng: &mut impl CryptoRng) -> Result<SetupFiles, TokensError> {
    let configuration = new_config(setup);
    Config::of(&configuration)?;
    fs::create_dir_all(dir).map_err(|source| TokensError::File { path: dir.to_owned(), source })?;
    let path = dir.join(config::FILE);
    let config = match write_new(&path, create_new::PRIVATE, configuration.as_bytes()) {
        Ok(()) => Some(path),
        Err(TokensError::File { source, .. }) if source.kind() == io::ErrorKind::AlreadyExists => {
            let issuer = Config::read(dir)?.issuer;
            if issuer != setup.issuer {
                return Err(TokensError::Issuer { expected: issuer, got: setup.issuer.clone() });
            }
            None
        }
        Err(error) => return Err(error),
    };

    let mut bytes = Zeroizing::new([0; 32]);
    rng.fill_bytes(bytes.as_mut());
    let key = TokenSecret::derive(&bytes, &setup.issuer, setup.epoch)?.public();
    let mut text = Zeroizing::new(String::with_capacity(64));
    STANDARD.encode_string(bytes.as_slice(), &mut text);
    text.push('\n');
    let seed = dir.join(seed::file_name(setup.epoch));
    write_new(&seed, create_new::PRIVATE, text.as_bytes())?;

    let public = dir.join(format!("epoch-{}.pub.json", setup.epoch));
    let file = PublicKeyFile { v: 1, r#type: "token-key", issuer: &setup.issuer, epoch: setup.epoch, public_key: key };
    let mut json = to_json(&file);
    json.push(b'\n');
    write_new(&public, create_new::PUBLIC, &json)?;
    Ok(SetupFiles { config, seed, public, key })
}

/// A configuration with this service's own values.
fn new_config(setup: &Setup) -> String {
    let listen = setup.listen.map(|listen| listen.to_string());
    let url = |url: &Option<Address>| url.as_ref().map(Address::to_string);
    let public = url(&setup.public_url).or_else(|| listen.as_ref().map(|listen| format!("http://{listen}")));
    let own = [
        ("issuer", Some(setup.issuer.clone())),
        ("public_url", public),
        ("registry_url", url(&setup.registry_url)),
        ("listen", listen),
    ];
    let own: Vec<(&str, String)> = own.into_iter().filter_map(|(name, value)| Some((name, value?))).collect();
    set_texts(config::EXAMPLE, &own)
}

fn write_new(path: &Path, mode: u32, bytes: &[u8]) -> Result<(), TokensError> {
    create_new::write(path, mode, bytes).map_err(|source| TokensError::File { path: path.to_owned(), source })
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use rand_core::UnwrapErr;

    use super::*;
    use crate::seed::Seeds;

    fn setup(epoch: u64) -> Setup {
        let (registry_url, public_url) = (Some("http://127.0.0.1:1".parse().unwrap()), None);
        let listen = Some("127.0.0.1:2".parse().unwrap());
        Setup { issuer: "a.test".to_owned(), epoch: Epoch::new(epoch).unwrap(), registry_url, public_url, listen }
    }

    #[test]
    fn a_directory_is_made_once_and_each_epoch_once() {
        let dir = tempfile::tempdir().unwrap();
        let mut rng = UnwrapErr(rand::rngs::SysRng);
        let first = init(dir.path(), &setup(1), &mut rng).unwrap();
        assert!(first.config.is_some());
        let seed = fs::read(&first.seed).unwrap();
        assert!(init(dir.path(), &setup(1), &mut rng).is_err());
        assert_eq!(fs::read(&first.seed).unwrap(), seed);
        let second = init(dir.path(), &setup(2), &mut rng).unwrap();
        assert!(second.config.is_none());
        let other = Setup { issuer: "b.test".to_owned(), ..setup(3) };
        assert!(matches!(init(dir.path(), &other, &mut rng), Err(TokensError::Issuer { .. })));

        let config = Config::read(dir.path()).unwrap();
        assert_eq!(
            (config.public_url.as_str(), config.registry_url.as_str()),
            ("http://127.0.0.1:2", "http://127.0.0.1:1")
        );
        let seeds = Seeds::read(dir.path(), "a.test").unwrap();
        let held: Vec<_> = seeds.keys().collect();
        assert_eq!(held, [(setup(1).epoch, first.key), (setup(2).epoch, second.key)]);
    }

    #[test]
    fn a_seed_that_others_may_read_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        let files = init(dir.path(), &setup(1), &mut UnwrapErr(rand::rngs::SysRng)).unwrap();
        assert_eq!(fs::metadata(&files.seed).unwrap().permissions().mode() & 0o777, create_new::PRIVATE);
        for mode in [0o640, 0o604, 0o610, 0o660] {
            fs::set_permissions(&files.seed, fs::Permissions::from_mode(mode)).unwrap();
            assert!(matches!(Seeds::read(dir.path(), "a.test"), Err(TokensError::SeedMode { .. })), "{mode:o}");
        }
    }
}
