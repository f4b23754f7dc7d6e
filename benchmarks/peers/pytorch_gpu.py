"""Decode steps of PyTorch on a GPU, to set beside `hydragen bench --suite original --backend tornado`.

    python3 pytorch_gpu.py [--export-json F] [--cases I,J,...] [--methods concat,graphs,flash] [--steps N] [--dtype bf16|f16]
        [--head-dim N] [--layers N] [--sizes BATCH,PREFIX,OUTPUT,QUERY_HEADS,KV_HEADS]...

Three methods, all with PyTorch's FlashAttention in bf16 or f16, the prefix pass over the stacked queries:
  concat  Hydragen, caches grown by torch.cat at every step, plain PyTorch for the merge
  graphs  Hydragen, static cache, append in place, merge by torch.compile, a CUDA graph for each step
  flash   no sharing: every sequence has its own copy of the prefix; static cache, CUDA graph
With several layers a step is that of each, one after the other, in the same CUDA graph; tokens a second, times and bytes are of all.

A step appends one token to each sequence and attends. It is timed by CUDA events around the step, the median of repetitions,
at N output lengths spread evenly; the sum over the whole output is that of the lines between them, as `hydragen bench` has it.
Every method is compared with fp64 on some rows. What the device reaches with a large copy and a large product is measured first.
"""

import argparse
import json
import math
import sys
import time

import torch

SUITE = [  # batch, prefix, output, query heads, key/value heads
    (64, 1024, 512, 32, 32), (64, 2048, 512, 32, 32), (256, 2048, 512, 32, 32), (256, 2048, 1024, 32, 32),
    (256, 4096, 1024, 32, 32), (512, 2048, 512, 32, 8), (512, 4096, 512, 32, 8), (1024, 4096, 512, 32, 8),
    (1024, 8192, 512, 32, 8), (1024, 16384, 512, 32, 8)]
DEVICE = "cuda"
DTYPES = {"bf16": torch.bfloat16, "f16": torch.float16}
dtype_name, dtype = "bf16", torch.bfloat16  # as --dtype says
DIM = 128  # as --head-dim says


def flash(q, k, v):
    """Attention without a mask: outputs [b, heads, n, d] and natural log-sum-exp [b, heads, n] in fp32."""
    result = torch.ops.aten._scaled_dot_product_flash_attention(q, k, v, 0.0, False, return_debug_mask=False)
    return result[0], result[1]


def merge(out1, lse1, out2, lse2):
    lse = torch.logaddexp(lse1, lse2)
    w1 = torch.exp(lse1 - lse).unsqueeze(-1)
    w2 = torch.exp(lse2 - lse).unsqueeze(-1)
    return (out1 * w1 + out2 * w2).to(dtype)


def prefix_pass(q, k, v):
    """q [b, heads, 1, d], k and v [1, kv heads, p, d]; the queries of all sequences are one batch of rows."""
    out, lse = flash(q.transpose(0, 2), k, v)  # [1, heads, b, d]
    return out.transpose(0, 2), lse.permute(2, 1, 0)


class Hydragen:
    def __init__(self, batch, prefix, output, heads, kv_heads, merge):
        self.merge = merge
        self.pk, self.pv = (torch.randn(1, kv_heads, prefix, DIM, device=DEVICE, dtype=dtype) for _ in "kv")
        self.k, self.v = (torch.randn(batch, kv_heads, output, DIM, device=DEVICE, dtype=dtype) for _ in "kv")
        self.nk, self.nv = (torch.randn(batch, kv_heads, 1, DIM, device=DEVICE, dtype=dtype) for _ in "kv")
        self.q = torch.randn(batch, heads, 1, DIM, device=DEVICE, dtype=dtype)

    def attend(self, k, v):
        out1, lse1 = prefix_pass(self.q, self.pk, self.pv)
        out2, lse2 = flash(self.q, k, v)
        return self.merge(out1, lse1, out2, lse2)

    def keys(self, row, length):
        return torch.cat([self.pk[0], self.k[row, :, :length]], 1), torch.cat([self.pv[0], self.v[row, :, :length]], 1)


