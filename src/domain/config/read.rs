//! The sections that the provisioning file and config.toml share.

use super::check;
use super::error::ConfigError;
use super::table::Section;
use super::{
    GatewaySettings, Language, LinkSettings, LockSettings, PaymentSettings, Provider,
    RefundSettings, Shop, Timing, WebhookSettings,
};
use crate::domain::{Channel, Fen};

/// At most this many hosts.
const MOST_SERVERS: usize = 16;
/// At most this many tills of one merchant.
const MOST_TILLS: usize = 64;
/// The gateway's limit for ids (PROTOCOL: validation), characters.
const ID_CHARS: usize = 32;
/// A name that still fits a screen and a slip, characters.
pub(super) const NAME_CHARS: usize = 64;

/// One of a few words.
pub(super) fn word<T: Copy>(
    section: &mut Section,
    key: &str,
    words: &[(&str, T)],
) -> Result<Option<T>, ConfigError> {
    let Some(text) = section.text(key)? else {
        return Ok(None);
    };
    match words.iter().find(|(word, _)| *word == text) {
        Some((_, value)) => Ok(Some(*value)),
        None => {
            let words: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
            Err(ConfigError::value(section.key(key), words.join("、")))
        }
    }
}

/// As [`word`], and it must be there.
pub(super) fn need_word<T: Copy>(
    section: &mut Section,
    key: &str,
    words: &[(&str, T)],
) -> Result<T, ConfigError> {
    let names: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
    word(section, key, words)?
        .ok_or_else(|| ConfigError::missing(section.key(key), names.join("、")))
}

/// `text` within `most` characters.
pub(super) fn short(key: String, text: String, most: usize) -> Result<String, ConfigError> {
    if text.chars().count() > most {
        return Err(ConfigError::value(key, format!("最多 {most} 个字符")));
    }
    Ok(text)
}

/// `[shop]`
pub(super) fn shop(section: &mut Section) -> Result<Shop, ConfigError> {
    let name = section.need_text("name", "店名")?;
    let name = short(section.key("name"), name, NAME_CHARS)?;
    let allowed = "2 到 4 个字母或数字，如 \"01\"";
    let till = section.need_text("till", allowed)?;
    if !is_till(&till) {
        return Err(ConfigError::value(section.key("till"), allowed));
    }
    let store_id = section.text("store_id")?;
    let store_id = store_id
        .map(|id| short(section.key("store_id"), id, ID_CHARS))
        .transpose()?;
    let words = [("zh-CN", Language::Chinese), ("en", Language::English)];
    let language = word(section, "language", &words)?.unwrap_or_default();
    let other_tills = section
        .texts("other_tills", MOST_TILLS)?
        .unwrap_or_default();
    let key = section.key("other_tills");
    if !other_tills
        .iter()
        .all(|other| is_till(other) && *other != till)
    {
        let allowed = "其他收银台的编号，各 2 到 4 个字母或数字，不含本机，如 [\"02\"]";
        return Err(ConfigError::value(key, allowed));
    }
    check::no_twice(&key, &other_tills)?;
    Ok(Shop {
        name,
        till,
        store_id,
        language,
        other_tills,
    })
}

fn is_till(text: &str) -> bool {
    (2..=4).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric())
}

/// `[refund]`
pub(super) fn refund(section: &mut Section) -> Result<RefundSettings, ConfigError> {
    let days = match section.number("max_age_days")? {
        None => None,
        Some(days) => match u32::try_from(days).ok().filter(|d| (1..=3650).contains(d)) {
            Some(days) => Some(days),
            None => {
                let key = section.key("max_age_days");
                return Err(ConfigError::value(key, "1 到 3650 之间的天数"));
            }
        },
    };
    Ok(RefundSettings {
        once_only: section.flag("once_only")?.unwrap_or(false),
        need_approval: section.flag("need_approval")?.unwrap_or(false),
        max_per_refund: yuan(section, "max_per_refund")?,
        max_per_shift: yuan(section, "max_per_shift")?,
        max_age_days: days,
    })
}

