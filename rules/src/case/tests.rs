//! What a case takes and refuses, as claims.

mod acts;
mod deciding;
mod drawing;
mod hearing;
mod issuing;
mod python;
mod random;
mod scene;
