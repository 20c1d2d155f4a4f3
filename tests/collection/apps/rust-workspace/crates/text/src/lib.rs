/// The value of `key = "value"` in a text; none where the key is missing.
pub fn value(text: &str, key: &str) -> Option<String> {
    let line = text.lines().find(|line| line.split('=').next().map(str::trim) == Some(key))?;
    Some(line.split_once('=')?.1.trim().trim_matches('"').to_owned())
}
