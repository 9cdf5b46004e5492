//! Every word on the screens, in every language. A phrase is a method with one arm for each
//! language, so a missing translation does not compile.
//!
//! The Chinese is COUNTER's; the English says the same and never more about money.

mod bills;
mod camera;
mod devices;
mod fate;
mod incident;
mod prerefund;
mod reconcile;
mod refund;
mod said;
mod settings;
mod shift;
mod story;

use crate::domain::config::Language;
use crate::domain::practice::{Act, Network};
use crate::domain::staff::Role;
use crate::domain::{Channel, Wallet};
use crate::till::service::BillView;

/// The words of one language.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Words {
    language: Language,
}

/// Declares phrases: name, Chinese, English; with arguments the two are format strings.
macro_rules! phrases {
    ($( $(#[$doc:meta])* $name:ident $(($($arg:ident : $ty:ty),+))? : $zh:literal, $en:literal; )+) => {
        impl Words {
            $( phrases!(@one $(#[$doc])* $name $(($($arg : $ty),+))? : $zh, $en); )+
        }
    };
    (@one $(#[$doc:meta])* $name:ident : $zh:literal, $en:literal) => {
        $(#[$doc])*
        #[doc = $zh]
        pub fn $name(self) -> &'static str {
            match self.language() {
                Language::Chinese => $zh,
                Language::English => $en,
            }
        }
    };
    (@one $(#[$doc:meta])* $name:ident ($($arg:ident : $ty:ty),+) : $zh:literal, $en:literal) => {
        $(#[$doc])*
        #[doc = $zh]
        pub fn $name(self, $($arg : $ty),+) -> String {
            match self.language() {
                Language::Chinese => format!($zh),
                Language::English => format!($en),
            }
        }
    };
}
pub(crate) use phrases;

impl Words {
    /// The words of this language.
    pub fn new(language: Language) -> Self {
        Words { language }
    }

    /// Which one.
    pub fn language(self) -> Language {
        self.language
    }
}

phrases! {
    // Top bar
    till(no: &str): "收银台 {no}", "Till {no}";
    gateway: "网关", "Gateway";
    gateway_latency(ms: u32): "网关 {ms} ms", "Gateway {ms} ms";
    gateway_silent: "网关无应答", "Gateway silent";
    just_now: "刚刚", "just now";
    ago_minutes(n: i64): "{n} 分钟前", "{n} min ago";
    ago_hours(n: i64): "{n} 小时前", "{n} h ago";
    nobody: "未登录", "Signed out";
    practice_strip: "练习模式 · 没有真实扣款", "Practice mode · no real money";
    sandbox_strip: "测试模式（sandbox）· 只有付款链接 · 没有真实扣款", "Test environment (sandbox) · pay links only · no real money";
    pay_link: "付款链接", "Pay link";
    links_hint: "顾客用手机扫码打开付款页；按 1 到 9 选择", "The customer scans it and pays on a page; 1 to 9 choose";
    no_links: "没有设置付款链接：店长在 F10 网关页设置", "No pay link is set: a manager sets one at F10";
    ledger_down(why: &str): "账本不能写入，已停止收款：{why}", "The ledger can't be written, no new payments: {why}";
    clock_off(seconds: i64): "本机时钟与网关相差 {seconds} 秒，请校准本机时间", "This computer's clock is {seconds} s off the gateway's: set it right";
    no_webhook(why: &str): "收不到网关通知，收款照常，只是靠查询：{why}", "No notices from the gateway; payments go on by asking: {why}";
    gateway_alarm(text: &str): "网关配置有问题：{text}", "Gateway configuration: {text}";

    // Sale screen
    amount_due: "应收金额", "Amount due";
    type_amount: "请输入金额", "Type the amount";
    press_enter: "按确认，或直接扫描付款码", "Confirm, or scan right away";
    press_qr: "请按 F2 / F3 出示收款码", "Press F2 / F3 to show a QR";
    scan_code: "请扫描顾客付款码", "Scan the customer's payment code";
    note_hint: "备注 / 商品（可不填）", "Note / goods (optional)";
    alipay_qr: "支付宝码", "Alipay QR";
    wechat_qr: "微信码", "WeChat QR";
    clear: "清空", "Clear";
    confirm: "确认", "Enter";
    alipay: "支付宝", "Alipay";
    wechat: "微信", "WeChat";
    unified: "付款码", "Wallet";
    alipay_mark: "支", "A";
    wechat_mark: "微", "W";
    scans_with_alipay: "支付宝扫一扫", "Scan with Alipay";
    scans_with_wechat: "微信扫一扫", "Scan with WeChat";
    by_scan: "扫码", "scan";
    by_qr: "收款码", "QR";
    qr_checked: "已核对：屏幕上的码读回无误", "Checked: the code on screen reads back right";
    left(time: &str): "剩余 {time}", "{time} left";
    next_amount(amount: &str): "下一笔 ¥ {amount}", "Next ¥ {amount}";

    // Buttons of the stage
    cancel_payment: "取消收款", "Cancel payment";
    serve_next: "先收下一位", "Serve the next";
    next: "下一位", "Next customer";
    ask_now: "立即核对", "Ask now";
    show_again: "再次显示", "Show again";
    handed_over: "已交货", "Handed over";
    rescan: "重新扫码", "Scan again";
    use_qr: "改用收款码", "Use a QR";
    give_up: "放弃", "Give up";
    scan_key: "扫描", "scan";
    release: "解除锁定", "Release the lock";
    open: "打开", "Open";

    // Rail
    in_progress: "进行中", "In progress";
    to_do: "待处理", "To do";
    latest: "最近", "Latest";
    today_count(n: u32): "今日 {n} 笔", "Today: {n}";
    nothing_yet: "今天还没有收款", "No payments yet today";
    more(n: usize): "还有 {n} 笔 · F7", "{n} more · F7";

    // Keys
    key_keys: "按键", "Keys";
    key_camera: "摄像头", "Camera";
    key_bills: "账单", "Bills";
    key_refund: "退款", "Refund";
    key_to_do: "待处理", "To do";
    key_shift: "班次", "Shift";
    key_lock: "锁定", "Lock";
    key_settings: "设置", "Settings";

    // The same-amount question
    question_title: "刚才那一笔还没有结果，这是另一位顾客吗？", "The last payment has no result yet. Is this another customer?";
    question_another: "另一位", "Another customer";
    question_same: "同一位", "The same customer";
    question_hint: "请按 1 或 2；回车和扫码不会回答", "Press 1 or 2; Enter and scans don't answer";

    // Bills
    search_hint: "单号后几位、金额、时间 14:22，或扫描小票", "Last digits, amount, 14:22, or scan a slip";
    filter_today: "今天", "Today";
    filter_all: "全部", "All";
    filter_paid: "已收款", "Paid";
    filter_unknown: "未知", "Unknown";
    filter_refunded: "已退款", "Refunded";
    column_time: "时间", "Time";
    column_bill: "单号", "Bill";
    column_way: "方式", "Way";
    column_amount: "金额", "Amount";
    column_refunded: "已退", "Refund";
    column_state: "状态", "State";
    no_bills: "没有找到账单", "No bills found";
    searching: "正在查找…", "Searching…";
    ask_gateway: "向网关核对", "Ask the gateway";
    story_hint: "选一笔账单看经过", "Choose a bill to see its story";
    search_failed(why: &str): "查找失败：{why}", "Search failed: {why}";

    // To-do
    to_do_title: "进行中与待处理", "In progress and to do";
    to_do_empty: "没有待处理的账单", "Nothing to do";
    to_do_hint: "↑↓ 选账单 · ←→ 选操作 · Enter 执行 · Esc 返回", "↑↓ bill · ←→ action · Enter does it · Esc back";
    release_title: "店长解除锁定", "A manager releases the lock";
    release_warning: "这笔钱可能仍会到账。解除后可以重新收款；若两笔都到账，会列为重复付款。", "This money may still arrive. After the release the sale can be charged again; if both arrive, it is listed as paid twice.";
    release_manager: "店长", "Manager";
    release_reason: "原因", "Reason";
    reason_cash: "顾客已改付现金", "Paid in cash instead";
    reason_shown: "顾客出示了未扣款记录", "Customer showed it was not charged";
    reason_left: "顾客已离开", "Customer left";
    reason_hint: "其他原因", "Another reason";
    release_missing: "请选店长、输入 PIN、写明原因", "Choose a manager, type the PIN, give a reason";
    back: "返回", "Back";

    // Lock
    sign_in_title: "登录收银台", "Sign in";
    staff_id: "工号", "Staff id";
    pin: "PIN", "PIN";
    sign_in: "登录", "Sign in";
    sign_in_hint: "输入工号和 PIN，按 Enter；扫码在这里不起作用", "Type id and PIN, then Enter; scans do nothing here";
    lock_going_on(n: usize): "{n} 笔收款仍在跟进", "{n} payments are being followed";
    practice_staff: "收银员 1001 · 店长 2001 · PIN 都是 000000", "Cashier 1001 · manager 2001 · both PINs 000000";

    // Practice panel
    practice_staff_short: "1001 · 店长 2001 · PIN 000000", "1001 · manager 2001 · PIN 000000";
    practice_staff_narrow: "1001 · 2001 · PIN 000000", "1001 · 2001 · PIN 000000";
    practice_customer: "模拟顾客", "Customer";
    scan_this: "扫这个码", "Scan this code";
    customer_will: "这位顾客会", "This customer will";
    network_will: "网络会", "The network will";

    // Settings
    set_name: "名称", "Name";
    set_till: "收银台", "Till";
    set_store: "门店号", "Store id";
    set_language: "语言", "Language";
    set_provider: "接口", "Provider";
    set_app: "应用号", "App id";
    set_channels: "支付方式", "Channels";
    set_notify: "回调地址", "Notify URL";
    set_none: "没有", "none";
    set_auto: "自动", "auto";
    set_on: "打开", "on";
    set_off: "关闭", "off";
    seconds(n: u32): "{n} 秒", "{n} s";
    language_name: "中文", "English";

    // Keys screen
    keys_title: "按键", "Keys";
    keys_digits: "数字 . 退格", "Digits . Backspace";
    keys_digits_do: "写金额，随时可按；有结果时按数字就是下一笔", "write the amount at any time; on a result a digit begins the next sale";
    keys_enter_do: "有金额：确认；等待时：先收下一位；有结果：下一位；结果未知：立即核对", "with an amount: confirm; waiting: serve the next; result: next; unknown: ask now";
    keys_qr_do: "显示支付宝 / 微信收款码", "show the Alipay / WeChat QR";
    keys_esc_do: "关闭上层；等待时取消收款（安全撤销）；否则清空金额", "close what is on top; while waiting cancel (undone safely); else clear the amount";
    keys_move: "Tab 方向键 Enter", "Tab, arrows, Enter";
    keys_move_do: "在列表和表单里移动和选择", "move and choose in lists and forms";
    keys_bills_do: "查账单：单号后几位、金额、时间；Tab 筛选，PgUp PgDn 翻页，Enter 核对", "bills: last digits, amount, time; Tab filters, PgUp PgDn, Enter asks";
    keys_to_do_do: "进行中与待处理；Enter 打开", "in progress and to do; Enter opens";
    keys_shift_do: "班次：开班、交接、交班；店长从这里对账", "shift: open, hand over, close; a manager reconciles from here";
    keys_lock_do: "锁定、换收银员；进行中的收款继续", "lock, change cashier; payments go on";
    keys_settings_do: "设置、员工、连接测试（店长）", "settings, staff, connection test (manager)";
    keys_full_do: "全屏", "full screen";
    keys_keys_do: "这一页", "this page";
    keys_link_do: "付款链接：显示付款页的二维码，给电话订单或外面的顾客", "pay link: shows a payment page's QR, for a phone order or a customer outside";
    keys_question: "1 / 2", "1 / 2";
    keys_question_do: "同样金额的询问：另一位 / 同一位", "same-amount question: another / the same";
    keys_scan: "扫码枪", "Scanner";
    keys_scan_do: "有金额时一扫就收款，任何时候都可以扫", "with an amount a scan is the payment, whatever has the focus";

    // Customer's window
    customer_due: "应付", "To pay";
    customer_show_code: "请出示付款码", "Please show your payment code";
    customer_show_soon: "请准备扫码付款", "Please get ready to scan and pay";
    customer_wait: "请在手机上确认付款", "Please confirm on your phone";
    customer_checking: "正在核对，请稍候", "Checking, please wait";
    customer_paid: "支付成功", "Payment successful";
    customer_not_paid: "未扣款", "Not charged";
    customer_other_way: "请换一种付款方式", "Please pay another way";
    customer_undone: "本次收款已取消", "This payment was cancelled";
    customer_welcome: "欢迎光临", "Welcome";
    customer_staff: "请稍候，店员会为您处理", "One moment, our staff will help";
}

impl Words {
    /// A wallet's name.
    pub fn wallet(self, wallet: Option<Wallet>) -> &'static str {
        match wallet {
            Some(Wallet::Alipay) => self.alipay(),
            Some(Wallet::Wechat) => self.wechat(),
            None => self.unified(),
        }
    }

    /// A wallet's name where there is little room.
    pub fn wallet_short(self, wallet: Option<Wallet>) -> &'static str {
        match wallet {
            Some(Wallet::Alipay) => self.pick("支付宝", "Ali"),
            Some(Wallet::Wechat) => self.pick("微信", "WX"),
            None => self.pick("付款码", "Any"),
        }
    }

    /// Who the customer pays with, where a wallet's name alone would not say it.
    pub fn payer(self, bill: &BillView) -> &'static str {
        match bill.wallet {
            None if bill.link => self.link_name(bill.channel),
            wallet => self.wallet(wallet),
        }
    }

    /// A pay link's channel.
    pub fn link_name(self, channel: Channel) -> &'static str {
        let (zh, en) = match channel {
            Channel::AliWeb => ("支付宝电脑网页", "Alipay web"),
            Channel::AliWap => ("支付宝手机网页", "Alipay mobile"),
            Channel::AliQrcode => ("支付宝内嵌码页", "Alipay QR page"),
            Channel::YeeWap => ("易宝手机网页", "YeePay mobile"),
            Channel::YeeWeb => ("易宝电脑网页", "YeePay web"),
            Channel::BdWap => ("百度手机网页", "Baidu mobile"),
            Channel::BdWeb => ("百度电脑网页", "Baidu web"),
            Channel::BcWxWap => ("微信手机网页", "WeChat mobile"),
            Channel::BcAliWeb => ("支付宝电脑网页（BC）", "Alipay web (BC)"),
            Channel::BcAliWap => ("支付宝手机网页（BC）", "Alipay mobile (BC)"),
            Channel::BcGateway => ("网银网关", "Bank gateway"),
            Channel::UnWeb => ("银联电脑网页", "UnionPay web"),
            Channel::UnWap => ("银联手机网页", "UnionPay mobile"),
            Channel::JdWap => ("京东手机网页", "JD mobile"),
            Channel::JdWeb => ("京东电脑网页", "JD web"),
            Channel::KuaiqianWap => ("快钱手机网页", "99Bill mobile"),
            Channel::KuaiqianWeb => ("快钱电脑网页", "99Bill web"),
            other => return self.wallet(other.wallet()),
        };
        self.pick(zh, en)
    }

    /// How it was paid: 扫码, 收款码 or 付款链接.
    pub fn way(self, channel: Channel) -> &'static str {
        if channel.is_link() {
            self.pay_link()
        } else if channel.is_qr() {
            self.by_qr()
        } else {
            self.by_scan()
        }
    }

    /// What the customer does with a QR.
    pub fn scans_with(self, wallet: Wallet) -> &'static str {
        match wallet {
            Wallet::Alipay => self.scans_with_alipay(),
            Wallet::Wechat => self.scans_with_wechat(),
        }
    }

    /// A role.
    pub fn role(self, role: Role) -> &'static str {
        match (self.language, role) {
            (Language::Chinese, Role::Cashier) => "收银员",
            (Language::Chinese, Role::Manager) => "店长",
            (Language::English, Role::Cashier) => "Cashier",
            (Language::English, Role::Manager) => "Manager",
        }
    }

    /// What the played customer does.
    pub fn act(self, act: Act) -> &'static str {
        let (zh, en) = match act {
            Act::Pay => ("立即付款", "Pay now"),
            Act::Password => ("输入密码", "Password"),
            Act::Late => ("拖到最后", "Pay late"),
            Act::Never => ("不理会", "Never pay"),
            Act::NoMoney => ("余额不足", "No money"),
        };
        self.pick(zh, en)
    }

    /// What the network does.
    pub fn network(self, network: Network) -> &'static str {
        let (zh, en) = match network {
            Network::Normal => ("正常", "Normal"),
            Network::LoseRequest => ("断网", "Offline"),
            Network::LoseAnswer => ("丢失回答", "No answer"),
            Network::Slow => ("很慢", "Slow"),
            Network::BadGateway => ("502", "502"),
            Network::Html => ("网页", "HTML"),
            Network::Truncate => ("截断", "Cut off"),
        };
        self.pick(zh, en)
    }

    /// How long ago, in whole minutes: the screen changes with the minute and not in between.
    pub fn ago(self, ms: i64) -> String {
        let seconds = (ms / 1000).max(0);
        match seconds {
            0..=59 => self.just_now().to_owned(),
            60..=3599 => self.ago_minutes(seconds / 60),
            _ => self.ago_hours(seconds / 3600),
        }
    }

    fn pick(self, zh: &'static str, en: &'static str) -> &'static str {
        match self.language {
            Language::Chinese => zh,
            Language::English => en,
        }
    }
}