/// `[lock]`
pub(super) fn lock(section: &mut Section) -> Result<LockSettings, ConfigError> {
    let Some(number) = section.number("idle_min")? else {
        return Ok(LockSettings::default());
    };
    match u32::try_from(number).ok().filter(|min| *min <= 24 * 60) {
        Some(idle_min) => Ok(LockSettings { idle_min }),
        None => {
            let key = section.key("idle_min");
            Err(ConfigError::value(
                key,
                "0 到 1440 之间的分钟，0 是不自动锁定",
            ))
        }
    }
}

/// Text in yuan.
fn yuan(section: &mut Section, key: &str) -> Result<Option<Fen>, ConfigError> {
    let Some(text) = section.text(key)? else {
        return Ok(None);
    };
    Fen::parse_yuan(&text).map(Some).map_err(|_| {
        let allowed = format!("0.01 到 {} 之间的元，如 \"50000.00\"", Fen::LIMIT);
        ConfigError::value(section.key(key), allowed)
    })
}

/// `gateway.provider`
pub(super) fn provider(section: &mut Section) -> Result<Provider, ConfigError> {
    let words = [
        ("beecloud", Provider::Beecloud),
        ("juhepay", Provider::Juhepay),
        ("jubao", Provider::Jubao),
    ];
    need_word(section, "provider", &words)
}

/// `[gateway]` without provider and secrets. `app_id_key`: 聚宝 calls it mch_id.
pub(super) fn gateway(
    section: &mut Section,
    provider: Provider,
    app_id_key: &str,
) -> Result<GatewaySettings, ConfigError> {
    let key = section.key("servers");
    let servers = section.texts("servers", MOST_SERVERS)?.unwrap_or_default();
    if servers.is_empty() {
        let allowed = "至少一个地址，如 [\"https://api.beecloud.cn\"]";
        return Err(ConfigError::missing(key, allowed));
    }
    let servers: Vec<_> = servers
        .iter()
        .map(|server| check::host(&key, server))
        .collect::<Result<_, _>>()?;
    check::no_twice(&key, &servers)?;
    let app_id = section.need_text(app_id_key, "网关给的应用编号")?;
    let app_id = short(section.key(app_id_key), app_id, 128)?;
    if !app_id.bytes().all(|b| b.is_ascii_graphic()) {
        return Err(ConfigError::value(
            section.key(app_id_key),
            "网关给的编号：字母、数字和半角符号，不含空格",
        ));
    }
    let notify_url = section.text("notify_url")?;
    let is_http = |url: &String| url.starts_with("http://") || url.starts_with("https://");
    if !notify_url.as_ref().is_none_or(is_http) {
        let allowed = "http:// 或 https:// 开头的地址";
        return Err(ConfigError::value(section.key("notify_url"), allowed));
    }
    Ok(GatewaySettings {
        provider,
        servers,
        app_id,
        channels: match channels(section, "channels", provider)? {
            // 聚宝 has two, and the document lets no merchant choose.
            none if none.is_empty() && provider == Provider::Jubao => Channel::JUBAO.to_vec(),
            channels => channels,
        },
        without_bill_timeout: channels(section, "without_bill_timeout", provider)?,
        order_valid_min: order_valid(section)?,
        notify_url,
        sandbox: section.flag("sandbox")?.unwrap_or(false),
        links: channels(section, "links", provider)?,
    })
}

