//! What every HTTP service of ours stands on: registry, token service and agent bound what strangers may take in one
//! way.
//!
//! In reading order: [`bounds`], the numbers; [`serve`](mod@serve), the loop that accepts and the end of it;
//! `connections`, which of them are kept; `pace`, how slowly a body may come; [`proxies`], who asks; [`limit`], how
//! often; [`measure`](mod@measure), what is counted of it; [`cors`](mod@cors), what pages may read; [`origin`], from
//! which pages and by which names what isn't public is asked; [`media`], which types of bodies are taken and given;
//! [`group_commit`], how many callers' writes become one; [`operation`], how an operation is answered; [`store`], how a
//! row is read. Who may do what is each service's own, and TLS is
//! ended before it.

pub mod bounds;
mod connections;
pub mod cors;
pub mod group_commit;
pub mod limit;
pub mod measure;
pub mod media;
pub mod operation;
pub mod origin;
mod pace;
pub mod proxies;
pub mod serve;
pub mod store;

pub use bounds::Bounds;
pub use measure::measure;
pub use serve::serve;
