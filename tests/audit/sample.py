"""A made-up audit, into which any text can be put."""

from primum.audit.across.caution import CautionAudit
from primum.audit.across.figure import Figure
from primum.audit.across.levels import CategoryLevel
from primum.audit.across.marks import MarksAudit
from primum.audit.across.prompts import AcrossPrompts
from primum.audit.measures.attack import AttackGain
from primum.audit.measures.length import LengthPreference
from primum.audit.measures.sampled import FilterYield
from primum.audit.measures.spread import Retest, Saturation
from primum.audit.objective import AgreementRow, ObjectiveAudit
from primum.audit.result import Audit
from primum.audit.suggest import Suggestion
from primum.audit.trust import Trust
from primum.recipe.schema import Judging
from primum.statistics.interval import NOTHING, Interval
from primum.statistics.judges.agreement import THIRDS, Agreement, Third
from primum.statistics.judges.reliability import ReliabilityCurve, ReliabilityPoint
from primum.statistics.judges.rv import CurvePoint


def sample_audit(text="harmless", *, curve=True, sources=("exemplars",)):
    """An audit of one objective."""
    points = tuple(CurvePoint(s / 4, float(s), 1 - s / 9, 0.1) for s in (1, 2))
    judges = (("this judge", 0.71), ("random", 0.5), ("length alone", 0.52))
    return Audit(
        model=text,
        second=None,
        judge=Judging(),
        constitution=text,
        constitution_fingerprint="f",
        recipe=text,
        seed=3,
        scale=(1.0, 10.0),
        confidence=0.95,
        position="does not apply: " + text,
        objectives=(
            ObjectiveAudit(
                objective=text,
                trust=Trust(
                    "above",
                    1.2,
                    f"{text}: trust above a gap of 1.2 points",
                    "exemplars",
                    (f"watch {text}",),
                    (f"do not use a threshold: {text}",),
                ),
                rows=tuple(row(source, *judge) for source in sources for judge in judges),
                saturation=Saturation(120, 0, 0.25, None, 0.0, 1.5),
                retest=Retest(64, 0.0, 0.0),
                attack=AttackGain(Interval(0.3, -0.1, 0.7, 3), 2.5, 76, 3, 0),
                across=tuple(across(source) for source in sources),
                levels=(
                    CategoryLevel(text, 10, 40, Interval(6.1, 5.5, 6.7, 10), None),
                    CategoryLevel(None, 2, 8, Interval(4.5, None, None, 2), NOTHING),
                ),
            ),
        ),
        filters=FilterYield(text, 32, 20, 0.8, ((text, 12),)),
        suggestion=Suggestion(2.0, 0.5, text, None, text, "RV", points if curve else (), text),
        seconds=1.0,
    )


def across(source):
    """Figures across prompts, some of them missing."""
    area = Figure(Interval(0.77, 0.69, 0.85, 60), 240, None)
    part = Figure(Interval(0.58, 0.5, 0.66, 60), 240, None)
    none = Figure(NOTHING, 3, "it takes 10 of them")
    points = tuple(ReliabilityPoint(at / 10, at / 12, 20) for at in (1, 5, 9))
    calibration = ReliabilityCurve(
        Interval(0.29, 0.2, 0.4, 60), Interval(0.26, 0.2, 0.3, 60), points
    )
    return AcrossPrompts(
        source=source,
        out_of_fold=True,
        marks=MarksAudit(area, part, part, part, part, calibration, None),
        caution=(CautionAudit(None, part, area, none), CautionAudit("everyday", none, none, none)),
        equal=part,
        levels=none,
    )


def row(source, judge, value):
    """One judge, with a figure for its accuracy and its AUC."""
    found = Interval(value, value - 0.1, value + 0.1, 60)
    shares = zip(THIRDS, (0.5, 0.7, 0.9), strict=True)
    thirds = tuple(Third(name, 0, 1, 20, Interval(part, None, None, 20)) for name, part in shares)
    length = LengthPreference(Interval(0.61, None, None, 30), 30, NOTHING, 0, -0.12)
    agreement = Agreement(60, 60, 0, 0.0, found, found, Interval(-0.12, -0.34, 0.1, 60), thirds)
    return AgreementRow(source, True, judge, agreement, length)
