use super::*;

#[test]
fn every_hash_of_the_tree_is_in_some_tile() {
    let paths = |size| tiles_of(size).map(|path| path.to_string()).collect::<Vec<_>>();
    assert!(paths(0).is_empty());
    assert_eq!(paths(1), ["tile/0/000.p/1", "tile/entries/000.p/1"]);
    assert_eq!(paths(256), ["tile/0/000", "tile/1/000.p/1", "tile/entries/000"]);
    assert_eq!(
        paths(513),
        [
            "tile/0/000",
            "tile/0/001",
            "tile/0/002.p/1",
            "tile/1/000.p/2",
            "tile/entries/000",
            "tile/entries/001",
            "tile/entries/002.p/1"
        ]
    );
}

#[test]
fn what_is_written_reads_back_and_an_export_that_broke_off_is_none() {
    let directory = tempfile::tempdir().unwrap();
    let place = directory.path().join("log");
    let mut writer = Writer::create(&place).unwrap();
    let line = br#"{"index":0,"entry":"YQ=="}"#;
    for _ in 0..300 {
        writer.line(line, b"a").unwrap();
    }
    assert!(Export::find(&place).is_none(), "without a checkpoint it is none");
    assert!(Writer::create(&place).is_err(), "another is never written over");
    let (root, tree) = (writer.tree.current_root(), writer.tree.clone());
    let note = |size: u64| -> SignedCheckpoint {
        let checkpoint =
            callboard_federation::tlog::checkpoint::Checkpoint { origin: "a.test".parse().unwrap(), size, root };
        checkpoint.sign(&ed25519_dalek::SigningKey::from_bytes(&[7; 32]))
    };
    assert_eq!(writer.finish([], &note(300)).unwrap(), 300);
    let export = Export::find(&place).unwrap();
    assert_eq!(export.checkpoint().unwrap(), note(300));
    assert_eq!(export.lines().unwrap().filter(|line| line.as_ref().is_ok_and(|line| line.entry == b"a")).count(), 300);
    assert!(export.anchors().unwrap().is_empty() && export.differing_tiles(&tree).unwrap().is_empty());
    fs::write(place.join("tile/0/001.p/44"), b"").unwrap();
    assert_eq!(export.differing_tiles(&tree).unwrap().len(), 1);

    let other = directory.path().join("other");
    let mut writer = Writer::create(&other).unwrap();
    writer.line(line, b"a").unwrap();
    assert!(matches!(writer.finish([], &note(1)), Err(ExportError::OfAnother)));
    assert!(Export::find(&other).is_none());
}
