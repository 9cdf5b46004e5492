"""Levels a folder of WAV clips and packs them into one file.

Usage: pack.py FOLDER TARGET

The file, gzipped: b"CLIP1\\n", the number of clips as u16, then for each clip its name (u8 bytes,
UTF-8), its number of samples as u32 and its samples as IMA ADPCM (4 bits each, low nibble first,
beginning with predictor 0 and step index 0). Numbers are little endian; clips are 16 kHz mono.
"""

import array
import gzip
import math
import pathlib
import struct
import sys
import wave

RATE = 16_000
# The loudness of speech while it is spoken, and the most that any sample may be.
LOUDNESS = 0.16 * 32768
MOST = 0.89 * 32767
# Windows of 5 ms below this are silence, and so are the echoes after the speech. 10 ms are left at
# both ends: the weak beginnings and ends of words (f, t) count as speech.
SILENT = 60
ECHO = 200
WINDOW = RATE // 200
# Fades, so that no clip begins or ends with a click.
FADE = RATE * 4 // 1000

INDEX = [-1, -1, -1, -1, 2, 4, 6, 8]
STEPS = [
    7, 8, 9, 10, 11, 12, 13, 14, 16, 17, 19, 21, 23, 25, 28, 31, 34, 37, 41, 45, 50, 55, 60, 66,
    73, 80, 88, 97, 107, 118, 130, 143, 157, 173, 190, 209, 230, 253, 279, 307, 337, 371, 408, 449,
    494, 544, 598, 658, 724, 796, 876, 963, 1060, 1166, 1282, 1411, 1552, 1707, 1878, 2066, 2272,
    2499, 2749, 3024, 3327, 3660, 4026, 4428, 4871, 5358, 5894, 6484, 7132, 7845, 8630, 9493, 10442,
    11487, 12635, 13899, 15289, 16818, 18500, 20350, 22385, 24623, 27086, 29794, 32767,
]


def read(path):
    with wave.open(str(path)) as clip:
        assert (clip.getframerate(), clip.getnchannels(), clip.getsampwidth()) == (RATE, 1, 2), path
        return array.array("h", clip.readframes(clip.getnframes()))


def level(samples):
    """One loudness for all: the mean of the louder half of 20 ms windows."""
    size = RATE // 50
    starts = range(0, max(1, len(samples) - size), size)
    powers = sorted(power(samples[at : at + size]) for at in starts)
    spoken = [p for p in powers if p > SILENT * SILENT]
    loud = spoken[len(spoken) // 2 :]
    gain = LOUDNESS / math.sqrt(sum(loud) / len(loud))
    gain = min(gain, MOST / max(abs(s) for s in samples))
    out = trim([round(s * gain) for s in samples])
    for i in range(min(FADE, len(out))):
        out[i] = out[i] * i // FADE
        out[-1 - i] = out[-1 - i] * i // FADE
    return out


def trim(samples):
    """Without the silence at both ends."""
    starts = range(0, len(samples), WINDOW)
    powers = [(at, power(samples[at : at + WINDOW])) for at in starts]
    first = min(at for at, p in powers if p > SILENT * SILENT)
    last = max(at for at, p in powers if p > ECHO * ECHO)
    return samples[max(0, first - 2 * WINDOW) : last + 3 * WINDOW]


def power(samples):
    return sum(s * s for s in samples) / max(1, len(samples))


def adpcm(samples):
    predictor, index, nibbles = 0, 0, []
    for sample in samples:
        step = STEPS[index]
        difference = sample - predictor
        nibble = 8 if difference < 0 else 0
        difference = abs(difference)
        change = step >> 3
        for bit, part in ((4, step), (2, step >> 1), (1, step >> 2)):
            if difference >= part:
                nibble |= bit
                difference -= part
                change += part
        predictor += -change if nibble & 8 else change
        predictor = max(-32768, min(32767, predictor))
        index = max(0, min(len(STEPS) - 1, index + INDEX[nibble & 7]))
        nibbles.append(nibble)
    if len(nibbles) % 2:
        nibbles.append(0)
    return bytes(low | high << 4 for low, high in zip(nibbles[::2], nibbles[1::2]))


def main():
    folder, target = sys.argv[1:]
    clips = sorted(pathlib.Path(folder).glob("*.wav"))
    packed = b"CLIP1\n" + struct.pack("<H", len(clips))
    spoken = 0
    for path in clips:
        samples = level(read(path))
        name = path.stem.encode()
        packed += struct.pack("<B", len(name)) + name
        packed += struct.pack("<I", len(samples)) + adpcm(samples)
        spoken += len(samples)
    # No name and no time in it: the same clips give the same bytes.
    small = gzip.compress(packed, 9, mtime=0)
    pathlib.Path(target).write_bytes(small)
    print(f"{target}: {len(clips)} clips, {spoken / RATE:.1f} s, {len(small)} bytes")


main()
