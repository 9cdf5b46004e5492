//! The gateway's result codes (PROTOCOL: result codes) and its refusals.

use serde::{Deserialize, Serialize};

/// `result_code`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[allow(missing_docs)]
pub enum Code {
    Ok = 0,
    AppInvalid = 1,
    PayFactorNotSet = 2,
    ChannelInvalid = 3,
    MissParam = 4,
    ParamInvalid = 5,
    CertFileError = 6,
    ChannelError = 7,
    NoSuchBill = 8,
    BillUnsuccess = 9,
    RefundExceedTime = 10,
    AlreadyRefunding = 11,
    RefundAmountTooLarge = 12,
    NoSuchRefund = 13,
    RuntimeError = 14,
    NetworkError = 15,
    PrerefundDuplicate = 16,
    BillNoDuplicate = 17,
}

impl Code {
    /// `result_code`.
    pub fn number(self) -> i64 {
        self as i64
    }

    /// `result_msg`.
    pub fn msg(self) -> &'static str {
        match self {
            Code::Ok => "OK",
            Code::AppInvalid => "APP_INVALID",
            Code::PayFactorNotSet => "PAY_FACTOR_NOT_SET",
            Code::ChannelInvalid => "CHANNEL_INVALID",
            Code::MissParam => "MISS_PARAM",
            Code::ParamInvalid => "PARAM_INVALID",
            Code::CertFileError => "CERT_FILE_ERROR",
            Code::ChannelError => "CHANNEL_ERROR",
            Code::NoSuchBill => "NO_SUCH_BILL",
            Code::BillUnsuccess => "BILL_UNSUCCESS",
            Code::RefundExceedTime => "REFUND_EXCEED_TIME",
            Code::AlreadyRefunding => "ALREADY_REFUNDING",
            Code::RefundAmountTooLarge => "REFUND_AMOUNT_TOO_LARGE",
            Code::NoSuchRefund => "NO_SUCH_REFUND",
            Code::RuntimeError => "RUNTIME_ERROR",
            Code::NetworkError => "NETWORK_ERROR",
            Code::PrerefundDuplicate => "PREREFUND_DUPLICATE",
            Code::BillNoDuplicate => "BILL_NO_DUPLICATE",
        }
    }
}

/// An answer whose `result_code` is not 0.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    /// `result_code`.
    pub code: Code,
    /// `err_detail`: names the field, never its value.
    pub detail: String,
}

impl Refused {
    /// A refusal with its `err_detail`.
    pub fn new(code: Code, detail: impl Into<String>) -> Refused {
        Refused {
            code,
            detail: detail.into(),
        }
    }
}
