//! Why a roster isn't drafted: what everyone who replays the log would refuse, told with names and numbers before anybody signs.
//!
//! The rules are `docs/formats.md` §6.

use std::fmt;

use callboard_client::visible::Visible;
use callboard_federation::{
    members::MemberId,
    roster::{Role, RuleKey},
    statement::Kind,
    tag::Epoch,
    zh_en,
};

use crate::{difference::words, language::Language};

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RosterError {
    // Seats.
    #[error("{}", zh_en!("名单中没有签署人 {}；现有：{}", "no seat is called {}; there are {}", Visible(holder), Visible(known)))]
    SeatUnknown { holder: String, known: String },
    #[error("{}", zh_en!("名单中已有签署人 {}：密钥丢失的，应当更换密钥，不是加入", "a seat is called {} already: a lost key is replaced, and joins nothing", Visible(_0)))]
    SeatThere(String),
    #[error("{}", zh_en!(("{} 的职务是{}，而公开文件写的是{}：更换密钥、代理和返回都不改变职务", Visible(holder), is.words().zh, said.words().zh),
        ("{} is of the {is}, and the public file says {said}: no new key, deputy or return changes a role", Visible(holder))))]
    AnotherRole { holder: String, is: Role, said: Role },
    #[error("{}", zh_en!("没有代理 {} 的签署人", "no seat stands in for {}", Visible(_0)))]
    NoDeputy(String),
    #[error("{}", zh_en!("代理应写成 休假的签署人=代理人的公开文件，如 panel-2=panel-6.pub.json：{}",
        "a deputy is written HOLDER=FILE, who is on leave and who stands in, as panel-2=panel-6.pub.json: {}", Visible(_0)))]
    DeputyWritten(String),
    #[error("{}", zh_en!("{0}的密钥与{1}相同：每一把密钥只有一个用途", "{0} has the key of {1}: each has its own", owner, other))]
    KeyUsed { owner: KeyOwner, other: KeyOwner },

    // Rules.
    #[error("{}", zh_en!(("{rule}须{asked}名{}签署，而名单中只有{seats}名：请同时更改签署要求", role.words().zh),
        ("{rule} asks {asked} of the {role}, and there would be {seats}: change the rule with it")))]
    OutOfReach { rule: Rule, role: Role, asked: u64, seats: u64 },
    #[error("{}", zh_en!(("更换签署权限名单须{asked}名{}签署，而名单中正好{seats}名：少一人即再也无法更换名单，须多一人或者少要求一人", role.words().zh),
        ("a roster asks {asked} of the {role}, and there would be just {seats}: the loss of one would put the next out of reach; have one more, or ask one fewer")))]
    TooTight { role: Role, asked: u64, seats: u64 },
    #[error("{}", zh_en!(("{rule}只须{asked}名{}签署，而作出决定或采取临时措施须{least}名：不得更少", role.words().zh),
        ("{rule} asks {asked} of the {role}, and a ruling or interim {least}: it may not ask fewer")))]
    TooWeak { rule: Rule, role: Role, asked: u64, least: u64 },
    #[error("{}", zh_en!("{_0}至少须1人签署", "{_0} asks at least one signature"))]
    AsksNobody(Rule),
    #[error("{}", zh_en!("没有单独针对{_0}的签署要求", "{_0} has no rule of its own"))]
    RuleUnknown(Rule),
    #[error("{}", zh_en!(("{}的签署要求不能删去，只能更改", _0.words().zh), ("each kind has a rule: that for {_0} is changed, not dropped")))]
    KindNeedsRule(Kind),
    #[error("{}", zh_en!("签署要求应写成 ruling=panel:2,chair:1，或者 ruling/bar=panel:3,chair:1：{}",
        "a rule is written ruling=panel:2,chair:1, or ruling/bar=panel:3,chair:1: {}", Visible(_0)))]
    RuleWritten(String),

    // Witnesses and epochs.
    #[error("{}", zh_en!("{} 是会员单位的见证密钥：随会员单位增减", "{} is a member's witness key: it comes and goes with the member", Visible(_0)))]
    WitnessOfMember(String),
    #[error("{}", zh_en!("名单中没有见证方 {}", "no witness is called {}", Visible(_0)))]
    WitnessUnknown(String),
    #[error("{}", zh_en!("名单中已有第{_0}期身份代码密钥", "epoch {_0} is in the roster already"))]
    EpochThere(Epoch),
    #[error("{}", zh_en!("名单中没有第{_0}期身份代码密钥", "no epoch {_0} is in the roster"))]
    EpochUnknown(Epoch),
    #[error("{}", zh_en!("第{_0}期身份代码密钥已停用", "epoch {_0} is closed already"))]
    EpochClosed(Epoch),
    #[error("{}", zh_en!("第{_0}期是最后一期启用的身份代码密钥：停用后无法查询任何人，请先增加新的一期", "epoch {_0} is the last that is live: without one nobody can be asked about; add another first"))]
    LastEpoch(Epoch),
}

/// What a rule is for, in words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rule(pub RuleKey);

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&words::rule(Language::spoken(), &String::from(self.0)))
    }
}

/// Whose an Ed25519 key is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeyOwner {
    Seat(String),
    Log,
    Witness(String),
    Member(MemberId),
}

impl fmt::Display for KeyOwner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&match self {
            Self::Seat(holder) => zh_en!("签署人 {}", "seat {}", Visible(holder)),
            Self::Log => zh_en!("登记册", "the log"),
            Self::Witness(name) => zh_en!("见证方 {}", "witness {}", Visible(name)),
            Self::Member(member) => zh_en!("会员单位 {member}", "member {member}"),
        })
    }
}
