//! What was drafted is put to the vote in a case: the same statements without a procedure, each for an item.

use callboard_federation::{
    docket::Item,
    encoding::{Base64, Hash},
    roster::Roster,
    statement::{Statement, under_procedure},
};
use rand_core::CryptoRng;

use super::{Draw, docket, procedure};
use crate::{bundle::Bundle, error::Error};

/// Drafts the statements of a bundle without a procedure. Taken so, they are of no case; with
/// [`Bundle::proposed`] they are put to the vote in one.
///
/// # Errors
/// One of them never has a procedure.
pub fn without_procedure<R: CryptoRng>(
    bundle: &Bundle,
    roster: &Roster,
    draw: &mut Draw<'_, R>,
) -> Result<Bundle, Error> {
    let none = Hash::from_bytes([0; 32]);
    let (mut docket_items, mut items, mut number) = (Vec::new(), Vec::new(), bundle.number().map(str::to_owned));
    for (named, item) in bundle.docket().items.iter().zip(bundle.items()) {
        let bytes = &item.statement.0;
        let statement = Statement::from_json(bytes).map_err(|source| Error::below("draft", source))?;
        let tabled = || procedure::number(bundle.events(), &statement.basis()?.procedure);
        number = number.or_else(tabled);
        let bytes = under_procedure(bytes, &none).map_err(|source| Error::below("draft", source))?;
        docket_items.push(Item { commitment: Statement::commitment(&bytes), ..named.clone() });
        let mut item = item.clone();
        item.statement = Base64(bytes);
        items.push(item);
    }
    let publication = bundle.publication().map(<[u8]>::to_vec);
    let docket = docket(roster, docket_items, publication.as_deref().map(Hash::of), draw);
    Ok(Bundle::draft(&docket, items, publication, Vec::new())?.numbered(number))
}
