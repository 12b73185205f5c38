//! Claims about cases at the desk.
