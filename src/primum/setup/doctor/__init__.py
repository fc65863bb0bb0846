"""`primum doctor`: whether the machine is ready for a run."""

from primum.setup.doctor.entry import examine_machine
from primum.setup.doctor.health import HealthCheck, to_json, to_text

__all__ = ["HealthCheck", "examine_machine", "to_json", "to_text"]