/// Channels of this provider; `channels` may lack only for 聚宝, and where there are links.
fn channels(
    section: &mut Section,
    list: &str,
    provider: Provider,
) -> Result<Vec<Channel>, ConfigError> {
    let key = section.key(list);
    let known: Vec<Channel> = match (provider, list) {
        (Provider::Jubao, "links") => Vec::new(),
        (Provider::Jubao, _) => provider.channels().to_vec(),
        (_, "links") => Channel::linkable().collect(),
        (_, "without_bill_timeout") => [&Channel::ALL[..], &Channel::LINKS].concat(),
        _ => provider.channels().to_vec(),
    };
    let names: Vec<&str> = known.iter().map(|c| c.name()).collect();
    let texts = section.texts(list, 64)?.unwrap_or_default();
    let may_lack = provider == Provider::Jubao || list != "channels" || section.has("links");
    if texts.is_empty() && !may_lack {
        return Err(ConfigError::missing(key, names.join("、")));
    }
    let parse = |text: &String| Channel::parse(text).filter(|channel| known.contains(channel));
    let channels: Option<Vec<Channel>> = texts.iter().map(parse).collect();
    let allowed = match known.is_empty() {
        true => "空：聚宝 Pay 没有付款链接".to_owned(),
        false => names.join("、"),
    };
    let channels = channels.ok_or_else(|| ConfigError::value(key.clone(), allowed))?;
    check::no_twice(&key, &channels)?;
    Ok(channels)
}

/// `gateway.order_valid_min`: at most 30 days.
fn order_valid(section: &mut Section) -> Result<Option<u32>, ConfigError> {
    let Some(number) = section.number("order_valid_min")? else {
        return Ok(None);
    };
    match u32::try_from(number)
        .ok()
        .filter(|min| (1..=43_200).contains(min))
    {
        Some(minutes) => Ok(Some(minutes)),
        None => {
            let key = section.key("order_valid_min");
            Err(ConfigError::value(key, "1 到 43200 之间的分钟"))
        }
    }
}

/// `[payment]`; the bounds of its times are checked once the servers are known.
pub(super) fn payment(section: &mut Section) -> Result<PaymentSettings, ConfigError> {
    let mut settings = PaymentSettings::default();
    for (key, slot) in durations(&mut settings.timing) {
        let Some(number) = section.number(key)? else {
            continue;
        };
        *slot = u32::try_from(number)
            .map_err(|_| ConfigError::value(section.key(key), "大于 0 的整数"))?;
    }
    settings.max_amount = yuan(section, "max_amount")?.unwrap_or(settings.max_amount);
    Ok(settings)
}

fn durations(timing: &mut Timing) -> [(&'static str, &mut u32); 12] {
    [
        ("barcode_deadline_s", &mut timing.barcode_deadline_s),
        ("qr_deadline_s", &mut timing.qr_deadline_s),
        ("link_deadline_s", &mut timing.link_deadline_s),
        ("first_status_ms", &mut timing.first_status_ms),
        ("status_interval_ms", &mut timing.status_interval_ms),
        ("earliest_revert_s", &mut timing.earliest_revert_s),
        ("guard_s", &mut timing.guard_s),
        ("bill_timeout_s", &mut timing.bill_timeout_s),
        ("expiry_margin_s", &mut timing.expiry_margin_s),
        ("witness_wait_s", &mut timing.witness_wait_s),
        ("connect_timeout_s", &mut timing.connect_timeout_s),
        ("request_timeout_s", &mut timing.request_timeout_s),
    ]
}

/// `[links]`; what the chosen channels need is checked once they are known.
pub(super) fn links(section: &mut Section) -> Result<LinkSettings, ConfigError> {
    let return_url = section.text("return_url")?;
    if let Some(url) = &return_url {
        check::return_url(section.key("return_url"), url)?;
    }
    let identity_id = section.text("identity_id")?;
    if let Some(id) = &identity_id {
        check::identity_id(section.key("identity_id"), id)?;
    }
    Ok(LinkSettings {
        return_url,
        identity_id,
    })
}

/// `[webhook]`
pub(super) fn webhook(section: &mut Section) -> Result<WebhookSettings, ConfigError> {
    let allowed = "地址:端口，如 \"127.0.0.1:8787\"";
    let listen = section.need_text("listen", allowed)?;
    let listen = listen
        .parse()
        .map_err(|_| ConfigError::value(section.key("listen"), allowed))?;
    Ok(WebhookSettings {
        listen,
        legacy_sign: section.flag("legacy_sign")?.unwrap_or(false),
    })
}
