//! What whoever holds a key needs to deal with registry and token service: desk, agent and token service stand on it.
//!
//! In reading order: [`clock`]; [`public_file`], what a seat or member hands over; [`pin`], the hash and addresses of a
//! registry, and [`json_file`], how both are read; [`in_force`], its roster and members; [`http`], signed requests to
//! its services, [`retry`], when they are made again; [`derivation`], tags and seal keys made with the token service;
//! [`parallel`], a log read on every core; [`export`], a log as files; [`exposition`], what a program counts;
//! [`language`], in which programs speak; [`table`], tables that people keep; [`terminal`], what a terminal shows
//! besides; [`runtime`], how every program starts and stops; [`create_new`], files that are made whole, and
//! [`file_name`], what they may be called; [`system`], what each operating system does in its own way; [`output`], what it prints, with foreign text made
//! [`visible`]. What the bytes mean is `callboard_federation`'s; who decides and what is kept is the programs' own.

#![warn(missing_docs)]

pub mod clock;
pub mod create_new;
pub mod csv_row;
pub mod derivation;
pub mod evidence;
pub mod export;
pub mod exposition;
pub mod feed;
pub mod file_name;
pub mod http;
pub mod in_force;
pub mod json_file;
pub mod language;
pub mod output;
pub mod parallel;
pub mod pin;
pub mod public_file;
pub mod retry;
pub mod runtime;
pub mod sandbox_clock;
pub mod settings;
pub mod system;
pub mod table;
pub mod terminal;
pub mod visible;
