//! `_category_.json` and `_category_.yml`: what Docusaurus says about a folder.

use super::{CollectionName, front_matter, path};

/// What is said about a folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Category {
    /// What readers see.
    pub title: String,
    /// Its place among the others.
    pub position: Option<i64>,
    /// One sentence about it.
    pub description: Option<String>,
    /// Its address, where one is given.
    pub slug: Option<String>,
}

/// Reads a category file, JSON or YAML. `None` when it names no title.
pub fn parse_category(text: &str) -> Option<Category> {
    if let Ok(value) = serde_json::from_str::<serde_json::Value>(text) {
        let text_of =
            |value: &serde_json::Value| value.as_str().map(str::to_owned).filter(|text| !text.is_empty());
        #[expect(clippy::cast_possible_truncation, reason = "places in a list are small numbers")]
        let position = value["position"].as_f64().map(|position| position.floor() as i64);
        return Some(Category {
            title: text_of(&value["label"]).or_else(|| text_of(&value["title"]))?,
            position,
            description: text_of(&value["description"]).or_else(|| text_of(&value["link"]["description"])),
            slug: text_of(&value["slug"]).or_else(|| text_of(&value["link"]["slug"])),
        });
    }
    let front = front_matter::read(text, &mut Vec::new());
    Some(Category {
        title: front.text(&["label", "title"])?.to_owned(),
        position: front.text(&["position"]).and_then(|text| text.parse().ok()),
        description: front.text(&["description"]).map(str::to_owned),
        slug: front.text(&["slug"]).map(str::to_owned),
    })
}

/// The collection that articles in a folder of this name get. `None` for the folder of a locale, and for one whose name
/// says nothing (`docs`).
pub fn collection_of_folder(name: &str) -> Option<CollectionName> {
    if path::locale(name).is_some() { None } else { path::collection(name) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_names_its_collection() {
        for (folder, slug) in [
            ("01-first-steps", Some("first-steps")),
            ("3d-printing", Some("3d-printing")),
            ("docs", None),
            ("pt-BR", None),
            ("", None),
        ] {
            assert_eq!(collection_of_folder(folder).map(|name| name.slug).as_deref(), slug, "{folder}");
        }
    }

    #[test]
    fn categories_are_read_from_json_and_yaml() {
        let json =
            parse_category(r#"{"label":"First steps","position":2.5,"link":{"type":"generated-index"}}"#);
        let yaml = parse_category("label: First steps\nposition: 2\n");
        assert_eq!(json, yaml);
        assert_eq!(json.unwrap().title, "First steps");
        assert_eq!(parse_category("{\"position\":1}"), None);
        assert_eq!(parse_category("{broken"), None);
    }
}
