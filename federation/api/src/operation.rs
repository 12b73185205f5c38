//! What an operation is: plain data with the types of its parts.
//!
//! Long because the builder has a word for each thing that an operation may say.

use std::marker::PhantomData;

use callboard_federation::encoding::{
    CaseId, CheckId, DraftId, EndpointId, FilingId, Hash, IdentityRequestId, RecordId, ReportId, to_json,
};
use callboard_federation::subject_session::SessionId;
use serde::{Serialize, de::DeserializeOwned};
use utoipa::{
    IntoParams, PartialSchema, ToSchema,
    openapi::{
        KnownFormat, Object, ObjectBuilder, OneOfBuilder, Ref, RefOr, Schema, SchemaFormat, Type,
        path::{Parameter, ParameterIn},
        schema::ArrayBuilder,
    },
};

/// An operation that whoever has the right `R` asks with a part `P` of the path, a query `Q` and a body `B`, and that
/// answers `A`. A part that is absent is `()`.
pub struct Operation<R, P, Q, B, A> {
    /// Everything about it but the types.
    pub description: Description,
    types: Types<R, P, Q, B, A>,
}

/// The types that an operation is given and gives.
type Types<R, P, Q, B, A> = PhantomData<fn(R, P, Q, B) -> A>;
/// Makes a schema.
type MakeSchema = fn() -> RefOr<Schema>;

/// An operation asked with all that it needs.
pub struct Question<A> {
    /// The method.
    pub method: Method,
    /// The path and query.
    pub address: String,
    /// The body, if there is one.
    pub json: Vec<u8>,
    answer: PhantomData<fn() -> A>,
}

impl<A: DeserializeOwned> Question<A> {
    /// Reads what is answered.
    ///
    /// # Errors
    /// It isn't of the shape that the operation answers with.
    pub fn read(&self, answer: &[u8]) -> Result<A, serde_json::Error> {
        // What answers with nothing is `()`.
        serde_json::from_slice(if answer.is_empty() { b"null" } else { answer })
    }
}

/// Everything about an operation but its types.
pub struct Description {
    /// The name of the constant; in small letters the operation's id.
    pub name: &'static str,
    /// The method.
    pub method: Method,
    /// The route, its one variable part in braces: `/v1/endpoints/{endpoint}`.
    pub path: &'static str,
    /// Under which heading it stands in the document.
    pub tag: &'static str,
    /// Its text, line by line: the first is its summary.
    pub text: &'static [&'static str],
    /// Who may ask.
    pub right: RightKind,
    /// Words of the problems that it answers with, but for those of its service and its right; `!word` takes one of
    /// those away, `rules` stands for all rules of the replay.
    pub problems: &'static str,
    /// `Cache-Control` of what it answers.
    pub cache: Option<&'static str>,
    /// Whether an answer has an entity tag, and `If-None-Match` gets 304.
    pub is_tagged: bool,
    /// Whether it changes nothing although it isn't a GET: asked twice, it is answered twice.
    pub only_reads: bool,
    /// Whether a member's agent forwards it, with the member's signature.
    pub is_forwarded: bool,
    /// The statuses of its answers and what they mean; the first is the usual one.
    pub answers: &'static [(u16, &'static str)],
    /// What the variable part of the path is.
    pub part: Option<(&'static str, MakeSchema)>,
    /// The parameters of the query.
    pub query: Option<fn() -> Vec<Parameter>>,
    /// What the body is.
    pub body: Option<Content>,
    /// What an answer is; several where whoever asks may choose.
    pub answer: [Option<Content>; 3],
    /// Further headers of an answer: name, what it says.
    pub headers: &'static [(&'static str, &'static str)],
}

/// A body or an answer.
#[derive(Clone, Copy)]
pub struct Content {
    /// What it is, of a body.
    pub text: &'static str,
    /// Its media type.
    pub media: &'static str,
    /// Its schema.
    pub shape: Shape,
    /// An example as JSON.
    pub example: Option<&'static str>,
    /// Whether it may be empty, of a body.
    pub is_optional: bool,
}

/// A schema, and those that it refers to.
#[derive(Clone, Copy)]
pub struct Shape {
    /// The schema, or where it stands.
    pub schema: MakeSchema,
    /// The schemas that belong to it, by name.
    pub components: fn(&mut Vec<(String, RefOr<Schema>)>),
}

