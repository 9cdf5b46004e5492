//! Devices in words: lamps, slips, the print queue, trying devices out, and what to write into
//! their settings.

use super::{Words, phrases};
use crate::domain::auth_code::CodeKind;
use crate::domain::config::Language;
use crate::domain::print::{JobState, Printed};
use crate::till::service::TestedDevice;

phrases! {
    // Lamps
    devices_count(ready: usize, all: usize): "设备 {ready}/{all}", "Devices {ready}/{all}";
    devices_all_ready: "设备都正常", "Every device is ready";
    device_scanner: "扫码枪", "Scanner";
    device_camera: "摄像头", "Camera";
    device_printer: "打印机", "Printer";
    device_drawer: "钱箱", "Drawer";
    device_sound: "声音", "Sound";
    device_pole: "客显", "Pole";
    scanner_away: "扫码枪未连接", "Scanner away";
    camera_away: "摄像头未连接", "Camera away";
    printer_away: "打印机未就绪", "Printer away";
    sound_away: "没有声音", "No sound";
    pole_away: "客显未连接", "Pole away";
    device_ready(name: &str): "{name}正常", "{name}: ready";
    device_unheard(name: &str): "{name}已设置，打第一张小票时检查", "{name} is set; it is looked at with its first slip";
    device_why(name: &str, why: &str): "{name}：{why}", "{name}: {why}";
    device_comes_back: "接好后会自动恢复", "it comes back by itself";
    slips_doubtful(n: usize): "{n} 张要确认", "{n} to check";
    slips_waiting(n: usize): "{n} 张等待", "{n} waiting";

    // A slip on the screen
    slip: "小票", "Slip";
    slip_of_sale: "收款小票", "Sale slip";
    slip_of_refund: "退款小票", "Refund slip";
    slip_of_shift: "班次小票", "Shift slip";
    slip_print: "打印", "Print";
    slip_drawing: "正在生成小票…", "Drawing the slip…";
    slip_unshowable: "这张小票画不出来，请直接打印", "This slip can't be shown: print it";
    slip_as_printed: "打印出来就是这样；打过的会标“重打”", "As it will be printed; one that was printed before is marked 重打";
    slip_put: "小票已加入打印队列", "The slip is in the print queue";
    slip_last_put: "上一张小票已加入打印队列，标“重打”", "The last slip is in the print queue, marked 重打";
    keys_print_do: "重打上一张小票；看小票时打印这一张", "print the last slip again; on a slip, print that one";

    // The print queue
    queue_title: "打印队列", "Print queue";
    queue_empty: "没有等待的小票", "No slip is waiting";
    queue_hint: "↑↓ 选小票 · ←→ 选操作 · Enter 执行 · Esc 返回", "↑↓ slip · ←→ action · Enter does it · Esc back";
    queue_why: "小票和收款是分开的：钱的状态不受影响。没打完的不会自己再打，请看纸再决定。", "Slips are apart from payments: no money depends on them. One that may be half printed never prints again by itself: look at the paper, then decide.";
    job_shift(no: u32): "班次 {no}", "Shift {no}";
    job_sale: "收款", "Sale";
    job_refund: "退款", "Refund";
    job_again: "重打", "again";
    job_waiting: "等待打印", "waiting";
    job_sending: "正在打印", "printing";
    job_printed: "已打印", "printed";
    job_doubtful: "可能只打印了一半", "perhaps half printed";
    job_dropped: "不打了", "dropped";
    job_print_again: "重打", "Print again";
    job_drop: "不打了", "Don't print";
    job_waits_printer: "打印机就绪后自动打印", "prints by itself when the printer is ready";
    job_look_paper: "请看纸：不全就重打，全了就不打了", "look at the paper: print again if it is not whole, else let it go";
    job_being_sent: "正在送往打印机", "on its way to the printer";
    slips: "小票", "Slips";
    slips_open: "打印队列", "Print queue";

    // Trying devices out
    settings_tests: "设备测试", "Device tests";
    tests_hint: "↑ ↓ 选择，Enter 测试；扫码枪：在这一页扫一个码，不会收款", "↑ ↓ choose, Enter tests; the scanner: scan a code on this page, nothing is charged";
    test_now: "测试", "Test";
    test_running: "正在测试…", "Testing…";
    test_unset_printer: "没有设置，在“打印”页填", "Not set: see the page Printing";
    test_unset: "没有设置，在“设备与显示”页填", "Not set: see the page Devices";
    test_wedge: "键盘扫码枪不用设置", "A keyboard wedge needs no setting";
    test_off: "提示音和语音都关着", "Sounds and voice are off";
    test_no_sound: "没有声音服务，不出声", "No sound server: silent";
    test_camera_off: "没有打开，用时才开", "Off until it is used";
    test_connecting: "正在连接…", "Connecting…";
    test_drawer_on_printer: "接在打印机上", "On the printer";
    test_ready: "正常", "Ready";
    test_printer_done: "测试小票已送出，请看纸上是否完整", "The test slip was sent: see whether the paper is whole";
    test_drawer_done: "已发出开箱信号，钱箱应已弹开", "The drawer was told to open";
    test_sound_done: "应听到：支付宝到账一角二分", "You should hear: 支付宝到账一角二分";
    test_camera_done: "摄像头有画面", "The camera sends pictures";
    test_pole_done: "客显应显示 88.88", "The pole should show 88.88";
    test_scanner_done: "设备在，请扫一个码", "It is there: scan a code";
    test_scan_now: "请扫一个码", "Scan a code";
    test_scanned(kind: &str, first: &str, length: usize): "{kind} · {length} 位 · {first}…", "{kind} · {length} digits · {first}…";
    test_scanned_other(length: usize): "扫到了，不是付款码 · {length} 个字符", "Read, no payment code · {length} characters";
    code_unknown: "付款码，钱包不明", "Payment code of an unknown wallet";
    code_union_pay: "云闪付", "UnionPay";

    // What to write
    set_needs_device: "先填设备", "needs the device first";
    paper_mm(mm: &str): "{mm} mm", "{mm} mm";
    chinese_gb18030: "GB18030（打印机字库）", "GB18030 (the printer's font)";
    chinese_raster: "图形", "Raster";
    hint_serial: "串口路径，如 /dev/serial/by-id/usb-…；三种扫码枪只用一种，填这个会清掉另外两个", "A path as /dev/serial/by-id/usb-…; one kind of scanner at a time: this clears the others";
    hint_evdev: "如 /dev/input/by-id/usb-…-event-kbd：只给本程序读，输入法和大写锁定都不影响；会清掉另外两种", "As /dev/input/by-id/usb-…-event-kbd: read by this program alone, no input method in between; clears the other kinds";
    hint_hid: "VID:PID（如 0c2e:0901）、/dev/hidraw0 或 auto；会清掉另外两种", "VID:PID as 0c2e:0901, /dev/hidraw0, or auto; clears the other kinds";
    hint_baud: "串口扫码枪的速率，看说明书，常见 9600、115200；留空是 9600", "The serial scanner's speed, see its manual: 9600, 115200; empty is 9600";
    hint_terminator: "扫码枪在码后面发的字符；自动：回车、换行、Tab 或停顿都算", "What the scanner sends after a code; auto: CR, LF, Tab or a pause";
    hint_camera: "auto 是找到的第一个；或 /dev/video0，或 folder:图片文件夹", "auto is the first found; or /dev/video0, or folder:PATH of pictures";
    hint_camera_always: "是：确认金额后自动打开找码；否：按 F4 才打开", "yes: looks for a code when an amount is confirmed; no: only by F4";
    hint_sounds: "收款、未扣款、结果未知各有一种声音", "One sound each for paid, refused and unknown";
    hint_voice: "支付宝到账…元；只在收款确认之后说", "支付宝到账…, only after a confirmed success";
    hint_volume: "0 到 100，留空是 80", "0 to 100; empty is 80";
    hint_printer: "tcp://192.0.2.10:9100、serial:/dev/ttyUSB0?baud=9600、device:/dev/usb/lp0 或 file:文件；留空就没有打印机", "tcp://192.0.2.10:9100, serial:/dev/ttyUSB0?baud=9600, device:/dev/usb/lp0 or file:PATH; empty: no printer";
    hint_width: "看纸卷的宽度", "The paper roll's width";
    hint_chinese: "打出来是乱码就选图形，慢一点", "Choose raster where Chinese comes out wrong; it is slower";
    hint_auto: "是：每笔收款和退款自动打；否：有人按打印才打", "yes: a slip for every sale and refund; no: only when asked for";
    hint_drawer: "钱箱接在打印机上：打收款小票时打开，重打不开", "On the printer: it opens with a sale's slip, not with reprints";
    hint_head: "店名下面的几行，用 | 分行，最多 8 行；例：欢迎光临 | 请保留小票", "Lines under the shop's name, | between them, at most 8: Welcome | Keep this slip";
    hint_foot: "最后的几行，用 | 分行，最多 8 行；例：谢谢惠顾 | 七天内凭小票退换", "The last lines, | between them, at most 8: Thank you | Returns within 7 days";
    hint_pole: "serial:/dev/ttyUSB1?baud=9600、device:路径 或 file:文件；留空就没有客显", "serial:/dev/ttyUSB1?baud=9600, device:PATH or file:PATH; empty: none";
    hint_protocol: "看说明书：ESC/POS 只有一行数字，CD5220 有两行字", "See its manual: ESC/POS shows one number, CD5220 two lines";
    hint_customer: "自动：有第二块屏幕就打开", "auto: where there is a second screen";
    hint_customer_at: "横、纵像素，如 1366,0；留空自动找第二块屏幕", "Pixels across and down as 1366,0; empty: the second screen";
}

