"""Prints the tables of docs/performance-gpu.md (H200) and docs/gpu-notes.md (H100) from the measurements.

    python3 benchmarks/peers/gpu_table.py docs/performance/h200

Reads resident.json, pytorch.json and, if they are there, calls.json and portable-cuda.json, portable-ptx.json and
portable-opencl.json. All figures are those of one layer.
"""

import json
import os
import sys

A100 = {  # tokens/s of the original's README: FlashAttention, Hydragen
    (64, 1024, 512): (5760, 54183), (64, 2048, 512): (2843, 52424), (256, 2048, 512): (996, 10365),
    (256, 2048, 1024): (889, 4678), (256, 4096, 1024): (477, 4680), (512, 2048, 512): (5358, 66894),
    (512, 4096, 512): (2796, 65739), (1024, 4096, 512): (2032, 41175), (1024, 8192, 512): (939, 40716),
    (1024, 16384, 512): (None, 40497)}


def as_of_one_layer(result):
    """Figures of a whole step become those of one of its layers; a result without the field has one."""
    layers = result.get("layers", 1)
    if layers > 1 and result["skipped"] is None:
        result["tokensPerSecond"] *= layers
        result["peakBytes"] /= layers
        result["kernelMicros"] = [micros / layers for micros in result.get("kernelMicros") or []]


def read(folder, name):
    with open(folder + "/" + name + ".json") as file:
        content = json.load(file)
    for result in content["results"]:
        as_of_one_layer(result)
    return content


def key(result):
    return tuple(result[name] for name in ("batch", "prefix", "output", "kvHeads"))


def whole(steps, micros):
    """Seconds of the whole output: what lies between two samples is on the line through both."""
    seconds = micros[0] / 1e6
    for a, ta, b, tb in zip(steps, micros, steps[1:], micros[1:]):
        seconds += sum(ta + (tb - ta) * (s - a) / (b - a) for s in range(a + 1, b + 1)) / 1e6
    return seconds


def limit(rates, batch, prefix, output, kv_heads):
    """Seconds: keys and values read once, and then the prefix's arithmetic."""
    row = 2 * 2 * kv_heads * 128
    suffixes = batch * row * output * (output + 1) / 2
    arithmetic = output * 4 * batch * prefix * 32 * 128
    return (output * prefix * row + suffixes) / rates["bytesPerSecond"] + arithmetic / rates["flopsPerSecond"]


def thousands(tokens_per_second):
    return "OOM" if tokens_per_second is None else "%.0f" % (tokens_per_second / 1000)


def name(case):
    return "%d, %d, %d, 32/%d" % case


def optional(folder, name):
    """Results by case, or none."""
    if not os.path.exists(folder + "/" + name + ".json"):
        return {}
    return {key(r): r for r in read(folder, name)["results"]}


def speeds(steps, calls, portable, peers, rates):
    print("| batch, prefix, output, heads | limit | our step | of limit | our kernels | whole call | portable | concat | graphs | flash | our step / graphs | A100: flash, Hydragen |")
    print("|-|-:|-:|-:|-:|-:|-:|-:|-:|-:|-:|-:|")
    for r in steps:
        case = key(r)
        tokens = r["batch"] * r["output"]
        least = limit(rates, *case)
        cells = [name(case), thousands(tokens / least), thousands(r["tokensPerSecond"]),
                 "%.0f%%" % (100 * least * r["tokensPerSecond"] / tokens),
                 thousands(tokens / whole(r["sampledSteps"], r["kernelMicros"])),
                 thousands(calls[case]["tokensPerSecond"]) if calls else "-"]
        cells += [", ".join(thousands(x[case]["tokensPerSecond"]) for x in portable if x) or "-"]
        cells += [thousands(peers[("pytorch-" + m,) + case]["tokensPerSecond"]) for m in ("concat", "graphs", "flash")]
        published = ["OOM" if x is None else "%.1f" % (x / 1000) for x in A100[case[:3]]]
        graphs = peers[("pytorch-graphs",) + case]["tokensPerSecond"]
        cells += ["%.2f" % (r["tokensPerSecond"] / graphs), ", ".join(published)]
        print("| " + " | ".join(cells) + " |")


def memory(steps, peers):
    print("| batch, prefix, output, heads | ours, GiB | graphs, GiB | flash, GiB | our error | graphs' error |")
    print("|-|-:|-:|-:|-:|-:|")
    for r in steps:
        case = key(r)
        graphs, flash = (peers[("pytorch-" + m,) + case] for m in ("graphs", "flash"))
        peaks = [x["peakBytes"] / 2**30 if "peakBytes" in x else None for x in (r, graphs, flash)]
        cells = [name(case)] + ["OOM" if x is None else "%.2f" % x for x in peaks]
        cells += ["%.1e" % x["maxAbsError"] for x in (r, graphs)]
        print("| " + " | ".join(cells) + " |")


def main(folder):
    steps = read(folder, "resident")["results"]
    calls = optional(folder, "calls")
    portable = [optional(folder, "portable-" + backend) for backend in ("cuda", "ptx", "opencl")]
    pytorch = read(folder, "pytorch")
    peers = {(r["method"],) + key(r): r for r in pytorch["results"]}
    rates = pytorch["limits"]
    print("Limits: %.2f TB/s, %.0f TFLOP/s\n" % (rates["bytesPerSecond"] / 1e12, rates["flopsPerSecond"] / 1e12))
    speeds(steps, calls, portable, peers, rates)
    print()
    memory(steps, peers)


if __name__ == "__main__":
    main(sys.argv[1])
