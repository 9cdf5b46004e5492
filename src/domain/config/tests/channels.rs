//! Which channel takes a code, which shows a QR.

use super::*;

#[test]
fn a_code_takes_the_first_channel_that_fits_its_prefix() {
    use Channel::*;
    let mut settings = Settings::practice(Host("http://127.0.0.1:1".into()));
    let alipay = AuthCode::parse("281234567890123456").unwrap();
    let wechat = AuthCode::parse("134567890123456789").unwrap();
    let union = AuthCode::parse("6212345678901234567").unwrap();
    let unknown = AuthCode::parse("23891113455872").unwrap();
    let table: &[(&[Channel], [Option<Channel>; 4])] = &[
        (
            &[AliScan, WxScan],
            [Some(AliScan), Some(WxScan), None, None],
        ),
        (&[BcWxScan, WxScan], [None, Some(BcWxScan), None, None]),
        (&[Scan, AliScan], [Some(Scan), Some(Scan), None, Some(Scan)]),
        (
            &[AliScan, BcScan],
            [Some(AliScan), Some(BcScan), None, Some(BcScan)],
        ),
        (&[AliOfflineQrcode, WxNative], [None, None, None, None]),
    ];
    for (channels, expected) in table {
        settings.gateway.channels = channels.to_vec();
        let got = [&alipay, &wechat, &union, &unknown].map(|code| settings.channel_for(code));
        assert_eq!(got, *expected, "{channels:?}");
    }
}

#[test]
fn a_wallets_qr_is_the_first_preferred() {
    use Channel::*;
    let mut settings = Settings::practice(Host("http://127.0.0.1:1".into()));
    assert_eq!(settings.qr_channel(Wallet::Alipay), Some(AliOfflineQrcode));
    assert_eq!(settings.qr_channel(Wallet::Wechat), Some(WxNative));
    settings.gateway.channels = vec![BcNative, WxNative, AliScan, Scan];
    assert_eq!(settings.qr_channel(Wallet::Wechat), Some(BcNative));
    assert_eq!(settings.qr_channel(Wallet::Alipay), None);
}

#[test]
fn the_practice_settings_are_sound() {
    let settings = Settings::practice(Host("http://127.0.0.1:4321".into()));
    let text = settings.to_toml().unwrap();
    assert_eq!(Settings::parse(&text).unwrap(), settings);
}
