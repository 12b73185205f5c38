//! The types in the descriptions of APIs (feature `openapi`): what has one text form is a string with its pattern.

use utoipa::openapi::{KnownFormat, ObjectBuilder, SchemaFormat, Type};

use crate::{
    encoding::{Base64, Hash, Octets, PublicKey, Time},
    proof::{Inclusion, Proof},
};

/// Bytes in padded base64.
const BASE64: &str = "^([A-Za-z0-9+/]{4})*([A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$";
/// An instant has milliseconds and ends in `Z`.
const INSTANT: &str = r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$";

/// A text, with what it is.
pub fn text(description: &str) -> ObjectBuilder {
    ObjectBuilder::new().schema_type(Type::String).description(Some(description))
}

/// Describes types that stand in JSON as a text.
#[macro_export]
macro_rules! texts {
    ($($type:ty = $name:literal, $description:literal $(, $of:ident($value:expr))*;)*) => {$(
        impl utoipa::PartialSchema for $type {
            fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::Schema> {
                $crate::openapi::text($description)$(.$of(Some($value)))*.into()
            }
        }
        impl utoipa::ToSchema for $type {
            fn name() -> std::borrow::Cow<'static, str> {
                $name.into()
            }
        }
    )*};
}

texts! {
    Hash = "Hash", "32 bytes in lower-case hexadecimal: a SHA-256, a key's id, a commitment.", pattern("^[0-9a-f]{64}$");
    Octets<32> = "Octets32", "32 bytes in base64.", pattern("^[A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]=$");
    Octets<64> = "Octets64", "64 bytes in base64: an Ed25519 signature.", pattern("^[A-Za-z0-9+/]{85}[AQgw]==$");
    PublicKey = "PublicKey", "An Ed25519 public key: 32 bytes in base64.",
        pattern("^[A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]=$");
    Base64 = "Base64", "Bytes in padded standard base64.", pattern(BASE64);
    Time = "Instant", "An instant in UTC with milliseconds, `YYYY-MM-DDThh:mm:ss.sssZ`.",
        format(SchemaFormat::KnownFormat(KnownFormat::DateTime)), pattern(INSTANT);
    Proof = "TlogProof", "A proof of inclusion with its checkpoint, as C2SP tlog-proof has it.",
        pattern("^c2sp\\.org/tlog-proof@v1\n");
    Inclusion = "TlogInclusion", "A proof of inclusion without its checkpoint.", pattern("^[^\\n]");
}
