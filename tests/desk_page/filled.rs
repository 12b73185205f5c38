//! A form as a browser sends it: what stands in its fields, and what a person changed.

use crate::desk::Page;

/// The fields of the form of an action, with these changed; a tick that is to be taken away is changed to nothing.
pub(crate) fn filled(page: &Page, action: &str, changes: &[(&str, &str)]) -> Vec<(String, String)> {
    let form = page.form(action).text;
    let mut fields: Vec<(String, String)> = Vec::new();
    for (at, _) in form.match_indices('<') {
        let (tag, rest) = form[at + 1..].split_once('>').unwrap_or((&form[at + 1..], ""));
        let of = |name: &str| {
            let (_, value) = tag.split_once(&format!(" {name}=\""))?;
            Some(plain(value.split('"').next()?))
        };
        let Some(name) = of("name") else { continue };
        let value = match tag.split(' ').next().unwrap() {
            "input" if tag.contains("type=\"checkbox\"") && !tag.contains(" checked") => continue,
            "input" => of("value").unwrap_or_default(),
            "textarea" => plain(rest.split('<').next().unwrap()),
            "select" => chosen(rest.split("</select>").next().unwrap()),
            _ => continue,
        };
        fields.push((name, value));
    }
    for (name, value) in changes {
        fields.retain(|(known, _)| known != name);
        fields.extend((!value.is_empty()).then(|| ((*name).to_owned(), (*value).to_owned())));
    }
    fields
}

/// The same, for whoever sends it.
pub(crate) fn pairs(fields: &[(String, String)]) -> Vec<(&str, &str)> {
    fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect()
}

fn chosen(options: &str) -> String {
    let options: Vec<&str> = options.split("<option ").skip(1).collect();
    let option = options.iter().find(|option| option.contains(" selected>")).or(options.first()).unwrap();
    plain(option.split('"').nth(1).unwrap())
}

fn plain(text: &str) -> String {
    let named = [("&lt;", "<"), ("&gt;", ">"), ("&#60;", "<"), ("&#62;", ">"), ("&#34;", "\""), ("&#39;", "'")];
    let text = named.iter().fold(text.to_owned(), |text, (name, plain)| text.replace(name, plain));
    text.replace("&#38;", "&").replace("&amp;", "&")
}
