//! The operations of Callboard's services, each declared once.
//!
//! An [`Operation`] is a constant with the types of what is sent and answered. Out of it come the service's route, what
//! the service asks of a request, the entry in the OpenAPI document ([`document`]), the client's call, and whether a
//! member's agent forwards it. Types that several formats share are `callboard-federation`'s.

#![warn(missing_docs)]

#[cfg(feature = "agent")]
pub mod agent;
pub mod document;
mod operation;
pub mod registry;
pub mod tokens;

pub use operation::{
    Anyone, Content, Description, MaybeSigned, Member, Method, Operation, Part, Question, Right, RightKind, Seat,
    Session, Shape, Signed, Token,
};
