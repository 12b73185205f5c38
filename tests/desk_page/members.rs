//! Members on pages: a member joins, changes, and what can't be is told on the form.

use callboard_client::{public_file::PublicFile, runtime::os_rng};
use callboard_keys::MemberKey;

use crate::{
    desk::Opened,
    drafted::{comes_to_say, is_technical, logged, send, sign},
    seats::{does, entered, home},
    support::Sandbox,
};

/// The public file of a member of the sandbox, whose keys nobody keeps.
fn member(sandbox: &Sandbox, id: &str, name: &str) -> String {
    let pin = std::fs::read_to_string(home(sandbox, "panel-1").join("genesis.json")).unwrap();
    let issuer = pin.split_once("\"issuer\":\"").unwrap().1.split('"').next().unwrap();
    let key = MemberKey::generate(id.to_owned().try_into().unwrap(), issuer.to_owned(), &mut os_rng()).unwrap();
    key.public(name.to_owned()).text()
}

async fn propose(desk: &Opened, page: &str, fields: &[(&str, &str)]) -> crate::desk::Page {
    desk.fills(page, "/members/propose", fields).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_member_joins_and_changes_from_forms() {
    let sandbox = Sandbox::start(&[]).await;
    let (secretary, panel) = (entered(&sandbox, "secretary-1").await, entered(&sandbox, "panel-1").await);
    let chair = entered(&sandbox, "chair-1").await;
    let list = secretary.shows("/members").await;
    list.says(&["/members/alpha", "每日"]);
    assert!(!is_technical(&list), "{}", list.text);

    let beta = member(&sandbox, "beta", "贝塔直播");
    let join = |text: &str, per_day: &str| {
        let fields =
            [("what", "join"), ("text", text), ("per-day", per_day), ("grant", "500000"), ("until", "2099-01-01")];
        fields.map(|(name, value)| (name.to_owned(), value.to_owned()))
    };
    let joins = async |text: &str, per_day: &str| {
        let fields = join(text, per_day);
        let fields = fields.each_ref().map(|(name, value)| (name.as_str(), value.as_str()));
        propose(&secretary, "/members", &fields).await
    };
    let wrong = joins(&beta, "许多").await;
    wrong.refused("请填写数字");
    wrong.says(&["贝塔直播"]);
    joins("{}", "1000").await.refused("所给的不是公开文件");
    joins(&member(&sandbox, "alpha", "阿尔法"), "1000").await.refused("已是会员单位");
    assert_eq!(joins(&beta, "2000").await.leads(), "/proposal");
    let shown = secretary.shows("/proposal").await;
    shown.says(&["+ 会员单位 beta", "贝塔直播", "2,000", "500,000", "2099年1月1日"]);
    assert!(!is_technical(&shown), "{}", shown.text);
    let url = send(&secretary).await;
    for desk in [&panel, &chair] {
        sign(desk, &url).await.says(&["+ 会员单位 beta"]);
    }
    logged(&sandbox, &panel, &url).await;
    let page = "/members/beta";
    comes_to_say(&secretary, page, &["贝塔直播", "每日2000人次", "核对词"]).await;
    // Its configuration is the file that the verb writes, byte for byte.
    let configuration =
        secretary.shows(&secretary.shows(page).await.link("下载该会员端的配置文件（member.toml）")).await;
    assert!(configuration.headers["content-disposition"].to_str().unwrap().ends_with("''member.toml"));
    let out = home(&sandbox, "secretary-1").join("by-verb");
    let gamma = member(&sandbox, "gamma", "伽马直播");
    let file = home(&sandbox, "secretary-1").join("gamma.pub.json");
    std::fs::write(&file, &gamma).unwrap();
    let add = ["member", "add", "gamma.pub.json", "--without-witness", "--out", "by-verb"];
    does(&sandbox, "secretary-1", &add);
    let by_verb = std::fs::read_to_string(out.join("member.toml")).unwrap();
    assert_eq!(configuration.text.replace("beta", "gamma"), by_verb);
    assert_eq!(secretary.shows("/members/gamma/member.toml").await.status, reqwest::StatusCode::NOT_FOUND);
    assert_eq!(PublicFile::parse(&beta).map(|file| matches!(file, PublicFile::Member(_))), Ok(true));

    // Two witnesses need a quorum of two, and one of them cosigns.
    let witness = |quorum: &'static str| [("what", "witness"), ("member", "beta"), ("quorum", quorum), ("text", &beta)];
    propose(&secretary, page, &witness("2")).await.refused("家在会签");
    propose(&secretary, page, &witness("1")).await.refused("过半数");
    assert_eq!(propose(&secretary, page, &witness("0")).await.leads(), "/proposal");
    secretary.shows("/proposal").await.says(&["会员见证", "sandbox.test/witness/beta", "1 → 0"]);

    let about =
        |contact: &'static str| [("what", "about"), ("member", "beta"), ("name", "贝塔直播"), ("contact", contact)];
    propose(&secretary, page, &about("")).await.refused("没有变化");
    assert_eq!(propose(&secretary, page, &about("duty@beta.example")).await.leads(), "/proposal");
    secretary.shows("/proposal").await.says(&["会员单位 beta · 值班联系方式：duty@beta.example"]);
    let fields = [("what", "quota"), ("member", "beta"), ("per-day", "10"), ("grant", ""), ("drop-grants", "1")];
    assert_eq!(propose(&secretary, page, &fields).await.leads(), "/proposal");
    secretary.shows("/proposal").await.says(&["2,000 → 10", "一次性额度"]);
    let rotation = [("what", "rotation"), ("member", "beta"), ("text", "{}")];
    propose(&secretary, page, &rotation).await.refused("这不是更换密钥的请求");
    assert_eq!(propose(&secretary, page, &[("what", "leave"), ("member", "beta")]).await.leads(), "/proposal");
    secretary.shows("/proposal").await.says(&["- 会员单位 beta"]);
}
