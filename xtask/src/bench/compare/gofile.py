"""Reads a file in Go's benchmark format by the grammar of its specification, strictly, and prints
what it found: for a test of xtask's."""

import re
import sys

# A key has no upper case and no space, and something follows its colon.
CONFIG = re.compile(r"^([a-z][^\sA-Z:]*):(?:[ \t]+(.*))?$")
UNIT = re.compile(r"^Unit[ \t]+(\S+)((?:[ \t]+[^\s=]+=\S+)+)$")
# No lower case letter may follow the word, iterations are a whole number above zero, and then come
# pairs of value and unit.
BENCHMARK = re.compile(r"^Benchmark([^a-z\s]\S*)[ \t]+([1-9]\d*)((?:[ \t]+\S+[ \t]+\S+)+)[ \t]*$")

config, exact, names = set(), set(), {}
with open(sys.argv[1], encoding="utf-8") as file:
    for number, line in enumerate(file, 1):
        line = line.rstrip("\n")
        if found := BENCHMARK.match(line):
            values = names.setdefault(found[1], [])
            words = found[3].split()
            units = words[1::2]
            assert len(set(units)) == len(units), f"line {number}: a unit stands twice"
            values.append({unit: float(value) for value, unit in zip(words[::2], units)})
        elif found := UNIT.match(line):
            if "assume=exact" in found[2].split():
                exact.add(found[1])
        elif found := CONFIG.match(line):
            config.add(found[1])
        else:
            assert line.startswith("# "), f"line {number} is of no kind: {line!r}"

print("config:", *sorted(config))
print("exact:", *sorted(exact))
for name, lines in names.items():
    assert all(line.keys() == lines[0].keys() for line in lines), f"{name}: units come and go"
    parts = []
    for unit in lines[0]:
        values = [line[unit] for line in lines]
        if unit in exact:
            assert len(set(values)) == 1, f"{name}: {unit} is exact, and differs"
            values = values[:1]
        if unit != "MB/s":
            parts.append(f"{unit}={','.join(map(str, values))}")
    print(name, len(lines), *parts)
