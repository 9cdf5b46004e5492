//! Pay links: which, what their channels need, and how long one stays.

use super::*;

/// FILE with these links and this section.
fn linked(links: &str, section: &str) -> String {
    let text = with("app_id =", &format!("links = [{links}]\napp_id ="));
    format!("{text}\n[links]\n{section}\n")
}

#[test]
fn links_and_what_they_need_are_read_and_written_back() {
    let text = linked(
        "\"BC_WX_WAP\", \"ALI_WEB\", \"YEE_WAP\", \"WX_NATIVE\"",
        "return_url = \"https://shop.example/done\"\nidentity_id = \"SHOP01\"",
    );
    let read = Provisioning::parse(&text).unwrap().settings;
    let names: Vec<&str> = read.gateway.links.iter().map(|c| c.name()).collect();
    assert_eq!(names, ["BC_WX_WAP", "ALI_WEB", "YEE_WAP", "WX_NATIVE"]);
    assert_eq!(read.payment.timing.link_deadline_s, 900);
    assert_eq!(read.links.identity_id.as_deref(), Some("SHOP01"));
    assert_eq!(Settings::parse(&read.to_toml().unwrap()).unwrap(), read);
    let without = Provisioning::parse(FILE).unwrap().settings;
    assert!(without.gateway.links.is_empty());
    assert!(!without.to_toml().unwrap().contains("links"));
}

#[test]
fn a_till_may_have_links_alone() {
    let text = linked("\"BC_WX_WAP\"", "");
    let at = text.find("channels = ").unwrap();
    let end = at + text[at..].find('\n').unwrap();
    let read = Provisioning::parse(&format!("{}{}", &text[..at], &text[end..])).unwrap();
    assert!(read.settings.gateway.channels.is_empty());
    assert_eq!(
        Settings::parse(&read.settings.to_toml().unwrap()).unwrap(),
        read.settings
    );
}

#[test]
fn a_mistake_in_the_links_names_its_key() {
    let home = "return_url = \"https://shop.example/done\"";
    let table = [
        ("\"ALI_WEB\"", "", "links.return_url：", "ALI_WEB"),
        (
            "\"JD_WAP\"",
            "identity_id = \"a\"",
            "links.return_url：",
            "JD_WAP",
        ),
        ("\"YEE_WAP\"", home, "links.identity_id：", "YEE_WAP"),
        ("\"ALI_SCAN\"", home, "gateway.links：", "BC_WX_WAP"),
        ("\"BC_EXPRESS\"", home, "gateway.links：", "BC_GATEWAY"),
        ("\"BD_WAP\", \"BD_WAP\"", home, "gateway.links：", ""),
        (
            "\"BD_WAP\"",
            "return_url = \"ftp://x\"",
            "links.return_url：",
            "http",
        ),
        (
            "\"BD_WAP\"",
            "return_url = \"https://x.example/?a=1\"",
            "links.return_url：",
            "?",
        ),
        (
            "\"BD_WAP\"",
            "return_url = \"https://x.example/#a\"",
            "links.return_url：",
            "#",
        ),
        (
            "\"BD_WAP\"",
            "identity_id = \"有\"",
            "links.identity_id：",
            "50",
        ),
        ("\"BD_WAP\"", "shown = 1", "links.shown：", "identity_id"),
    ];
    for (links, section, key, says) in table {
        let line = mistake(&linked(links, section));
        assert!(
            line.starts_with(key) && line.contains(says),
            "{links}: {line}"
        );
    }
    let jubao = mistake(&FILE.replace("\"ALI_SCAN\", ", "\"BC_WX_WAP\", "));
    assert!(
        jubao.starts_with("gateway.channels："),
        "a link is no channel: {jubao}"
    );
}

#[test]
fn a_links_time_is_bounded_off_loopback() {
    for (value, good) in [(59, false), (60, true), (7_200, true), (7_201, false)] {
        let text = with("qr_deadline_s = 180", &format!("link_deadline_s = {value}"));
        assert_eq!(Provisioning::parse(&text).is_ok(), good, "{value}");
        let home = text.replace("https://api.beecloud.cn", "http://127.0.0.1:8080");
        assert!(Provisioning::parse(&home).is_ok(), "{value}");
    }
}

#[test]
fn what_a_link_needs_can_not_be_taken_away_while_it_is_offered() {
    let text = linked("\"ALI_WEB\"", "return_url = \"https://shop.example/done\"");
    let settings = Provisioning::parse(&text).unwrap().settings;
    let change =
        |key: &str, value: &str| settings.with_changes(&[(key.to_owned(), value.to_owned())]);
    let error = change("links.return_url", "").unwrap_err().to_string();
    assert!(error.starts_with("links.return_url："), "{error}");
    let more = change("gateway.links", "BC_WX_WAP, ALI_WAP").unwrap();
    assert_eq!(more.gateway.links, [Channel::BcWxWap, Channel::AliWap]);
    let none = change("gateway.links", "").unwrap();
    assert!(none.gateway.links.is_empty());
}
