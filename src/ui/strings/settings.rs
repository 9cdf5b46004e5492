//! Settings, staff and the connection test in words.

use super::{Words, phrases};
use crate::domain::config::Language;
use crate::till::service::{Check, Checked, Found};

phrases! {
    settings_shop: "店铺", "Shop";
    settings_gateway: "网关", "Gateway";
    settings_payment: "收款时间", "Timing";
    settings_limits: "限额与锁定", "Limits, lock";
    settings_devices: "设备与显示", "Devices, display";
    settings_staff: "员工", "Staff";
    settings_connection: "连接测试", "Connection";
    settings_how: "↑ ↓ 选择，Enter 修改，Tab 换页；改动立即生效并记入账本", "↑ ↓ choose, Enter changes, Tab turns the page; changes count at once and are recorded";
    settings_by_setup: "只能用 shouyin setup 改", "changed by shouyin setup only";
    settings_saved: "已保存", "Saved";
    settings_save: "保存", "Save";
    settings_cancel: "不改", "Keep";
    settings_empty: "留空是默认值", "Empty is the default";
    settings_default: "默认", "default";
    other_tills: "其他收银台", "Other tills";
    servers: "服务器（按先后）", "Servers, in order";
    without_timeout: "不带有效期的方式", "Channels without timeout";
    order_valid: "订单有效期（分钟）", "Order valid for (min)";
    order_valid_hint: "不带有效期的订单按合同多久后不能再付；留空按支付宝 15 天、微信 24 小时", "How long an order without a timeout can be paid, by contract; empty: Alipay 15 days, WeChat 24 hours";
    first_status: "首次查询（毫秒）", "First asked after (ms)";
    status_every: "查询间隔（毫秒）", "Asked every (ms)";
    barcode_deadline: "扫码时限（秒）", "Scan deadline (s)";
    qr_deadline: "收款码时限（秒）", "QR deadline (s)";
    link_deadline: "付款链接时限（秒）", "Pay link deadline (s)";
    set_links: "付款链接", "Pay links";
    set_return_url: "付款后的网页", "Page after paying";
    set_identity: "易宝用户标识", "YeePay identity";
    links_set_hint: "按点选的先后显示；ALI_WEB、ALI_QRCODE、UN_WEB、JD 先要填“付款后的网页”", "Offered in the order chosen; ALI_WEB, ALI_QRCODE, UN_WEB and JD need the page after paying first";
    return_url_hint: "http:// 或 https:// 开头，不含 ?、# 和逗号", "http:// or https://, without ?, # and comma";
    identity_hint: "YEE_WAP 用：1 到 50 位字母或数字", "For YEE_WAP: 1 to 50 letters or digits";
    earliest_revert: "最早撤销（秒）", "Earliest revert (s)";
    guard: "守护时间（秒）", "Guard (s)";
    bill_timeout: "账单有效期（秒）", "Bill timeout (s)";
    expiry_margin: "过期余量（秒）", "Expiry margin (s)";
    witness_wait: "无记录等待（秒）", "Wait without a witness (s)";
    connect_timeout: "连接超时（秒）", "Connect timeout (s)";
    request_timeout: "请求超时（秒）", "Request timeout (s)";
    max_amount: "单笔收款上限（元）", "Largest sale (yuan)";
    refund_once: "每张账单只能退一次", "One refund a bill";
    refund_max: "单笔退款限额（元）", "Refund limit (yuan)";
    refund_shift_max: "每班退款限额（元）", "Refunds a shift (yuan)";
    refund_age: "账单天数限制（天）", "Oldest bill (days)";
    refund_limit_hint: "超过要另一位店长确认；留空不限", "Above it another manager approves; empty: no limit";
    idle_lock: "自动锁定（分钟，0 不锁）", "Locks after (minutes, 0 never)";
    settings_printer: "打印", "Printing";
    scanner_serial: "串口扫码枪", "Serial scanner";
    scanner_evdev: "独占的键盘扫码枪", "Wedge, taken alone";
    scanner_hid: "HID-POS 扫码枪", "HID-POS scanner";
    camera_source: "摄像头", "Camera";
    camera_always: "摄像头自动打开", "Camera opens by itself";
    sound_sounds: "提示音", "Sounds";
    sound_voice: "语音播报", "Voice";
    sound_volume: "音量（0 到 100）", "Volume (0 to 100)";
    printer_target: "打印机", "Printer";
    printer_width: "纸宽（毫米）", "Paper (mm)";
    printer_chinese: "汉字", "Chinese";
    printer_auto: "自动打印小票", "Prints by itself";
    printer_drawer: "打开钱箱", "Opens the drawer";
    printer_head: "小票抬头（用 | 分行）", "Head (| between lines)";
    printer_foot: "小票结尾（用 | 分行）", "Foot (| between lines)";
    pole_target: "客显", "Pole display";
    pole_protocol: "客显协议", "Pole protocol";
    scanner_baud: "波特率", "Baud";
    scanner_end: "结束符", "Terminator";
    customer_window_set: "顾客屏", "Customer window";
    customer_at: "顾客屏位置（横,纵）", "Its place (x,y)";
    word_true: "是", "yes";
    word_false: "否", "no";
    channels_hint: "按点选的先后使用；再点一次取消", "Used in the order chosen; choose again to drop";

    staff_add: "添加员工", "Add";
    staff_set_pin: "换 PIN", "New PIN";
    staff_disable: "停用", "Disable";
    staff_enable: "启用", "Enable";
    staff_disabled: "已停用", "disabled";
    staff_locked(until: &str): "锁定到 {until}", "locked until {until}";
    staff_name: "姓名", "Name";
    staff_role: "身份", "Role";
    staff_new_pin: "新 PIN（4-12 位）", "New PIN (4-12 digits)";
    staff_pin_again: "再输一次", "Once more";
    staff_pins_differ: "两次输入的 PIN 不一样", "The two PINs differ";
    staff_incomplete: "编号、姓名和 PIN 都要填", "Id, name and PIN are needed";
    staff_done: "员工已更新", "Staff changed";
    staff_for(who: &str): "{who} 的新 PIN", "A new PIN for {who}";
    staff_enable_for(who: &str): "启用 {who}，并设新 PIN", "Enable {who} with a new PIN";
    staff_disable_for(who: &str): "停用 {who}？之后不能登录", "Disable {who}? They can't sign in any more";

    connection_start: "开始测试", "Test now";
    connection_running: "正在测试…", "Testing…";
    connection_hint: "逐个服务器测试域名、加密连接、时钟、签名和每种支付方式，不会产生账单", "Tests name, TLS, clock, signature and each channel of every server; makes no bill";
    check_dns: "域名", "Name";
    check_tls: "加密连接", "TLS";
    check_clock: "时钟", "Clock";
    check_signature: "签名", "Signature";
    found_fine(ms: u32): "正常 · {ms} ms", "fine · {ms} ms";
    found_no_address(why: &str): "解析不了，请检查网络和地址（{why}）", "no address: check network and spelling ({why})";
    found_no_connection(why: &str): "连不上，请检查网络和防火墙（{why}）", "no connection: check network and firewall ({why})";
    found_tls(why: &str): "加密连接失败，请检查系统时间、根证书和代理（{why}）", "TLS failed: check clock, certificates and proxies ({why})";
    found_no_tls: "本机地址，不加密", "this machine, no TLS";
    found_clock(seconds: i64): "本机时钟相差 {seconds} 秒，请校准系统时间", "this clock is {seconds} s off: set the system's time";
    found_no_date: "网关没有给出时间", "the gateway gave no time";
    found_signature: "网关不接受签名，请核对 app_id 和 app_secret", "the gateway refuses the signature: check app_id and app_secret";
    found_not_opened(code: i64, detail: &str): "没有开通（{code} {detail}），请联系网关或去掉这种方式", "not opened ({code} {detail}): ask the gateway, or drop this channel";
    found_code(code: i64, detail: &str): "网关回答 {code} {detail}", "the gateway answered {code} {detail}";
    found_silent: "没有可用的回答", "no usable answer";
}

impl Words {
    /// What was tested.
    pub fn checked(self, what: Checked) -> String {
        match what {
            Checked::Dns => self.check_dns().to_owned(),
            Checked::Tls => self.check_tls().to_owned(),
            Checked::Clock => self.check_clock().to_owned(),
            Checked::Signature => self.check_signature().to_owned(),
            Checked::Channel(channel) => channel.to_string(),
        }
    }

    /// What was found, and what to do.
    pub fn found(self, check: &Check) -> String {
        match &check.found {
            Found::Fine { took_ms } => self.found_fine(*took_ms),
            Found::NoAddress(why) => self.found_no_address(why),
            Found::NoConnection(why) => self.found_no_connection(why),
            Found::TlsFailed(why) => self.found_tls(why),
            Found::NoTls => self.found_no_tls().to_owned(),
            Found::ClockOff { seconds } => self.found_clock(*seconds),
            Found::NoDate => self.found_no_date().to_owned(),
            Found::BadSignature => self.found_signature().to_owned(),
            Found::NotOpened { code, detail } => self.found_not_opened(*code, detail),
            Found::Code { code, detail } => self.found_code(*code, detail),
            Found::Silent => self.found_silent().to_owned(),
        }
    }
}
