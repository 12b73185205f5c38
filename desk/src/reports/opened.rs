//! A report that was opened: what it says, what was said of it, and who wrote that.

use callboard_api::registry::{
    identity_requests::IdentityRequest,
    reports::{KeptReport, ReportEntry},
};
use callboard_federation::{
    dsse::{AloneError, EnvelopeError},
    encoding::{Base64, ReportId},
    report::{
        MAX_CONTENT_BYTES, MAX_WORDS_BYTES, ReportCode,
        content::Report,
        identities::{IdentityAnswer, IdentityQuestion},
        signed::{self, SignedContent, SignedError, Signer},
        words::ReportWords,
    },
    zh_en,
};
use callboard_keys::{SeatKey, age_file};

use super::{
    Reports,
    public::OpenPublicReport,
    untrue::{Unreadable, another},
};
use crate::{Error, letter::term::time_text};

/// Whether somebody wrote what comes in their name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Signature {
    /// They did, with a key that is in force.
    Holds,
    /// With a key that isn't in force, or not any more: perhaps it was replaced since.
    KeyNotInForce,
}

/// A report, opened.
pub struct OpenReport {
    pub kept: KeptReport,
    /// What it says; of the public's, what of it a case begins with.
    pub content: Report,
    /// Of a report of the public, all that it says.
    pub public: Option<OpenPublicReport>,
    pub signature: Signature,
    pub said: Vec<Said>,
    pub identities: Vec<OpenIdentityRequest>,
}

/// What was done with a report, and said.
pub struct Said {
    pub entry: ReportEntry,
    /// What was said, and whether who did it said so; `None` of what has no words.
    pub words: Option<Result<(String, Signature), Unreadable>>,
}

/// Whose an account is was asked, and what was answered.
pub struct OpenIdentityRequest {
    pub request: IdentityRequest,
    pub question: Result<(IdentityQuestion, Signature), Unreadable>,
    pub answer: Option<Result<(IdentityAnswer, Signature), Unreadable>>,
}

impl OpenReport {
    /// # Errors
    /// It doesn't open, is another than the one that was asked for, or somebody else wrote it.
    pub(super) fn of(id: ReportId, mut kept: KeptReport, of: &Reports<'_>) -> Result<Self, Error> {
        if let Some(at) = kept.erased_at {
            let at = time_text(at);
            return Err(Error::other("report-erased", || {
                zh_en!(
                    "该报告保存期已满，内容已于{at}删除",
                    "its time is over: what the report said was erased on {at}"
                )
            }));
        }
        let missing = || Error::other("report-sealed", || zh_en!("该报告没有内容", "the report has no content"));
        let Base64(sealed) = kept.sealed.take().ok_or_else(missing)?;
        if kept.id != id || kept.code != ReportCode::of(id, &sealed) {
            return Err(another());
        }
        if kept.kind.is_of_public() {
            let public = of.open_public(&kept, &sealed)?;
            let said = kept.entries.drain(..).map(|entry| of.said_of_public(&public, entry)).collect();
            let identities = kept.identity_requests.drain(..).map(|request| of.identity_request(request)).collect();
            let content = public.as_report();
            return Ok(Self { kept, content, public: Some(public), signature: Signature::Holds, said, identities });
        }
        let opened = age_file::open(&sealed[..], of.key.identity(), MAX_CONTENT_BYTES as u64);
        let opened = opened.map_err(|_| {
            Error::other("sealed-for-others", || {
                zh_en!("该报告不是加密给此密钥的，或者已损坏", "the report isn't encrypted to this key, or damaged")
            })
        })?;
        let by = match (&kept.member, kept.seat) {
            (Some(member), None) => Signer::Member(member.clone()),
            (None, Some(seat)) => Signer::Secretariat(seat),
            _ => return Err(another()),
        };
        let (content, signature) = of.read::<Report>(&opened, &by).map_err(|source| another().because(source))?;
        if (content.id, content.kind, content.record) != (id, kept.kind, kept.record) {
            return Err(another());
        }
        let said = kept.entries.drain(..).map(|entry| of.said(id, entry, &by)).collect();
        let identities = kept.identity_requests.drain(..).map(|request| of.identity_request(request)).collect();
        Ok(Self { kept, content, public: None, signature, said, identities })
    }
}

