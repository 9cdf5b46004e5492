//! A HID-POS scanner (USB "HID Bar Code Scanner" mode), read from its hidraw device (Linux).

use super::reports::Reports;
use super::{Gone, Opened, Port, READ_BYTES, Read, ReadEnd, Source, open_device, open_path};
use crate::domain::config::HidName;
use hidapi::{HidApi, HidDevice, MAX_REPORT_DESCRIPTOR_SIZE};
use std::ffi::CString;
use std::time::Duration;
use zeroize::Zeroizing;

/// The usage page of scanners.
const BARCODE_PAGE: u16 = 0x8c;

/// A scanner by its name in the settings.
pub(super) struct Pos {
    /// As it was set.
    text: String,
    name: Option<HidName>,
}

impl Pos {
    pub fn new(text: &str) -> Pos {
        Pos {
            text: text.to_owned(),
            name: HidName::parse(text),
        }
    }

    /// Which hidraw device it is now, and its name for people.
    fn find(&self, api: &HidApi) -> Result<(String, String), Gone> {
        let missing = || match &self.name {
            Some(HidName::Auto) => Gone::Missing("HID-POS 扫码枪".to_owned()),
            _ => Gone::Missing(self.text.clone()),
        };
        let wanted = |ids: (u16, u16)| match &self.name {
            Some(HidName::Ids(vendor, product)) => ids == (*vendor, *product),
            _ => true,
        };
        if let Some(HidName::Path(path)) = &self.name {
            return Ok((path.clone(), path.clone()));
        }
        let mut there = api
            .device_list()
            .filter(|one| wanted((one.vendor_id(), one.product_id())))
            .peekable();
        let any = there.peek().is_some();
        let Some(one) = there.find(|one| one.usage_page() == BARCODE_PAGE) else {
            return Err(match self.name {
                Some(HidName::Ids(..)) if any => not_pos(&self.text),
                _ => missing(),
            });
        };
        let path = one.path().to_string_lossy().into_owned();
        let name = format!("{path} · {}", one.product_string().unwrap_or_default());
        Ok((path, name.trim_end_matches([' ', '·']).to_owned()))
    }
}

impl Port for Pos {
    fn open(&self) -> Result<Opened, Gone> {
        let broken = |why: String| Gone::Broken(self.text.clone(), why);
        let api = HidApi::new().map_err(|error| broken(error.to_string()))?;
        let (path, name) = self.find(&api)?;
        open_path(&path, || {
            // hidapi's own error does not say which kind it is.
            open_device(&path, true)?;
            let file = CString::new(path.as_str()).map_err(|error| broken(error.to_string()))?;
            let device = api
                .open_path(&file)
                .map_err(|_| Gone::Broken(path.clone(), "不是 hidraw 设备".to_owned()))?;
            let mut descriptor = [0; MAX_REPORT_DESCRIPTOR_SIZE];
            let length = device.get_report_descriptor(&mut descriptor).unwrap_or(0);
            let descriptor = descriptor.get(..length).unwrap_or_default();
            let reports = Reports::new(descriptor).ok_or_else(|| not_pos(&path))?;
            let source = Open { device, reports };
            Ok((Box::new(source) as Box<dyn Source>, name))
        })
    }
}

/// The device is there and speaks something else: most scanners leave the factory as keyboards.
fn not_pos(name: &str) -> Gone {
    let why = "不是 HID-POS 模式，请扫说明书上的 HID-POS 设置码";
    Gone::Broken(name.to_owned(), why.to_owned())
}

struct Open {
    device: HidDevice,
    reports: Reports,
}

impl Source for Open {
    fn read(&mut self, wait: Duration, bytes: &mut Read) -> Result<bool, ReadEnd> {
        let wait_ms = i32::try_from(wait.as_millis()).unwrap_or(i32::MAX);
        let mut report = Zeroizing::new([0; READ_BYTES - 1]);
        let count = self
            .device
            .read_timeout(&mut report[..], wait_ms)
            .map_err(|_| ReadEnd)?;
        let report = report.get(..count).unwrap_or_default();
        if let Some(piece) = self.reports.read(report) {
            bytes.extend_from_slice(piece.data);
            if piece.last {
                bytes.push(b'\r');
            }
        }
        Ok(count > 0)
    }
}

#[cfg(test)]
mod tests;
