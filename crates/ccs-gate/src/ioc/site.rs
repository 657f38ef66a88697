//! Which hosts belong together.

/// The name that somebody registered, such as `shop.example.co.uk` → `example.co.uk`: all hosts
/// below it are one owner's. The host itself if it is an address or under no known suffix.
#[must_use]
pub fn site(host: &str) -> &str {
    let host = host.trim_end_matches('.');
    let domain = psl::domain(host.as_bytes());
    let known = domain.filter(|domain| domain.suffix().is_known());
    known.map_or(host, |domain| &host[host.len() - domain.as_bytes().len()..])
}

#[cfg(test)]
mod tests {
    use super::site;

    #[test]
    fn hosts_of_one_owner_are_one_site() {
        for (host, expected) in [
            ("a.b.shop.site", "shop.site"),
            ("shop.co.uk", "shop.co.uk"),
            ("me.github.io", "me.github.io"),
            ("10.0.0.1", "10.0.0.1"),
            ("build.corp", "build.corp"),
            ("", ""),
        ] {
            assert_eq!(site(host), expected, "{host}");
        }
    }
}
