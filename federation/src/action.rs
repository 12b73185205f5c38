//! What a standing asks of a member; a policy may say another than the default. When it is asked is
//! [`crate::standing`]'s.

use serde::{Deserialize, Serialize};

/// What a member does, mildest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "lowercase")]
pub enum Action {
    /// Nothing stands against the person here.
    Allow,
    /// Serve, and tell who is responsible.
    Notify,
    /// A person decides.
    Review,
    /// Give no such service.
    Refuse,
}

impl Action {
    /// The word that stands in JSON and API.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Allow => "allow",
            Self::Notify => "notify",
            Self::Review => "review",
            Self::Refuse => "refuse",
        }
    }

    /// One step less: what a measure on probation, or stayed, asks.
    pub(crate) const fn eased(self) -> Self {
        match self {
            Self::Refuse => Self::Review,
            Self::Review => Self::Notify,
            less => less,
        }
    }
}

impl std::fmt::Display for Action {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}
