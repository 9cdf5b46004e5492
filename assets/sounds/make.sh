#!/bin/sh
# Makes zh.clips.gz and en.clips.gz, the short recorded clips that the program joins in memory.
# Needs espeak-ng (Mandarin), flite (English), sox and python3; README.md names the versions.
# Run it in any directory: sh assets/sounds/make.sh
set -eu

here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT INT TERM
mkdir "$work/zh" "$work/en"

# Mandarin is given in pinyin: the tones are written down here, sandhi included (一 is yi4 before
# the tones 1 to 3 and yi2 before 4; a third tone before a third one is a second).
mandarin() { # clip, pinyin
    # The voice cmn reads pinyin as English. A wider range makes the tones plainer.
    espeak-ng -v cmn-latn-pinyin+f3 -m -s 190 -p 55 -a 100 -w "$work/raw.wav" \
        "<prosody range=\"150%\">$2</prosody>"
    finish "$work/zh/$1.wav"
}

english() { # clip, what is read
    flite -voice slt --setf duration_stretch=0.92 -t "$2" -o "$work/raw.wav"
    finish "$work/en/$1.wav"
}

# 16 kHz mono, the rumble below the voice cut. pack.py cuts the silence and levels.
finish() { # target
    sox -G "$work/raw.wav" -r 16000 -c 1 -b 16 "$1" highpass 80
}

mandarin 支付宝到账 "zhi1 fu4 bao3 dao4 zhang4"
mandarin 微信到账 "wei1 xin4 dao4 zhang4"
mandarin 收款到账 "shou1 kuan3 dao4 zhang4"
mandarin 前一笔 "qian2 yi4 bi3"
mandarin 零 "ling2"
mandarin 十 "shi2"
mandarin 元 "yuan2"
mandarin 万 "wan4"

digits="一:yi1 二:er4 三:san1 四:si4 五:wu3 六:liu4 七:qi1 八:ba1 九:jiu3"
for digit in $digits; do
    word=${digit%%:*}
    sound=${digit##*:}
    third=$sound # before a third tone
    first=$sound # before a first tone
    fourth=$sound
    case $word in
    一) third=yi4 first=yi4 fourth=yi2 ;;
    五) third=wu2 ;;
    九) third=jiu2 ;;
    esac
    mandarin "${word}十" "$sound shi2"
    mandarin "${word}百" "$third bai3"
    [ "$word" = 二 ] || mandarin "${word}千" "$first qian1"
    mandarin "${word}万" "$fourth wan4"
    mandarin "${word}元" "$sound yuan2"
    mandarin "${word}角" "$third jiao3"
    mandarin "${word}分" "$first fen1"
done
mandarin 两千 "liang3 qian1"
mandarin 两万 "liang3 wan4"
mandarin 两元 "liang3 yuan2"

english "Alipay received" "Ally pay received"
english "WeChat received" "Wee chat received"
english "payment received" "payment received"
english "the one before" "the one before"
for word in one two three four five six seven eight nine ten eleven twelve thirteen fourteen \
    fifteen sixteen seventeen eighteen nineteen twenty thirty forty fifty sixty seventy eighty \
    ninety hundred thousand million and; do
    english "$word" "$word"
done
english fen "fenn"
flite -voice slt --setf duration_stretch=0.92 -p "pau y uw0 aa1 n pau" -o "$work/raw.wav"
finish "$work/en/yuan.wav"

python3 "$here/pack.py" "$work/zh" "$here/zh.clips.gz"
python3 "$here/pack.py" "$work/en" "$here/en.clips.gz"
