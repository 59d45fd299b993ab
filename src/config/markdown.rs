//! The reference of the environment file as Markdown, made from the schema.

use serde_json::{Map, Value};

use super::json_schema;

/// The reference: a section a table, a row a key.
pub fn reference() -> String {
    let schema = json_schema();
    let mut reference = Reference { schema: &schema, out: String::new() };
    reference.out.push_str("# The environment file\n\n");
    reference.out.push_str(&paragraphs(&schema));
    reference.section("", &schema);
    reference.out
}

struct Reference<'a> {
    schema: &'a Value,
    out: String,
}

impl<'a> Reference<'a> {
    /// A table's keys, then the tables in it.
    fn section(&mut self, path: &str, table: &'a Value) {
        let Some(properties) = table.get("properties").and_then(Value::as_object) else { return };
        let required: Vec<&str> = table
            .get("required")
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
            .collect();
        let (tables, keys): (Vec<_>, Vec<_>) =
            properties.iter().partition(|(_, property)| self.table_in(property).is_some());
        if !keys.is_empty() {
            self.out.push_str("\n| key | value | default | meaning |\n|---|---|---|---|\n");
            for (key, property) in keys {
                self.row(key, property, required.contains(&key.as_str()));
            }
        }
        for (key, property) in tables {
            let Some((inner, form)) = self.table_in(property) else { continue };
            let path = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
            let (path, title) = match form {
                Form::Table => (path.clone(), format!("[{path}]")),
                Form::List => (path.clone(), format!("[[{path}]]")),
                Form::Map => (format!("{path}.NAME"), format!("[{path}.NAME]")),
            };
            let mark = if required.contains(&key.as_str()) { " (required)" } else { "" };
            self.out.push_str(&format!("\n## `{title}`{mark}\n\n"));
            self.out.push_str(fuller(&paragraphs(property), &paragraphs(inner)));
            self.section(&path, inner);
        }
    }

    fn row(&mut self, key: &str, property: &'a Value, required: bool) {
        let default = match property.get("default") {
            Some(default) => format!("`{}`", toml(default)),
            None if required => "required".to_owned(),
            None => String::new(),
        };
        let target = self.follow(property);
        let mut meaning = paragraphs(property).trim().replace('\n', " ");
        let choices = paragraphs(target);
        let listed: Vec<&str> = choices.lines().filter_map(|line| line.strip_prefix("- ")).collect();
        if !listed.is_empty() && !meaning.contains("- `") {
            meaning.push_str(&format!(" {}", listed.join(" ")));
        }
        let row =
            format!("| `{key}` | {} | {default} | {} |\n", self.kind(property), meaning.replace('|', "\\|"));
        self.out.push_str(&row);
    }

    /// What may stand there, in words.
    fn kind(&self, property: &'a Value) -> String {
        let property = self.follow(property);
        if property.get("enum").is_some() && property.get("type") == Some(&"string".into()) {
            return "choice".to_owned();
        }
        if let Some(format) = property.get("format").and_then(Value::as_str) {
            return format.replace('-', " ");
        }
        match property.get("type").and_then(Value::as_str).unwrap_or("any") {
            "array" => {
                let items = property.get("items").map(|items| self.kind(items));
                format!("list of {}", items.unwrap_or_else(|| "any".to_owned()))
            }
            "object" => "table".to_owned(),
            other => other.to_owned(),
        }
    }

    /// The table with documented keys behind a property, if there is one.
    fn table_in(&self, property: &'a Value) -> Option<(&'a Value, Form)> {
        let target = self.follow(property);
        if target.get("properties").is_some() {
            return Some((target, Form::Table));
        }
        let inner = |key: &str| {
            let target = self.follow(target.get(key)?);
            target.get("properties").is_some().then_some(target)
        };
        inner("items")
            .map(|t| (t, Form::List))
            .or_else(|| inner("additionalProperties").map(|t| (t, Form::Map)))
    }

    fn follow(&self, property: &'a Value) -> &'a Value {
        let target = property.get("$ref").and_then(Value::as_str).and_then(|target| target.strip_prefix('#'));
        target.and_then(|pointer| self.schema.pointer(pointer)).unwrap_or(property)
    }
}

/// How a table is written.
enum Form {
    Table,
    List,
    Map,
}

/// What the key says of its table, or what the table says of itself where that says the same and more.
fn fuller<'a>(of_key: &'a str, of_table: &'a str) -> &'a str {
    let start = of_key.trim_end().trim_end_matches('.');
    if of_table.starts_with(start) { of_table } else { of_key }
}

fn paragraphs(schema: &Value) -> String {
    schema.get("description").and_then(Value::as_str).map(|text| format!("{text}\n")).unwrap_or_default()
}

fn toml(value: &Value) -> String {
    match value {
        Value::Object(map) if map == &Map::new() => "{}".to_owned(),
        _ => toml::Value::try_from(value).map_or_else(|_| value.to_string(), |value| value.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_table_and_key_is_in_it() {
        let text = reference();
        for part in [
            "## `[aws]` (required)",
            "## `[[cluster.node_groups]]`",
            "## `[services.NAME]`",
            "| `external_id` |",
            "## `[components.monitoring.grafana]`",
            "| `cidr` | ipv4 network | required |",
        ] {
            assert!(text.contains(part), "{part} is missing");
        }
        let nat = text.lines().find(|line| line.starts_with("| `nat` |")).unwrap();
        assert!(nat.contains("`per-zone`: Through a gateway in each zone."), "{nat}");
    }
}