impl Shape {
    /// A type that stands by its name among the components.
    pub const fn of<T: ToSchema>() -> Self {
        Self {
            schema: || Ref::from_schema_name(T::name()).into(),
            components: |components| {
                components.push((T::name().into_owned(), T::schema()));
                T::schemas(components);
            },
        }
    }

    /// Bytes as they are.
    pub const BYTES: Self = Self::inline::<Binary>();
    /// Any object.
    pub const OBJECT: Self = Self { schema: || Object::new().into(), components: |_| {} };

    /// A type that stands where it is used.
    pub const fn inline<T: ToSchema>() -> Self {
        Self { schema: T::schema, components: T::schemas }
    }

    /// A list of a type that stands by its name.
    pub const fn list<T: ToSchema>() -> Self {
        Self { schema: || ArrayBuilder::new().items(Ref::from_schema_name(T::name())).into(), ..Self::of::<T>() }
    }

    /// A type that stands by its name, or nothing.
    pub const fn optional<T: ToSchema>() -> Self {
        let schema = || {
            let nothing = ObjectBuilder::new().schema_type(Type::Null);
            OneOfBuilder::new().item(Ref::from_schema_name(T::name())).item(nothing).into()
        };
        Self { schema, ..Self::of::<T>() }
    }
}

/// Bytes as they are: the description of a body that is no JSON.
enum Binary {}

impl PartialSchema for Binary {
    fn schema() -> RefOr<Schema> {
        let format = SchemaFormat::KnownFormat(KnownFormat::Binary);
        ObjectBuilder::new().schema_type(Type::String).format(Some(format)).into()
    }
}

impl ToSchema for Binary {}

/// A method of HTTP.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// `GET`.
    Get,
    /// `POST`.
    Post,
    /// `PATCH`.
    Patch,
    /// `DELETE`.
    Delete,
}

impl Method {
    /// As it stands in a request.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Patch => "PATCH",
            Self::Delete => "DELETE",
        }
    }
}

/// Who may ask, as a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RightKind {
    /// Everyone.
    Anyone,
    /// Everyone; whoever signs is shown more.
    MaybeSigned,
    /// Members and seats in force, by a signed request.
    Signed,
    /// Seats in force, by a signed request.
    Seat,
    /// Members in force, by a signed request.
    Member,
    /// The browser that a session is bound to, by a request signed with its key.
    Session,
    /// Whoever shows an agent's token.
    Token,
}

impl RightKind {
    /// The word of the problem of whoever signs and hasn't this right.
    pub const fn problems(self) -> &'static str {
        match self {
            Self::Member => "members-only",
            Self::Seat => "seats-only",
            Self::Session => {
                "session-unknown session-unopened session-used session-expired session-ended session-locked"
            }
            Self::Anyone | Self::MaybeSigned | Self::Signed | Self::Token => "",
        }
    }
}

/// Who may ask, as a type.
pub trait Right: Send + 'static {
    /// The same as a value.
    const KIND: RightKind;
}

/// Everyone.
pub enum Anyone {}
/// Everyone; whoever signs is shown more.
pub enum MaybeSigned {}
/// Members and seats in force, by a signed request.
pub enum Signed {}
/// Seats in force, by a signed request.
pub enum Seat {}
/// Members in force, by a signed request.
pub enum Member {}
/// The browser that a session is bound to, by a request signed with its key.
pub enum Session {}
/// Whoever shows an agent's token.
pub enum Token {}

impl Right for Anyone {
    const KIND: RightKind = RightKind::Anyone;
}
impl Right for MaybeSigned {
    const KIND: RightKind = RightKind::MaybeSigned;
}
impl Right for Signed {
    const KIND: RightKind = RightKind::Signed;
}
impl Right for Seat {
    const KIND: RightKind = RightKind::Seat;
}
impl Right for Member {
    const KIND: RightKind = RightKind::Member;
}
impl Right for Session {
    const KIND: RightKind = RightKind::Session;
}
impl Right for Token {
    const KIND: RightKind = RightKind::Token;
}

/// The variable part of a path: read by the service, written by the client.
pub trait Part: Sized + Send + 'static {
    /// Reads it; `None` if the text is none of these.
    fn from_path(text: &str) -> Option<Self>;
    /// Writes it.
    fn to_path(&self) -> String;
    /// Its schema.
    fn schema() -> RefOr<Schema>;
}

