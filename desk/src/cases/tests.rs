//! Claims about cases at the desk.

mod acting;
mod scene;
mod telling;
mod verifying;
