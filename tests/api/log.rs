//! `/log/`: checkpoint, tiles and bundles, equal to what anyone derives from the leaves.

use callboard_federation::tlog::{
    checkpoint::SignedCheckpoint,
    merkle::{Tree, leaf_hash},
    tile::{entries, hash_tile},
    vkey::VerifierKey,
};
use reqwest::Method;

use crate::{caller::Registry, support::engines};

const VKEY: &str = "callboard.example+14195a67+AYRDgRbgGXOm0Cb4+S/ytN46d5i7BUn1WXGO4Nw9iGFS";

#[tokio::test]
async fn tiles_and_bundles_are_what_the_leaves_give() {
    for engine in engines() {
        let registry = Registry::begun(engine).await;
        let bundle = registry.get("/log/tile/entries/000.p/19").await;
        let leaves = entries(&bundle.body).unwrap();
        let mut tree = Tree::new();
        for leaf in &leaves {
            tree.push(leaf_hash(leaf));
        }
        let beginning = registry.committee.beginning();
        for (leaf, line) in leaves.iter().zip(beginning) {
            assert_eq!(
                callboard_federation::encoding::Base64(leaf.to_vec()).to_string(),
                line["entry"].as_str().unwrap()
            );
        }
        for width in [1, 2, 18, 19] {
            let tile = registry.get(&format!("/log/tile/0/000.p/{width}")).await;
            assert_eq!(tile.body, hash_tile(&tree, 0, 0, width).unwrap());
            assert_eq!(tile.header("cache-control"), "public, max-age=31536000, immutable");
            let bundle = registry.get(&format!("/log/tile/entries/000.p/{width}")).await;
            assert_eq!(entries(&bundle.body).unwrap(), leaves[..usize::from(width)]);
        }
        let note: SignedCheckpoint = registry.get("/log/checkpoint").await.text().parse().unwrap();
        let vkey: VerifierKey = VKEY.parse().unwrap();
        let checkpoint = note.verify(std::slice::from_ref(&vkey)).unwrap();
        assert_eq!((checkpoint.size, checkpoint.root), (19, tree.current_root()));
        let own = vkey.as_cosigner();
        assert!(note.note().signatures().iter().any(|line| line.names(&own)), "the log cosigns, too");
        registry.ends().await;
    }
}

#[tokio::test]
async fn a_tile_that_is_not_there_yet_is_not_found() {
    for engine in engines() {
        let registry = Registry::begun(engine).await;
        for path in [
            "0/000",
            "0/000.p/20",
            "0/001.p/1",
            "1/000.p/1",
            "entries/000",
            "entries/000.p/20",
            "0/000.p/0",
            "0/0",
            "0/000.p/256",
            "64/000",
            "x/000",
            "entries",
            "0/x999/999",
            "-1/000",
            "0/000.p/01",
            "..%2f..%2fcheckpoint",
            "%ff",
        ] {
            registry.get(&format!("/log/tile/{path}")).await.is_problem(404, "not-found");
        }
        registry.ends().await;
    }
}

#[tokio::test]
async fn a_checkpoint_is_not_sent_twice() {
    for engine in engines() {
        let registry = Registry::begun(engine).await;
        let first = registry.get("/log/checkpoint").await;
        assert_eq!(first.header("cache-control"), "no-cache");
        let known = registry.request(Method::GET, "/log/checkpoint").header("if-none-match", first.header("etag"));
        let answer = registry.send(known).await;
        assert_eq!((answer.status, answer.body.len()), (304, 0));
        registry.ends().await;
    }
}
