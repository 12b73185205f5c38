//! What was decided before there was a registry is taken over without a case, where the policy allows it, from the table to
//! the log: signed by as many as a roster, and told as what it is.

use callboard_client::clock::{Clock as _, MachineClock};
use reqwest::StatusCode;

use crate::{
    drafted::{logged, sign},
    import::{POLICY, SAID, derived, gives, sends, table, ticked},
    policies::logs_version,
    seats::{entered, verified},
    support::{Sandbox, number},
};

const ROW: &str = "cell-7-identity";

#[tokio::test(flavor = "multi_thread")]
async fn decisions_from_before_the_registry_are_taken_over_without_a_case_where_the_policy_allows_it() {
    let sandbox = Sandbox::start(&[]).await;
    let until = MachineClock.now().plus_days(30);
    let zone = "zone = \"Asia/Shanghai\"\n";
    let import = format!("{zone}import = {{ until = \"{until}\" }}\n");
    logs_version(&sandbox, &[(zone, &import)]).await;
    let desk = entered(&sandbox, "secretary-1").await;
    verified(&desk).await;
    let says = async |policy: &'static str, rows: &'static str| {
        let policy =
            |(name, value): &(&'static str, &'static str)| (*name, if *name == "policy" { policy } else { *value });
        let mut said: Vec<(&str, &str)> = SAID.iter().map(policy).collect();
        said.extend([("rows", rows), ("all-effective-at", "2026-01-15")]);
        sends(&desk, "/import/columns", &said).await
    };
    assert_eq!(gives(&desk, "批次.csv", table().as_bytes()).await.status, StatusCode::SEE_OTHER);
    desk.shows("/import").await.says(&["登记册启用之前作出的决定"]);
    // Where the policy doesn't, nothing is; and what is decided now doesn't begin in the past.
    says(POLICY, "imports").await.refused("现在不允许导入历史决定");
    let row_by_row = says(POLICY, "rulings").await;
    assert!(row_by_row.status == StatusCode::UNPROCESSABLE_ENTITY, "{}", row_by_row.text);

    assert_eq!(says("streamer-warning-rules/2027", "imports").await.leads(), "/import");
    assert_eq!(sends(&desk, "/import/rows", &[(ROW, &number(705))]).await.leads(), "/import");
    assert_eq!(ticked(&desk, "/import/derive").await.leads(), "/import");
    let ready = derived(&desk).await;
    ready.says(&["登记册启用之前作出的决定：不经评议，直接签署"]);
    assert!(!ready.text.contains("提请"), "{}", ready.text);
    let url = sends(&desk, "/import/send", &[]).await.leads();
    let draft = desk.shows(&url).await;
    draft.says(&["尚未签署", "须于"]);
    let mut signers = Vec::new();
    for seat in ["panel-1", "panel-2", "chair-1"] {
        let signer = entered(&sandbox, seat).await;
        verified(&signer).await;
        sign(&signer, &url).await.says(&["历史决定", "沙试5"]);
        signers.push(signer);
    }
    logged(&sandbox, signers.last().unwrap(), &url).await;
}
