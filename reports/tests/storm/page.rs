//! A page as markup.

/// Every element that is opened is closed, in order.
pub(crate) fn assert_balanced(page: &str) {
    let mut open: Vec<&str> = Vec::new();
    for tag in page.split('<').skip(1) {
        let (inside, _) = tag.split_once('>').unwrap_or_else(|| panic!("a tag without an end: {tag}"));
        let name = inside.trim_start_matches('/').split([' ', '/', '\n']).next().unwrap_or_default();
        match inside.as_bytes() {
            [b'!', ..] => {}
            [b'/', ..] => assert_eq!(open.pop(), Some(name)),
            [.., b'/'] => {}
            _ if name == "meta" => {}
            _ => open.push(name),
        }
    }
    assert!(open.is_empty(), "{open:?}");
}
