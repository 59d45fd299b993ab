//! Which bodies count as JSON.

use http::HeaderValue;

/// Whether FastAPI reads a body of this content type as JSON: `application/json` or
/// `application/…+json`, by the rules of Python's `email.message` (parameters ignored, exactly one
/// slash). Without the header the body is not JSON (`strict_content_type`, the default).
pub(super) fn is_json(content_type: Option<&HeaderValue>) -> bool {
    let Some(text) = content_type.and_then(|value| std::str::from_utf8(value.as_bytes()).ok()) else {
        return false;
    };
    let essence = text.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    match essence.split_once('/') {
        Some(("application", subtype)) if !subtype.contains('/') => {
            subtype == "json" || subtype.ends_with("+json")
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_and_its_relatives_are_json() {
        let json = |text: &'static str| is_json(Some(&HeaderValue::from_static(text)));
        assert!(json("application/json"));
        assert!(json("Application/JSON ; charset=utf-8"));
        assert!(json("application/vnd.api+json"));
        assert!(!json("text/json"));
        assert!(!json("application/json/x"));
        assert!(!json("application/x-www-form-urlencoded"));
        assert!(!json("json"));
        assert!(!json(""));
        assert!(!is_json(None));
    }
}