class Concat(Hydragen):
    def prepare(self, length):
        self.oldk, self.oldv = self.k[:, :, :length - 1].contiguous(), self.v[:, :, :length - 1].contiguous()
        self.k[:, :, length - 1:length], self.v[:, :, length - 1:length] = self.nk, self.nv

    def step(self):
        k = torch.cat([self.oldk, self.nk], 2)
        v = torch.cat([self.oldv, self.nv], 2)
        return self.attend(k, v)


class Graphs(Hydragen):
    def prepare(self, length):
        self.length = length

    def step(self):
        at = self.length - 1
        self.k[:, :, at:self.length].copy_(self.nk)
        self.v[:, :, at:self.length].copy_(self.nv)
        return self.attend(self.k[:, :, :self.length], self.v[:, :, :self.length])


class Flash(Hydragen):
    """The prefix is part of every sequence's cache."""

    def __init__(self, batch, prefix, output, heads, kv_heads, merge):
        self.prefix = prefix
        shape = (batch, kv_heads, prefix + output, DIM)
        self.k, self.v = (torch.empty(shape, device=DEVICE, dtype=dtype).normal_() for _ in "kv")
        self.nk, self.nv = (torch.randn(batch, kv_heads, 1, DIM, device=DEVICE, dtype=dtype) for _ in "kv")
        self.q = torch.randn(batch, heads, 1, DIM, device=DEVICE, dtype=dtype)

    def prepare(self, length):
        self.length = self.prefix + length

    def step(self):
        at = self.length - 1
        self.k[:, :, at:self.length].copy_(self.nk)
        self.v[:, :, at:self.length].copy_(self.nv)
        return flash(self.q, self.k[:, :, :self.length], self.v[:, :, :self.length])[0]

    def keys(self, row, length):
        end = self.prefix + length
        return self.k[row, :, :end], self.v[row, :, :end]


class Layers:
    """Layers of a model, each with a cache of its own."""

    def __init__(self, count, kind, *arguments):
        self.all = [kind(*arguments) for _ in range(count)]

    def prepare(self, length):
        for layer in self.all:
            layer.prepare(length)

    def step(self):
        return [layer.step() for layer in self.all]

    def error(self, outs, length):
        return max(error(layer, out, length) for layer, out in zip(self.all, outs))


METHODS = {"concat": (Concat, False), "graphs": (Graphs, True), "flash": (Flash, True)}


