//! What a seat is drafting and hasn't sent: changes that it gathers, and what is about to be sent. It lasts as long as the
//! key is open.

use std::sync::Arc;

use callboard_client::output;
use callboard_desk::{bundle::Bundle, key_card::CheckWords, member::RosterChange};
use callboard_federation::{encoding::CaseId, language::Language, zh_en};

use crate::{App, records::pending::Pending, word::word};

#[derive(Default)]
pub(crate) struct Work {
    /// What changes in the next roster.
    pub(crate) roster: Vec<RosterChange>,
    /// What was drafted last.
    pub(crate) unsent: Option<Arc<Unsent>>,
    /// The case on whose page a draft was begun: it is proposed where the draft goes.
    pub(crate) case: Option<CaseId>,
}

/// Dockets that were drafted and shown, to be sent as they are.
pub(crate) struct Unsent {
    /// What the form of its page bears.
    pub(crate) word: String,
    /// In the order in which they are sent.
    pub(crate) bundles: Vec<Bundle>,
    pub(crate) what: What,
}

/// What its page shows.
pub(crate) enum What {
    Documents(Proposal),
    Act(Pending),
}

/// Public documents: what they change, and what they need.
pub(crate) struct Proposal {
    pub(crate) title: String,
    /// What changes, document by document.
    pub(crate) texts: Vec<String>,
    pub(crate) notes: Vec<Note>,
    /// What its drafter confirms one by one: of each key that comes in, that its words were compared.
    pub(crate) confirm: Vec<String>,
    /// How many of whom sign it.
    pub(crate) asks: Vec<String>,
    /// The page that it was made on.
    pub(crate) back: &'static str,
}

/// What is to be known besides.
pub(crate) struct Note {
    pub(crate) text: String,
    pub(crate) is_warning: bool,
}

impl Note {
    /// A line as a terminal shows it.
    pub(crate) fn of(line: &[output::Span]) -> Self {
        Self { text: output::text(line).trim().to_owned(), is_warning: output::is_warning(line) }
    }
}

impl Proposal {
    pub(crate) fn new(title: String, back: &'static str) -> Self {
        let (texts, notes, confirm, asks) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        Self { title, texts, notes, confirm, asks, back }
    }

    /// Asks its drafter whether a key that comes in was compared with its holder.
    pub(crate) fn confirm_key(&mut self, what: &str, words: CheckWords) {
        let words = words.line(Language::spoken());
        self.confirm.push(zh_en!(
            "{what}：已与持有人通话，核对词相同：{words}",
            "{what}: compared with its holder by telephone, and the same: {words}"
        ));
    }
}

impl App {
    /// What the seat is drafting; nothing once it is locked.
    pub(crate) fn work<T: Default>(&self, with: impl FnOnce(&mut Work) -> T) -> T {
        self.session().as_mut().map_or_else(T::default, |session| with(&mut session.work))
    }

    /// Keeps what was drafted, in place of what was before; gives what its page is called by.
    pub(crate) fn keep_unsent(&self, bundles: Vec<Bundle>, what: What) -> String {
        let word = word();
        let unsent = Unsent { word: word.clone(), bundles, what };
        self.work(|work| work.unsent = Some(Arc::new(unsent)));
        word
    }

    /// What was drafted last and isn't sent.
    pub(crate) fn unsent(&self) -> Option<Arc<Unsent>> {
        self.work(|work| work.unsent.clone())
    }
}