impl Part for () {
    fn from_path(_: &str) -> Option<Self> {
        Some(())
    }

    fn to_path(&self) -> String {
        String::new()
    }

    fn schema() -> RefOr<Schema> {
        <() as PartialSchema>::schema()
    }
}

/// Parts of a path whose text is what `FromStr` reads and `Display` writes.
macro_rules! parts {
    ($($type:ty: $shape:expr),+) => {$(
        impl Part for $type {
            fn from_path(text: &str) -> Option<Self> {
                text.parse().ok()
            }

            fn to_path(&self) -> String {
                self.to_string()
            }

            fn schema() -> RefOr<Schema> {
                ($shape.schema)()
            }
        }
    )+};
}
parts! {
    u64: Shape::inline::<u64>(),
    String: Shape::inline::<String>(),
    Hash: Shape::of::<Hash>(),
    CaseId: Shape::of::<CaseId>(),
    CheckId: Shape::of::<CheckId>(),
    DraftId: Shape::of::<DraftId>(),
    EndpointId: Shape::of::<EndpointId>(),
    IdentityRequestId: Shape::of::<IdentityRequestId>(),
    RecordId: Shape::of::<RecordId>(),
    ReportId: Shape::of::<ReportId>(),
    FilingId: Shape::of::<FilingId>(),
    SessionId: Shape::of::<SessionId>()
}

impl<R: Right, P, Q, B, A> Operation<R, P, Q, B, A> {
    const fn new(method: Method, path: &'static str, tag: &'static str) -> Self {
        let description = Description {
            name: "",
            method,
            path,
            tag,
            text: &[],
            right: R::KIND,
            problems: "",
            cache: None,
            is_tagged: false,
            only_reads: matches!(method, Method::Get),
            is_forwarded: false,
            answers: &[],
            part: None,
            query: None,
            body: None,
            answer: [None; 3],
            headers: &[],
        };
        Self { description, types: PhantomData }
    }

    /// A GET of `path`, under the heading `tag`.
    pub const fn get(path: &'static str, tag: &'static str) -> Self {
        Self::new(Method::Get, path, tag)
    }

    /// A POST.
    pub const fn post(path: &'static str, tag: &'static str) -> Self {
        Self::new(Method::Post, path, tag)
    }

    /// A PATCH.
    pub const fn patch(path: &'static str, tag: &'static str) -> Self {
        Self::new(Method::Patch, path, tag)
    }

    /// A DELETE.
    pub const fn delete(path: &'static str, tag: &'static str) -> Self {
        Self::new(Method::Delete, path, tag)
    }

