//! The sections about devices at the counter.

use super::check;
use super::error::ConfigError;
use super::read::{short, word};
use super::table::Section;
use super::{
    CameraSettings, CustomerSettings, CustomerWindow, PoleProtocol, PoleSettings, PrinterChinese,
    PrinterSettings, ScannerSettings, SoundSettings, Terminator,
};

/// Lines of a slip's head or foot.
const MOST_LINES: usize = 8;
/// Characters of such a line.
const LINE_CHARS: usize = 64;

/// `[customer]`
pub(super) fn customer(section: &mut Section) -> Result<CustomerSettings, ConfigError> {
    let words = [
        ("auto", CustomerWindow::Auto),
        ("on", CustomerWindow::On),
        ("off", CustomerWindow::Off),
    ];
    let window = word(section, "window", &words)?.unwrap_or_default();
    let at =
        match section.text("at")? {
            None => None,
            Some(text) => Some(check::place(&text).ok_or_else(|| {
                ConfigError::value(section.key("at"), "横、纵像素，如 \"1366,0\"")
            })?),
        };
    Ok(CustomerSettings { window, at })
}

/// `[scanner] hid`: which HID-POS scanner.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HidName {
    /// The first one that is found.
    Auto,
    /// `/dev/hidraw…`, or a link to one.
    Path(String),
    /// Its maker's and its own number.
    Ids(u16, u16),
}

impl HidName {
    /// `auto`, a path from the root, or `VID:PID` in hexadecimal.
    pub fn parse(text: &str) -> Option<HidName> {
        if text == "auto" {
            return Some(HidName::Auto);
        }
        if text.starts_with("/dev/") {
            return Some(HidName::Path(text.to_owned()));
        }
        let number = |digits: &str| {
            let good = (1..=4).contains(&digits.len())
                && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
            good.then(|| u16::from_str_radix(digits, 16).ok()).flatten()
        };
        let (vendor, product) = text.split_once(':')?;
        Some(HidName::Ids(number(vendor)?, number(product)?))
    }
}

/// `[scanner]`
pub(super) fn scanner(section: &mut Section) -> Result<ScannerSettings, ConfigError> {
    let serial = section.text("serial")?;
    let evdev = section.text("evdev")?;
    let hid = section.text("hid")?;
    let given = [&serial, &evdev, &hid].into_iter().flatten().count();
    if given != 1 {
        let allowed = "serial、evdev、hid 中的一个，如 serial = \"/dev/serial/by-id/usb-…\"";
        return Err(ConfigError::value("[scanner]", allowed));
    }
    if evdev.as_ref().is_some_and(|path| !path.starts_with('/')) {
        let allowed = "设备路径，如 \"/dev/input/by-id/usb-…-event-kbd\"";
        return Err(ConfigError::value(section.key("evdev"), allowed));
    }
    if hid
        .as_ref()
        .is_some_and(|name| HidName::parse(name).is_none())
    {
        let allowed = "auto、/dev/hidraw… 或十六进制的 VID:PID，如 \"0c2e:0b61\"";
        return Err(ConfigError::value(section.key("hid"), allowed));
    }
    let baud = section.number("baud")?.unwrap_or(9600);
    let allowed = "300 到 4000000 之间的整数，如 9600";
    let baud = u32::try_from(baud)
        .ok()
        .filter(|baud| check::is_baud(i64::from(*baud)))
        .ok_or_else(|| ConfigError::value(section.key("baud"), allowed))?;
    let words = [
        ("auto", Terminator::Auto),
        ("cr", Terminator::Cr),
        ("lf", Terminator::Lf),
        ("crlf", Terminator::Crlf),
        ("tab", Terminator::Tab),
    ];
    let terminator = word(section, "terminator", &words)?.unwrap_or_default();
    Ok(ScannerSettings {
        serial,
        evdev,
        hid,
        baud,
        terminator,
    })
}

/// `[camera]`
pub(super) fn camera(section: &mut Section) -> Result<CameraSettings, ConfigError> {
    let usual = CameraSettings::default();
    let source = section.text("source")?.unwrap_or(usual.source);
    let good = source == "auto"
        || source.starts_with('/')
        || source
            .strip_prefix("folder:")
            .is_some_and(|path| !path.is_empty());
    if !good {
        let allowed = "auto、设备路径（如 /dev/video0）或 folder:文件夹";
        return Err(ConfigError::value(section.key("source"), allowed));
    }
    Ok(CameraSettings {
        source,
        always: section.flag("always")?.unwrap_or(usual.always),
    })
}

/// `[sound]`
pub(super) fn sound(section: &mut Section) -> Result<SoundSettings, ConfigError> {
    let usual = SoundSettings::default();
    let volume = match section.number("volume")? {
        None => usual.volume,
        Some(number) => u32::try_from(number)
            .ok()
            .filter(|volume| *volume <= 100)
            .ok_or_else(|| ConfigError::value(section.key("volume"), "0 到 100 之间的整数"))?,
    };
    Ok(SoundSettings {
        sounds: section.flag("sounds")?.unwrap_or(usual.sounds),
        voice: section.flag("voice")?.unwrap_or(usual.voice),
        volume,
    })
}

/// `[printer]`
pub(super) fn printer(section: &mut Section) -> Result<PrinterSettings, ConfigError> {
    let target = section.need_text("target", "如 \"tcp://192.0.2.10:9100\"")?;
    check::printer_target(&section.key("target"), &target)?;
    let width_mm = match section.number("width_mm")? {
        None | Some(58) => 58,
        Some(80) => 80,
        Some(_) => return Err(ConfigError::value(section.key("width_mm"), "58、80")),
    };
    let words = [
        ("gb18030", PrinterChinese::Gb18030),
        ("raster", PrinterChinese::Raster),
    ];
    Ok(PrinterSettings {
        target,
        width_mm,
        chinese: word(section, "chinese", &words)?.unwrap_or_default(),
        drawer: section.flag("drawer")?.unwrap_or(false),
        auto: section.flag("auto")?.unwrap_or(true),
        head: lines(section, "head")?,
        foot: lines(section, "foot")?,
    })
}

fn lines(section: &mut Section, list: &str) -> Result<Vec<String>, ConfigError> {
    let key = section.key(list);
    let texts = section.texts(list, MOST_LINES)?.unwrap_or_default();
    texts
        .into_iter()
        .map(|text| short(key.clone(), text, LINE_CHARS))
        .collect()
}

/// `[pole]`
pub(super) fn pole(section: &mut Section) -> Result<PoleSettings, ConfigError> {
    let target = section.need_text("target", "如 \"serial:/dev/ttyUSB1?baud=9600\"")?;
    check::printer_target(&section.key("target"), &target)?;
    if target.starts_with("tcp:") {
        let allowed = "serial:路径?baud=9600、device:路径 或 file:路径";
        return Err(ConfigError::value(section.key("target"), allowed));
    }
    let words = [
        ("escpos", PoleProtocol::Escpos),
        ("cd5220", PoleProtocol::Cd5220),
    ];
    Ok(PoleSettings {
        target,
        protocol: word(section, "protocol", &words)?.unwrap_or_default(),
    })
}
