//! How the OpenAPI document describes the texts that have a form of their own.

use std::borrow::Cow;

use utoipa::{
    PartialSchema, ToSchema,
    openapi::{
        ObjectBuilder, RefOr, Schema,
        schema::{SchemaFormat, Type},
    },
};

use crate::domain::fields::{
    Email, Hash, Id, MAX_EMAIL_LEN, MAX_NAME_LEN, Name, Sealed, SealedKey, SignInKey,
};

/// IV, ciphertext and MAC in base64.
macro_rules! enc_string {
    () => {
        r"2\.[A-Za-z0-9+/]{21}[AQgw]==\|([A-Za-z0-9+/]{64})*([A-Za-z0-9+/]{21}[AQgw]==|[A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]=|[A-Za-z0-9+/]{64})\|[A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]="
    };
}

fn text() -> ObjectBuilder {
    ObjectBuilder::new().schema_type(Type::String)
}

macro_rules! described {
    ($($name:ident: $schema:expr;)*) => {
        $(
            impl PartialSchema for $name {
                fn schema() -> RefOr<Schema> {
                    $schema.into()
                }
            }

            impl ToSchema for $name {
                fn name() -> Cow<'static, str> {
                    stringify!($name).into()
                }
            }
        )*
    };
}

described! {
    Name: text().min_length(Some(1)).max_length(Some(MAX_NAME_LEN)).pattern(Some(r"^[^\x00-\x1f\x7f-\x9f]*\S[^\x00-\x1f\x7f-\x9f]*$"))
        .description(Some("A name that the server can read."));
    Email: text().min_length(Some(3)).max_length(Some(MAX_EMAIL_LEN)).pattern(Some(r"^[!-?A-~]+@[!-?A-~]+$"))
        .description(Some("An e-mail address. Upper and lower case are the same."));
    SignInKey: text().pattern(Some("^[A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]=$"))
        .description(Some("32 bytes that are derived from the master password, in base64."));
    Sealed: text().pattern(Some(concat!("^(", enc_string!(), ")?$")))
        .description(Some("An EncString, or the empty text."));
    SealedKey: text().pattern(Some(concat!("^", enc_string!(), "$"))).description(Some("A key in an EncString."));
    Hash: text().pattern(Some("^[A-Za-z0-9_-]{43}$"))
        .description(Some("The SHA-256 of a name, as the protocol makes it, in base64url."));
    Id: text().format(Some(SchemaFormat::Custom("uuid".into()))).description(Some("A UUID."));
}
