//! Claims about cases at the desk.

mod acting;
mod foreign;
mod scene;
mod telling;
mod verifying;
