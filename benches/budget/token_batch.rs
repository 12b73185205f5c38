//! A full batch of the token service with its proof, from sent bytes to sent bytes, beside as many bare multiplications.

use callboard_federation::token::{MAX_BATCH, read_batch};
use callboard_tokens::{Evaluate as _, TokenSecret};
use curve25519_dalek::{RistrettoPoint, Scalar};
use rand::{SeedableRng as _, rngs::StdRng};
use rand_core::Rng as _;

use crate::row::{Row, time};

pub(crate) const ROW: Row = Row { name: "token-batch", floor: 0.60, goal: 0.70 };

pub(crate) fn measure() {
    let mut rng = StdRng::seed_from_u64(1);
    let mut wide = || {
        let mut bytes = [0; 64];
        rng.fill_bytes(&mut bytes);
        bytes
    };
    let scalar = Scalar::from_bytes_mod_order_wide(&wide());
    let points: Vec<_> = (0..MAX_BATCH).map(|_| RistrettoPoint::from_uniform_bytes(&wide())).collect();
    let sent: Vec<u8> = points.iter().flat_map(|point| point.compress().to_bytes()).collect();
    let secret = TokenSecret::derive(&[1; 32], "callboard.example", "1".parse().unwrap()).unwrap();
    let bare = |_| time(|| points.iter().map(|point| point * scalar).collect::<Vec<_>>());
    let ours = |_| time(|| secret.evaluate(read_batch(&sent).unwrap(), &mut rng).unwrap());
    ROW.measure(bare, ours);
}
