"""MT-Bench: questions of two turns, rated by a judge with the published prompts.

Zheng et al. 2023, "Judging LLM-as-a-judge with MT-Bench and Chatbot Arena", arXiv 2306.05685.
"""

from primum.evaluation.benchmarks.mt_bench.answers import MtAnswer
from primum.evaluation.benchmarks.mt_bench.asking import mt_bench, mt_bench_answers
from primum.evaluation.benchmarks.mt_bench.data import MtBench, MtQuestion, load_mt_bench
from primum.evaluation.benchmarks.mt_bench.rating import mt_bench_ratings
from primum.evaluation.benchmarks.mt_bench.result import MtResult, mt_gain, mt_result

__all__ = [
    "MtAnswer",
    "MtBench",
    "MtQuestion",
    "MtResult",
    "load_mt_bench",
    "mt_bench",
    "mt_bench_answers",
    "mt_bench_ratings",
    "mt_gain",
    "mt_result",
]
