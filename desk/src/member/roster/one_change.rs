//! One change of the next roster as a committee names it, told in a line; all that are gathered make a [`NextRoster`].

use callboard_client::{
    public_file::{PublicFile, PublicSeat, PublicTokenKey},
    visible::Visible,
};
use callboard_federation::{encoding::Time, roster::RuleKey, tag::Epoch, tlog::vkey::VerifierKey, zh_en};

use super::{Deputy, NewRule, NextRoster, in_words::asks_text};
use crate::{
    error::roster::Rule,
    key_card::{CheckWords, KeyCard},
    language::Language,
    letter::{earlier_record::zone_of, term::instant_text},
};

#[derive(Debug, Clone, PartialEq)]
pub enum RosterChange {
    Join(PublicSeat),
    /// By its name in the roster.
    Leave(String),
    /// The key of the seat of its name is lost.
    NewKey(PublicSeat),
    Deputy(Deputy),
    Back(PublicSeat),
    Rule(NewRule),
    DropRule(RuleKey),
    AddWitness(VerifierKey),
    DropWitness(String),
    Quorum(u64),
    AddEpoch(PublicTokenKey),
    CloseEpoch(Epoch),
    AddLogKey(VerifierKey),
    /// No log key stays but those that are added.
    DropOtherLogKeys,
    Expires(Time),
}

impl RosterChange {
    pub fn text(&self) -> String {
        match self {
            Self::Join(seat) => {
                let (holder, role) = (Visible(&seat.holder), seat.role.words());
                match &seat.member {
                    Some(member) => zh_en!(
                        ("{holder} 加入，担任{}，任职于会员单位 {member}", role.zh),
                        ("{holder} joins as {}, and works for {member}", role.en)
                    ),
                    None => zh_en!(("{holder} 加入，担任{}", role.zh), ("{holder} joins as {}", role.en)),
                }
            }
            Self::Leave(holder) => zh_en!("{} 退出", "{} leaves", Visible(holder)),
            Self::NewKey(seat) => zh_en!("更换 {} 的密钥", "a new key for {}", Visible(&seat.holder)),
            Self::Deputy(Deputy { of, seat }) => {
                zh_en!("{} 休假，由 {} 代理", "{} is on leave, and {} stands in", Visible(of), Visible(&seat.holder))
            }
            Self::Back(seat) => zh_en!("{} 返回，代理结束", "{} is back", Visible(&seat.holder)),
            Self::Rule(rule) => {
                let (of, asks) = (Rule(rule.of), asks_text(&rule.asks));
                zh_en!("{of}：须{asks}签署", "{of}: signed by {asks}")
            }
            Self::DropRule(of) => {
                let of = Rule(*of);
                zh_en!("{of}：不再另有签署要求", "{of}: no rule of its own any more")
            }
            Self::AddWitness(key) => zh_en!("增加见证方 {}", "witness {} is added", Visible(key.name().as_str())),
            Self::DropWitness(name) => zh_en!("删去见证方 {}", "witness {} is dropped", Visible(name)),
            Self::Quorum(quorum) => zh_en!("须有{quorum}家见证", "{quorum} witnesses must have cosigned"),
            Self::AddEpoch(key) => zh_en!("增加第{}期身份代码密钥", "token epoch {} is added", key.epoch),
            Self::CloseEpoch(epoch) => zh_en!("停用第{epoch}期身份代码密钥", "token epoch {epoch} is closed"),
            Self::AddLogKey(_) => zh_en!("增加一把登记册签名密钥", "a log key is added"),
            Self::DropOtherLogKeys => {
                zh_en!("原有的登记册签名密钥全部删去", "the log keys of before are dropped")
            }
            Self::Expires(at) => {
                let at = instant_text(*at, &zone_of(None), Language::spoken());
                zh_en!("自{at}零时起失效", "it ends when {at} begins")
            }
        }
    }

    /// The words of a key that comes in, for its holder to compare.
    pub fn words(&self) -> Option<CheckWords> {
        match self {
            Self::Join(seat) | Self::NewKey(seat) | Self::Back(seat) | Self::Deputy(Deputy { seat, .. }) => {
                Some(CheckWords::of_seat(seat))
            }
            Self::AddWitness(key) | Self::AddLogKey(key) => Some(CheckWords::of_keys([key.to_string().as_str()])),
            Self::AddEpoch(key) => Some(KeyCard::of(&PublicFile::TokenKey(key.clone())).words),
            _ => None,
        }
    }
}

impl FromIterator<RosterChange> for NextRoster {
    fn from_iter<I: IntoIterator<Item = RosterChange>>(changes: I) -> Self {
        let mut next = Self::default();
        for change in changes {
            match change {
                RosterChange::Join(seat) => next.seats.add.push(seat),
                RosterChange::Leave(holder) => next.seats.drop.push(holder),
                RosterChange::NewKey(seat) => next.seats.replace.push(seat),
                RosterChange::Deputy(deputy) => next.seats.deputies.push(deputy),
                RosterChange::Back(seat) => next.seats.back.push(seat),
                RosterChange::Rule(rule) => next.rules.set.push(rule),
                RosterChange::DropRule(key) => next.rules.drop.push(key),
                RosterChange::AddWitness(key) => next.witnesses.add.push(key),
                RosterChange::DropWitness(name) => next.witnesses.drop.push(name),
                RosterChange::Quorum(quorum) => next.witnesses.quorum = Some(quorum),
                RosterChange::AddEpoch(key) => next.epochs.add.push(key),
                RosterChange::CloseEpoch(epoch) => next.epochs.close.push(epoch),
                RosterChange::AddLogKey(key) => next.log.add.push(key),
                RosterChange::DropOtherLogKeys => next.log.drop_others = true,
                RosterChange::Expires(at) => next.expires = Some(at),
            }
        }
        next
    }
}
