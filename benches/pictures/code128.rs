//! Code 128 as bars, from its specification.

/// Widths of bar, space, bar, space, bar, space of the values 0 to 105; 106 is the stop.
const PATTERNS: [&str; 107] = [
    "212222", "222122", "222221", "121223", "121322", "131222", "122213", "122312", "132212",
    "221213", "221312", "231212", "112232", "122132", "122231", "113222", "123122", "123221",
    "223211", "221132", "221231", "213212", "223112", "312131", "311222", "321122", "321221",
    "312212", "322112", "322211", "212123", "212321", "232121", "111323", "131123", "131321",
    "112313", "132113", "132311", "211313", "231113", "231311", "112133", "112331", "132131",
    "113123", "113321", "133121", "313121", "211331", "231131", "213113", "213311", "213131",
    "311123", "311321", "331121", "312113", "312311", "332111", "314111", "221411", "431111",
    "111224", "111422", "121124", "121421", "141122", "141221", "112214", "112412", "122114",
    "122411", "142112", "142211", "241211", "221114", "413111", "241112", "134111", "111242",
    "121142", "121241", "114212", "124112", "124211", "411212", "421112", "421211", "212141",
    "214121", "412121", "111143", "111341", "131141", "114113", "114311", "411113", "411311",
    "113141", "114131", "311141", "411131", "211412", "211214", "211232", "2331112",
];
const START_C: usize = 105;
const STOP: usize = 106;

/// The modules of an even number of digits in code set C, dark is true, without quiet zones.
pub fn modules(digits: &str) -> Vec<bool> {
    assert!(digits.len().is_multiple_of(2));
    let mut values = vec![START_C];
    for pair in digits.as_bytes().chunks(2) {
        values.push(usize::from(pair[0] - b'0') * 10 + usize::from(pair[1] - b'0'));
    }
    let check = values
        .iter()
        .enumerate()
        .map(|(i, v)| i.max(1) * v)
        .sum::<usize>();
    values.push(check % 103);
    values.push(STOP);
    let mut modules = Vec::new();
    for value in values {
        for (i, width) in PATTERNS[value].bytes().enumerate() {
            for _ in 0..width - b'0' {
                modules.push(i % 2 == 0);
            }
        }
    }
    modules
}
