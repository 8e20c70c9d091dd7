"""Answers a test of xtask's: a JSON object a line on standard input, as many on standard output."""

import json
import sys

import numpy as np
from scipy import stats


def method(how, normal):
    ways = {"table": "exact", "normal": normal}
    # Every permutation there is, however many.
    return ways.get(how) or stats.PermutationMethod(n_resamples=np.inf)


def mann_whitney(first, second, how):
    found = stats.mannwhitneyu(first, second, method=method(how, "asymptotic"))
    return [found.statistic, found.pvalue]


def wilcoxon(differences, how):
    def ask(normal):
        options = {"zero_method": "pratt", "correction": True, "method": method(how, normal)}
        return stats.wilcoxon(differences, **options)

    try:
        found = ask("asymptotic")
    except ValueError:
        found = ask("approx")  # its name before SciPy 1.15
    return [found.statistic, found.pvalue]


def signs(positive, negative):
    return [stats.binomtest(positive, positive + negative).pvalue]


def false_discovery(p):
    return list(stats.false_discovery_control(p, method="bh"))


def median(values):
    interval = stats.quantile_test(values, p=0.5).confidence_interval(0.95)
    return [interval.low, interval.high]


def variation(values):
    return [stats.gmean(values), stats.variation(values, ddof=1)]


for line in list(sys.stdin):
    case = json.loads(line)
    answer = globals()[case.pop("test").replace("-", "_")](**case)
    print(json.dumps({"values": [float(value) for value in answer]}))