impl Reports<'_> {
    fn said(&self, report: ReportId, entry: ReportEntry, filer: &Signer) -> Said {
        let by = entry.seat.map_or_else(|| filer.clone(), Signer::Secretariat);
        // What an identity was asked for stands with the question.
        let sealed = entry.to_seats.as_ref().filter(|_| entry.request.is_none());
        let words = sealed.map(|Base64(sealed)| {
            let (words, signature) = self.unseal::<ReportWords>(sealed, &by)?;
            let is_of_this = words.report == report && words.act == entry.act;
            if is_of_this { Ok((words.text, signature)) } else { Err(Unreadable) }
        });
        Said { entry, words }
    }

    /// What was done with a report of the public. A seat's words stand twice, signed for the seats and under the code:
    /// what isn't the same in both isn't believed.
    fn said_of_public(&self, public: &OpenPublicReport, entry: ReportEntry) -> Said {
        let under_code = Self::said_under_code(&public.report, &entry);
        let Some(seat) = entry.seat else {
            let words = under_code.map(|words| words.map(|text| (text, Signature::Holds)));
            return Said { entry, words };
        };
        let mut said = self.said(public.report.id, entry, &Signer::Secretariat(seat));
        if let Some(under_code) = under_code {
            let is_same = matches!((&said.words, &under_code), (Some(Ok((signed, _))), Ok(text)) if signed == text);
            if !is_same {
                said.words = Some(Err(Unreadable));
            }
        }
        said
    }

    fn identity_request(&self, request: IdentityRequest) -> OpenIdentityRequest {
        let own = |question: &IdentityQuestion| question.request == request.id && question.member == request.member;
        let question = self.unseal_by_a_seat::<IdentityQuestion>(&request.sealed.0);
        let question = question.and_then(|read| if own(&read.0) { Ok(read) } else { Err(Unreadable) });
        let by = Signer::Member(request.member.clone());
        let answer = request.answer.as_ref().map(|Base64(sealed)| {
            let (answer, signature) = self.unseal::<IdentityAnswer>(sealed, &by)?;
            if answer.request == request.id { Ok((answer, signature)) } else { Err(Unreadable) }
        });
        OpenIdentityRequest { request, question, answer }
    }

    fn unseal<C: SignedContent>(&self, sealed: &[u8], by: &Signer) -> Result<(C, Signature), Unreadable> {
        let opened = open(sealed, self.key)?;
        self.read(&opened, by).map_err(|_| Unreadable)
    }

    /// The same of what any seat of the secretariat wrote.
    fn unseal_by_a_seat<C: SignedContent>(&self, sealed: &[u8]) -> Result<(C, Signature), Unreadable> {
        let opened = open(sealed, self.key)?;
        match signed::open(&opened, Some(&self.roster), None) {
            Ok((content, _)) => Ok((content, Signature::Holds)),
            Err(error) if is_key_unknown(&error) => {
                signed::read(&opened).map(|content| (content, Signature::KeyNotInForce)).map_err(|_| Unreadable)
            }
            Err(_) => Err(Unreadable),
        }
    }

    fn read<C: SignedContent>(&self, opened: &[u8], by: &Signer) -> Result<(C, Signature), SignedError> {
        match signed::open_of(opened, Some(&self.roster), self.members.as_ref(), by) {
            Ok(content) => Ok((content, Signature::Holds)),
            // The key may have been replaced since; whether it was theirs then, the lists in force don't say.
            Err(error) if is_key_unknown(&error) => Ok((signed::read(opened)?, Signature::KeyNotInForce)),
            Err(error) => Err(error),
        }
    }
}

fn open(sealed: &[u8], key: &SeatKey) -> Result<zeroize::Zeroizing<Vec<u8>>, Unreadable> {
    age_file::open(sealed, key.identity(), MAX_WORDS_BYTES as u64).map_err(|_| Unreadable)
}

const fn is_key_unknown(error: &SignedError) -> bool {
    matches!(error, SignedError::Envelope(AloneError::Envelope(EnvelopeError::KeyUnknown(_))))
}