def error(run, out, length):
    worst = 0.0
    for row in (0, run.q.shape[0] // 2, run.q.shape[0] - 1):
        k, v = (x.double() for x in run.keys(row, length))
        group = run.q.shape[1] // k.shape[0]
        k, v = k.repeat_interleave(group, 0), v.repeat_interleave(group, 0)
        scores = (run.q[row].double() @ k.transpose(1, 2)) / math.sqrt(DIM)
        exact = scores.softmax(-1) @ v
        worst = max(worst, (exact - out[row].double()).abs().max().item())
    return worst


def time_step(step, graphed):
    stream = torch.cuda.Stream()
    with torch.cuda.stream(stream):
        for _ in range(3):
            out = step()
        stream.synchronize()
        run = step
        if graphed:
            graph = torch.cuda.CUDAGraph()
            with torch.cuda.graph(graph, stream=stream):
                out = step()
            run = graph.replay
            for _ in range(3):
                run()
        micros = []
        until = time.monotonic() + 0.15
        while len(micros) < 30 and (len(micros) < 5 or time.monotonic() < until):
            start, end = (torch.cuda.Event(enable_timing=True) for _ in "se")
            start.record(stream)
            result = run()
            end.record(stream)
            end.synchronize()
            micros.append(start.elapsed_time(end) * 1e3)
    micros.sort()
    return micros, out if graphed else result


def measure(name, case, count, layers):
    batch, prefix, output, heads, kv_heads = case
    kind, graphed = METHODS[name]
    merging = torch.compile(merge) if graphed and name != "flash" else merge
    torch.cuda.empty_cache()
    torch.cuda.reset_peak_memory_stats()
    run = Layers(layers, kind, batch, prefix, output, heads, kv_heads, merging)
    steps = [1 + round(i * (output - 1) / (count - 1)) for i in range(count)]
    medians, worst, every = [], 0.0, []
    for length in steps:
        run.prepare(length)
        micros, out = time_step(run.step, graphed)
        medians.append(micros[len(micros) // 2])
        every += micros
        if length in (steps[0], steps[-1], steps[count // 2]):
            worst = max(worst, run.error(out, length))
    seconds = medians[0] / 1e6
    for (a, ta), (b, tb) in zip(zip(steps, medians), zip(steps[1:], medians[1:])):
        seconds += sum(ta + (tb - ta) * (s - a) / (b - a) for s in range(a + 1, b + 1)) / 1e6
    every.sort()
    return {
        "method": "pytorch-" + name, "batch": batch, "prefix": prefix, "output": output, "queryHeads": heads,
        "kvHeads": kv_heads, "headDim": DIM, "dtype": dtype_name, "layers": layers, "tokensPerSecond": batch * output / seconds,
        "stepMicros": {"median": every[len(every) // 2], "p10": every[len(every) // 10], "p90": every[len(every) * 9 // 10]},
        "sampledSteps": steps, "sampledMicros": medians, "peakBytes": torch.cuda.max_memory_allocated(),
        "maxAbsError": worst, "skipped": None}


def fastest(action, rounds):
    """Seconds of the fastest of some rounds."""
    best = math.inf
    for _ in range(rounds):
        start, end = (torch.cuda.Event(enable_timing=True) for _ in "se")
        start.record()
        action()
        end.record()
        end.synchronize()
        best = min(best, start.elapsed_time(end) / 1e3)
    return best


def limits():
    """Bytes a second of a copy of 4 GiB, read and written; operations a second of a product of random matrices."""
    source = torch.empty(1 << 31, device=DEVICE, dtype=dtype)
    target = torch.empty_like(source)
    copied = fastest(lambda: target.copy_(source), 10)
    a, b = (torch.randn(8192, 8192, device=DEVICE, dtype=dtype) for _ in "ab")
    multiplied = fastest(lambda: a @ b, 20)
    return {"bytesPerSecond": 2 * 2 * source.numel() / copied, "flopsPerSecond": 2 * 8192**3 / multiplied}


def sizes(text):
    batch, prefix, output, heads, kv_heads = map(int, text.split(","))
    return batch, prefix, output, heads, kv_heads


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--export-json")
    parser.add_argument("--cases", default=",".join(map(str, range(10))))
    parser.add_argument("--methods", default="concat,graphs,flash")
    parser.add_argument("--steps", type=int, default=5)
    parser.add_argument("--dtype", choices=DTYPES, default="bf16")
    parser.add_argument("--head-dim", type=int, default=128)
    parser.add_argument("--layers", type=int, default=1)
    parser.add_argument("--sizes", action="append", type=sizes, help="a case of one's own, instead of the suite's")
    arguments = parser.parse_args()
    global dtype_name, dtype, DIM
    DIM = arguments.head_dim
    dtype_name, dtype = arguments.dtype, DTYPES[arguments.dtype]
    torch.manual_seed(1)
    measured = limits()
    print("limits: %.2f TB/s, %.0f TFLOP/s" % (measured["bytesPerSecond"] / 1e12, measured["flopsPerSecond"] / 1e12), flush=True)
    results = []
    for case in arguments.sizes or [SUITE[int(i)] for i in arguments.cases.split(",")]:
        for name in arguments.methods.split(","):
            try:
                result = measure(name, case, arguments.steps, arguments.layers)
                print("%-6s %-28s %10.0f tokens/s  median step %8.1f us  error %.1e" % (
                    name, case, result["tokensPerSecond"], result["stepMicros"]["median"], result["maxAbsError"]), flush=True)
            except torch.cuda.OutOfMemoryError as e:
                result = {"method": "pytorch-" + name, "batch": case[0], "prefix": case[1], "output": case[2],
                          "queryHeads": case[3], "kvHeads": case[4], "headDim": DIM, "dtype": dtype_name, "layers": arguments.layers,
                          "tokensPerSecond": None, "skipped": "OOM: " + str(e).splitlines()[0]}
                print("%-6s %-28s OOM" % (name, case), flush=True)
            results.append(result)
    if arguments.export_json:
        environment = {"torch": torch.__version__, "cuda": torch.version.cuda, "device": torch.cuda.get_device_name(),
                       "date": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())}
        with open(arguments.export_json, "w") as file:
            json.dump({"environment": environment, "command": " ".join(sys.argv), "limits": measured, "results": results}, file, indent=1)


if __name__ == "__main__":
    main()
