//! The fields of a form, each with its label, what stands in it, and what is wrong with that.

/// How a field is filled in.
pub(crate) enum Input {
    Line,
    Text,
    Day,
    Tick,
    /// One of these, by value and label.
    Choice(Vec<(String, String)>),
}

pub(crate) struct Field {
    pub(crate) name: String,
    pub(crate) label: String,
    pub(crate) hint: String,
    pub(crate) input: Input,
    pub(crate) value: String,
    pub(crate) is_required: bool,
    pub(crate) wrong: Option<String>,
}

/// Fields that belong together, under a heading.
pub(crate) struct Group {
    pub(crate) title: String,
    pub(crate) fields: Vec<Field>,
}

/// What is wrong with what was typed: with a field, or with all of it.
#[derive(Clone)]
pub(crate) struct Wrong {
    pub(crate) field: Option<String>,
    pub(crate) text: String,
}

impl Field {
    pub(crate) fn new(name: impl Into<String>, label: String, input: Input) -> Self {
        let (name, hint, value) = (name.into(), String::new(), String::new());
        Self { name, label, hint, input, value, is_required: false, wrong: None }
    }

    pub(crate) fn hint(self, hint: String) -> Self {
        Self { hint, ..self }
    }

    pub(crate) fn required(self) -> Self {
        Self { is_required: true, ..self }
    }

    pub(crate) fn is_ticked(&self) -> bool {
        !self.value.is_empty()
    }

    pub(crate) fn is(&self, input: &str) -> bool {
        let own = match &self.input {
            Input::Line => "line",
            Input::Text => "text",
            Input::Day => "day",
            Input::Tick => "tick",
            Input::Choice(_) => "choice",
        };
        own == input
    }

    /// What can be chosen: value, label, and whether it is.
    pub(crate) fn choices(&self) -> Vec<(String, String, bool)> {
        let Input::Choice(choices) = &self.input else { return Vec::new() };
        choices.iter().map(|(value, label)| (value.clone(), label.clone(), *value == self.value)).collect()
    }
}

impl Wrong {
    /// With all of it.
    pub(crate) const fn of_all(text: String) -> Self {
        Self { field: None, text }
    }

    pub(crate) fn of(field: &str, text: String) -> Self {
        Self { field: Some(field.to_owned()), text }
    }
}
