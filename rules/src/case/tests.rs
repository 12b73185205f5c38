//! What a case takes and refuses, as claims.

mod acts;
mod appealing;
mod deciding;
mod drawing;
mod hearing;
mod issuing;
mod python;
mod random;
mod returning;
mod scene;