impl Words {
    /// A device's name.
    pub fn device(self, device: TestedDevice) -> &'static str {
        match device {
            TestedDevice::Scanner => self.device_scanner(),
            TestedDevice::Camera => self.device_camera(),
            TestedDevice::Printer => self.device_printer(),
            TestedDevice::Drawer => self.device_drawer(),
            TestedDevice::Sound => self.device_sound(),
            TestedDevice::Pole => self.device_pole(),
        }
    }

    /// A device that is not there.
    pub fn device_away_short(self, device: TestedDevice) -> &'static str {
        match device {
            TestedDevice::Scanner => self.scanner_away(),
            TestedDevice::Camera => self.camera_away(),
            TestedDevice::Printer | TestedDevice::Drawer => self.printer_away(),
            TestedDevice::Sound => self.sound_away(),
            TestedDevice::Pole => self.pole_away(),
        }
    }

    /// What a person should see or hear after a device was tried.
    pub fn device_tried(self, device: TestedDevice) -> &'static str {
        match device {
            TestedDevice::Scanner => self.test_scanner_done(),
            TestedDevice::Camera => self.test_camera_done(),
            TestedDevice::Printer => self.test_printer_done(),
            TestedDevice::Drawer => self.test_drawer_done(),
            TestedDevice::Sound => self.test_sound_done(),
            TestedDevice::Pole => self.test_pole_done(),
        }
    }

    /// A slip's kind.
    pub fn slip_title_of(self, what: &Printed) -> &'static str {
        match what {
            Printed::Sale(_) => self.slip_of_sale(),
            Printed::Refund(_) => self.slip_of_refund(),
            Printed::Shift(_) => self.slip_of_shift(),
        }
    }

    /// Where a job of the print queue stands.
    pub fn job_state(self, state: JobState) -> &'static str {
        match state {
            JobState::Waiting => self.job_waiting(),
            JobState::Sending => self.job_sending(),
            JobState::Printed => self.job_printed(),
            JobState::Doubtful => self.job_doubtful(),
            JobState::Dropped => self.job_dropped(),
        }
    }

    /// What happens with a job, or what a person does about it.
    pub fn job_doing(self, state: JobState) -> &'static str {
        match state {
            JobState::Waiting => self.job_waits_printer(),
            JobState::Sending => self.job_being_sent(),
            JobState::Doubtful => self.job_look_paper(),
            JobState::Printed | JobState::Dropped => "",
        }
    }

    /// What a payment code's prefix says.
    pub fn code_kind(self, kind: CodeKind) -> &'static str {
        match kind {
            CodeKind::Alipay => self.alipay(),
            CodeKind::Wechat => self.wechat(),
            CodeKind::UnionPay => self.code_union_pay(),
            CodeKind::Unknown => self.code_unknown(),
        }
    }

    /// What to write into a device's setting.
    pub fn device_hint(self, key: &str) -> Option<&'static str> {
        Some(match key {
            "scanner.serial" => self.hint_serial(),
            "scanner.evdev" => self.hint_evdev(),
            "scanner.hid" => self.hint_hid(),
            "scanner.baud" => self.hint_baud(),
            "scanner.terminator" => self.hint_terminator(),
            "camera.source" => self.hint_camera(),
            "camera.always" => self.hint_camera_always(),
            "sound.sounds" => self.hint_sounds(),
            "sound.voice" => self.hint_voice(),
            "sound.volume" => self.hint_volume(),
            "printer.target" => self.hint_printer(),
            "printer.width_mm" => self.hint_width(),
            "printer.chinese" => self.hint_chinese(),
            "printer.auto" => self.hint_auto(),
            "printer.drawer" => self.hint_drawer(),
            "printer.head" => self.hint_head(),
            "printer.foot" => self.hint_foot(),
            "pole.target" => self.hint_pole(),
            "pole.protocol" => self.hint_protocol(),
            "customer.window" => self.hint_customer(),
            "customer.at" => self.hint_customer_at(),
            _ => return None,
        })
    }
}
