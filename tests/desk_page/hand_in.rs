//! A signed docket that lies elsewhere: brought as a file, it is told what it is, and handed in where nothing hinders.

use callboard_desk::bundle::Bundle;
use callboard_federation::{
    dsse::{PayloadType, SignatureLine},
    encoding::to_json,
};
use callboard_keys::SeatKey;
use reqwest::StatusCode;

use crate::{
    desk::{Opened, Page},
    seats::{decided, does, entered, home, send, ten_minutes, three},
    support::{PASSPHRASE, Sandbox, until},
};

const ALL: [&str; 3] = ["panel-1", "panel-2", "chair-1"];

fn key(sandbox: &Sandbox, seat: &str) -> SeatKey {
    SeatKey::open(&home(sandbox, seat).join(format!("{seat}.key")), PASSPHRASE.into()).unwrap()
}

/// The docket of a bundle of the secretary's, signed by these seats.
fn signed(sandbox: &Sandbox, bundle: &str, seats: &[&str]) -> Vec<u8> {
    let bundle = Bundle::open(&home(sandbox, "secretary-1").join(bundle), &key(sandbox, "secretary-1")).unwrap();
    let line = |seat: &&str| SignatureLine::of(key(sandbox, seat).signing_key(), PayloadType::Docket, bundle.payload());
    to_json(&bundle.with_signatures(seats.iter().map(line).collect()))
}

async fn brings(desk: &Opened, file: &[u8]) -> Page {
    let today = desk.shows("/").await.form("/hand-in");
    let (form, once) = (today.field("form"), today.field("once"));
    desk.uploads("/hand-in", &[("form", &form), ("once", &once)], "文书.docket.json", file).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_signed_docket_that_lies_elsewhere_is_told_what_it_is_and_handed_in() {
    let sandbox = Sandbox::start(&[]).await;
    let draft = send(&sandbox, "first", &three());
    // Drafted, and passed on as files alone.
    decided(&sandbox, "second", &three(), &[]);
    let desk = entered(&sandbox, "panel-2").await;

    let told = brings(&desk, b"{}").await;
    assert_eq!(told.status, StatusCode::BAD_GATEWAY);
    told.says(&["未完成：这不是已签署的文书文件（.docket.json）"]);
    let told = brings(&desk, &signed(&sandbox, "second.bundle", &ALL[..1])).await;
    told.refused("决定3项：未提交。签名不足");
    let whole = signed(&sandbox, "second.bundle", &ALL);
    let told = brings(&desk, &whole).await;
    assert_eq!(told.status, StatusCode::OK, "{}", told.text);
    told.says(&["决定3项：已提交，已登记于第"]);
    let index = told.text.split("已登记于第").nth(1).unwrap().split('条').next().unwrap().to_owned();
    let told = brings(&desk, &whole).await;
    told.says(&[&format!("决定3项：已经登记于第{index}条")]);

    // No file goes around the ten minutes of a draft.
    for seat in ALL {
        does(&sandbox, seat, &["drafts", "sign", &draft, "--yes"]);
    }
    let first = signed(&sandbox, "first.bundle", &ALL);
    brings(&desk, &first).await.refused("未提交。签名已足：在");
    does(&sandbox, "panel-1", &["drafts", "stop", &draft]);
    brings(&desk, &first).await.refused("叫停");
    ten_minutes(&sandbox).await;
    // A moment later the desk has the new time.
    until(async || desk.shows("/").await.status == StatusCode::OK).await;
    brings(&desk, &first).await.refused("叫停");
}
