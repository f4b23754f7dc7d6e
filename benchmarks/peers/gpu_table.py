"""Prints the tables of docs/performance-gpu.md from the measurements.

    python3 benchmarks/peers/gpu_table.py docs/performance/h200
"""

import json
import sys

BYTES_PER_SECOND = 4.3e12  # a large copy between device arrays, bytes read and written
FLOPS_PER_SECOND = 790e12  # a product of 8192 x 8192 bf16 matrices of random numbers
A100 = {  # tokens/s of the original's README: FlashAttention, Hydragen
    (64, 1024, 512): (5760, 54183), (64, 2048, 512): (2843, 52424), (256, 2048, 512): (996, 10365),
    (256, 2048, 1024): (889, 4678), (256, 4096, 1024): (477, 4680), (512, 2048, 512): (5358, 66894),
    (512, 4096, 512): (2796, 65739), (1024, 4096, 512): (2032, 41175), (1024, 8192, 512): (939, 40716),
    (1024, 16384, 512): (None, 40497)}


def results(folder, name):
    with open(folder + "/" + name + ".json") as file:
        return json.load(file)["results"]


def key(result):
    return tuple(result[name] for name in ("batch", "prefix", "output", "kvHeads"))


def whole(steps, micros):
    """Seconds of the whole output: what lies between two samples is on the line through both."""
    seconds = micros[0] / 1e6
    for a, ta, b, tb in zip(steps, micros, steps[1:], micros[1:]):
        seconds += sum(ta + (tb - ta) * (s - a) / (b - a) for s in range(a + 1, b + 1)) / 1e6
    return seconds


def limit(batch, prefix, output, kv_heads):
    """Seconds: keys and values read once, and then the prefix's arithmetic."""
    row = 2 * 2 * kv_heads * 128
    suffixes = batch * row * output * (output + 1) / 2
    return (output * prefix * row + suffixes) / BYTES_PER_SECOND + output * 4 * batch * prefix * 32 * 128 / FLOPS_PER_SECOND


def show(tokens, seconds):
    return "-" if seconds is None else "%.0f" % (tokens / seconds / 1000)


def main(folder):
    wall = {key(r): r for r in results(folder, "wall")}
    peers = {(r["method"],) + key(r): r for r in results(folder, "pytorch")}
    print("| batch, prefix, output, heads | limit | our kernels | of limit | whole call | concat | graphs | flash | our kernels / graphs | A100: flash, Hydragen |")
    print("|-|-:|-:|-:|-:|-:|-:|-:|-:|-:|")
    for r in results(folder, "kernels"):
        case = key(r)
        tokens = r["batch"] * r["output"]
        ours = whole(r["sampledSteps"], r["kernelMicros"])
        least = limit(*case)
        cells = ["%d, %d, %d, 32/%d" % case, show(tokens, least), show(tokens, ours), "%.0f%%" % (100 * least / ours),
                 "%.0f" % (wall[case]["tokensPerSecond"] / 1000)]
        speeds = [peers[("pytorch-" + m,) + case]["tokensPerSecond"] for m in ("concat", "graphs", "flash")]
        cells += ["%.0f" % (s / 1000) for s in speeds]
        published = ["OOM" if x is None else "%.1f" % (x / 1000) for x in A100[case[:3]]]
        cells += ["%.2f" % (tokens / ours / speeds[1]), ", ".join(published)]
        print("| " + " | ".join(cells) + " |")
    print()
    print("| batch, prefix, output, heads | ours, GiB | graphs, GiB | flash, GiB | our error | graphs' error |")
    print("|-|-:|-:|-:|-:|-:|")
    for r in results(folder, "kernels"):
        case = key(r)
        graphs, flash = (peers[("pytorch-" + m,) + case] for m in ("graphs", "flash"))
        print("| %d, %d, %d, 32/%d | " % case + "%.2f | %.2f | %.2f | %.1e | %.1e |" % (
            r["peakBytes"] / 2**30, graphs["peakBytes"] / 2**30, flash["peakBytes"] / 2**30, r["maxAbsError"], graphs["maxAbsError"]))


if __name__ == "__main__":
    main(sys.argv[1])
