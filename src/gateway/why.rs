//! Why there was no connection, in one line for the screen and the log: says what to check.

use crate::domain::gateway::Host;
use rustls::CertificateError;
use std::error::Error;
use std::io;

/// At most this many characters of the system's own words.
const MAX_CHARS: usize = 120;

/// One line for the screen and the log.
pub(super) fn why(error: &reqwest::Error, host: &Host) -> String {
    let what = if error.is_dns() {
        "域名解析失败，请检查网络"
    } else if error.is_timeout() {
        "连接超时，请检查网络"
    } else if let Some(error) = tls_error(error) {
        tls_words(error)
    } else {
        "连接失败，请检查网络"
    };
    line(host, what, &innermost(error))
}

/// The host, what is wrong, and the system's own words.
pub(super) fn line(host: &Host, what: &str, cause: &str) -> String {
    let cause: String = cause
        .chars()
        .filter(|c| !c.is_control())
        .take(MAX_CHARS)
        .collect();
    format!("{host} {what}（{cause}）")
}

/// The error that caused the others.
pub(super) fn innermost(error: &reqwest::Error) -> String {
    let mut last: &dyn Error = error;
    while let Some(inner) = last.source() {
        last = inner;
    }
    last.to_string()
        .chars()
        .filter(|c| !c.is_control())
        .collect()
}

/// The TLS handshake itself failed (not: took too long).
pub(super) fn is_tls(error: &reqwest::Error) -> bool {
    tls_error(error).is_some()
}

/// What the TLS handshake failed with. An `io::Error` names what it was made of only by
/// `get_ref`: its `source` is already the next one.
fn tls_error<'a>(error: &'a (dyn Error + 'static)) -> Option<&'a rustls::Error> {
    let mut next = Some(error);
    while let Some(error) = next {
        if let Some(found) = error.downcast_ref::<rustls::Error>() {
            return Some(found);
        }
        next = match error
            .downcast_ref::<io::Error>()
            .and_then(io::Error::get_ref)
        {
            Some(inner) => Some(inner),
            None => error.source(),
        };
    }
    None
}

fn tls_words(error: &rustls::Error) -> &'static str {
    use CertificateError::{
        Expired, ExpiredContext, NotValidForName, NotValidForNameContext, NotValidYet,
        NotValidYetContext, UnknownIssuer,
    };
    let rustls::Error::InvalidCertificate(certificate) = error else {
        return "加密连接失败：对方不像是加密的网关，请检查地址和网络";
    };
    match certificate {
        Expired | ExpiredContext { .. } | NotValidYet | NotValidYetContext { .. } => {
            "证书不在有效期内，请校准系统时间"
        }
        UnknownIssuer => "证书不可信：网络里可能有东西在拦截，请换一个网络",
        NotValidForName | NotValidForNameContext { .. } => {
            "证书不是这个主机的，请检查网关地址和网络"
        }
        _ => "证书验证失败，请检查时钟和网络",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wrapped(error: rustls::Error) -> io::Error {
        let inner = io::Error::new(io::ErrorKind::InvalidData, error);
        io::Error::other(inner)
    }

    #[test]
    fn each_tls_fault_says_what_to_check() {
        let cases = [
            (CertificateError::Expired, "系统时间"),
            (CertificateError::NotValidYet, "系统时间"),
            (CertificateError::UnknownIssuer, "拦截"),
            (CertificateError::NotValidForName, "网关地址"),
            (CertificateError::BadSignature, "证书验证失败"),
        ];
        for (certificate, word) in cases {
            let error = wrapped(rustls::Error::InvalidCertificate(certificate));
            let words = tls_words(tls_error(&error).unwrap());
            assert!(words.contains(word), "{words}");
        }
        let error = wrapped(rustls::Error::DecryptError);
        let words = tls_words(tls_error(&error).unwrap());
        assert!(words.starts_with("加密连接失败"), "{words}");
    }

    #[test]
    fn what_is_no_tls_error_is_not_taken_for_one() {
        let refused = io::Error::from(io::ErrorKind::ConnectionRefused);
        assert!(tls_error(&refused).is_none());
        assert!(tls_error(&io::Error::other(refused)).is_none());
    }

    #[test]
    fn the_systems_words_are_one_short_line() {
        let host = Host("https://x".to_owned());
        let text = line(&host, "连接失败", &format!("a\nb{}", "x".repeat(500)));
        assert!(text.starts_with("https://x 连接失败（abxx"), "{text}");
        assert!(text.chars().count() < 150);
    }
}