    /// The name and text, which [`operations!`](crate::operations) takes from the declaration.
    #[must_use]
    pub const fn named(mut self, name: &'static str, text: &'static [&'static str]) -> Self {
        (self.description.name, self.description.text) = (name, text);
        self
    }

    /// The words of its own problems.
    #[must_use]
    pub const fn problems(mut self, words: &'static str) -> Self {
        self.description.problems = words;
        self
    }

    /// The `Cache-Control` of its answers.
    #[must_use]
    pub const fn cached(mut self, control: &'static str) -> Self {
        self.description.cache = Some(control);
        self
    }

    /// Its answers have an entity tag, and this `Cache-Control`.
    #[must_use]
    pub const fn tagged(mut self, control: &'static str) -> Self {
        self.description.is_tagged = true;
        self.cached(control)
    }

    /// A POST that changes nothing.
    #[must_use]
    pub const fn only_reads(mut self) -> Self {
        self.description.only_reads = true;
        self
    }

    /// A member's agent forwards it.
    #[must_use]
    pub const fn forwarded(mut self) -> Self {
        self.description.is_forwarded = true;
        self
    }

    /// The variable part of its path.
    #[must_use]
    pub const fn part(mut self, text: &'static str) -> Self
    where
        P: Part,
    {
        self.description.part = Some((text, P::schema));
        self
    }

    /// The parameters of its query.
    #[must_use]
    pub const fn query(mut self) -> Self
    where
        Q: IntoParams,
    {
        self.description.query = Some(|| Q::into_params(|| Some(ParameterIn::Query)));
        self
    }

    /// Its body as JSON: what it is, in words.
    #[must_use]
    pub const fn takes(self, text: &'static str) -> Self
    where
        B: ToSchema,
    {
        self.body(Content {
            text,
            media: "application/json",
            shape: Shape::of::<B>(),
            example: None,
            is_optional: false,
        })
    }

    /// Its body.
    #[must_use]
    pub const fn body(mut self, content: Content) -> Self {
        self.description.body = Some(content);
        self
    }

    /// An example of its body, beside that of its type.
    #[must_use]
    pub const fn body_example(mut self, example: &'static str) -> Self {
        if let Some(content) = &mut self.description.body {
            content.example = Some(example);
        }
        self
    }

    /// Its answers' statuses and what they mean.
    #[must_use]
    pub const fn answers(mut self, answers: &'static [(u16, &'static str)]) -> Self {
        self.description.answers = answers;
        self
    }

    /// It answers with `A` as JSON, and this status.
    #[must_use]
    pub const fn gives(self, answers: &'static [(u16, &'static str)]) -> Self
    where
        A: ToSchema,
    {
        self.answers(answers).content("application/json", Shape::of::<A>(), None)
    }

    /// An example of its answer, beside that of its type.
    #[must_use]
    pub const fn example(mut self, example: &'static str) -> Self {
        if let Some(content) = &mut self.description.answer[0] {
            content.example = Some(example);
        }
        self
    }

    /// What it answers with, or another thing, of three at most, for whoever asks for that.
    #[must_use]
    pub const fn content(mut self, media: &'static str, shape: Shape, example: Option<&'static str>) -> Self {
        let answer = &mut self.description.answer;
        let at = if answer[0].is_none() {
            0
        } else if answer[1].is_none() {
            1
        } else {
            2
        };
        answer[at] = Some(Content { text: "", media, shape, example, is_optional: false });
        self
    }

    /// Further headers of its answers.
    #[must_use]
    pub const fn headers(mut self, headers: &'static [(&'static str, &'static str)]) -> Self {
        self.description.headers = headers;
        self
    }

    /// The operation asked with these.
    pub fn with(&self, part: &P, query: &Q, body: &B) -> Question<A>
    where
        P: Part,
        Q: Serialize,
        B: Serialize,
    {
        let path = self.description.path_of(&part.to_path());
        // A query is plain fields, which always have a text.
        let query = serde_urlencoded::to_string(query).unwrap_or_default();
        let address = if query.is_empty() { path } else { format!("{path}?{query}") };
        let json = if self.description.body.is_some() { to_json(body) } else { Vec::new() };
        Question { method: self.description.method, address, json, answer: PhantomData }
    }
}

impl<R: Right, P, Q, B: ToSchema, A> Operation<R, P, Q, Option<B>, A> {
    /// Its body as JSON, which may be empty: what it is, in words.
    #[must_use]
    pub const fn may_take(self, text: &'static str) -> Self {
        let shape = Shape::optional::<B>();
        self.body(Content { text, media: "application/json", shape, example: None, is_optional: true })
    }
}

impl Description {
    /// The name of the variable part of the path.
    pub fn part_name(&self) -> Option<&'static str> {
        let (_, rest) = self.path.split_once('{')?;
        Some(rest.split_once('}')?.0)
    }

    /// The path with this in the place of its variable part.
    pub fn path_of(&self, part: &str) -> String {
        match self.path.split_once('{').and_then(|(before, rest)| Some((before, rest.split_once('}')?.1))) {
            Some((before, after)) => format!("{before}{part}{after}"),
            None => self.path.to_owned(),
        }
    }

    /// The operation's id.
    pub fn id(&self) -> String {
        self.name.to_lowercase()
    }

    /// The names of the query's parameters, as a problem names them.
    pub fn query_names(&self) -> String {
        let names = self.query.map_or_else(Vec::new, |query| query());
        names.iter().map(|parameter| parameter.name.as_str()).collect::<Vec<_>>().join(", ")
    }
}

/// Declares operations, each a constant whose doc comment is its text, and lists them.
#[macro_export]
macro_rules! operations {
    ($(#[$of_list:meta])* $list:ident: $($(#[doc = $text:literal])+ $name:ident: [$($type:ty),+] = $operation:expr;)+) => {
        $($(#[doc = $text])+
        pub static $name: $crate::Operation<$($type),+> =
            $operation.named(stringify!($name), &[$($text),+]);)+
        $(#[$of_list])*
        pub static $list: &[&$crate::Description] = &[$(&$name.description),+];
    };
}
