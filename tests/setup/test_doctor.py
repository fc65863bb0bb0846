"""`primum doctor`: every line says what is so and what to do, and none says a secret."""

import json
from types import SimpleNamespace

import pytest
import torch

from primum.cli.setup.doctor import doctor
from primum.setup.doctor import (
    HealthCheck,
    examine_machine,
    hardware,
    model,
    software,
    storage,
    to_json,
    to_text,
)


def test_a_sound_machine_has_no_problem_but_its_own(tiny_folder):
    checks = examine_machine(str(tiny_folder), "quickstart")
    areas = {check.area for check in checks}
    assert {"python", "packages", "card", "processor", "memory", "disk", "cache"} <= areas
    assert {"hub", "bundled model", "extras", "recipe", "model", "room"} <= areas
    assert [check for check in checks if check.status == "problem" and not check.remedy] == []
    assert "LlamaForCausalLM" in to_text(checks)


def test_a_token_is_never_said(monkeypatch):
    monkeypatch.setenv("HF_TOKEN", "hf_secretsecret")
    said = storage.check_hub()
    assert "a token is there" in said.said
    assert "secret" not in to_text([said])


def test_offline_is_noted(monkeypatch):
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    assert "offline" in storage.check_hub().said


def test_json_names_no_place():
    said = "9.1 GiB free in /home/ada/work; ~/.cache/primum: see a/b and primum align …"
    [row] = to_json([HealthCheck("disk", "ok", said)])
    assert row["said"] == "9.1 GiB free in PATH; PATH: see a/b and primum align …"


def test_a_package_that_is_too_old_or_absent(monkeypatch):
    found = {"torch": "1.0", "peft": None}
    real = software.installed_version
    monkeypatch.setattr(software, "installed_version", lambda name: found.get(name, real(name)))
    checks = [check for check in software.check_packages() if check.status == "problem"]
    assert [check.said for check in checks] == ["peft is not installed", "torch 1.0"]
    assert all(check.remedy.startswith("pip install '") for check in checks)


def test_an_old_python(monkeypatch):
    monkeypatch.setattr("platform.python_version", lambda: "3.9.1")
    assert software.check_python().status == "problem"


def test_a_driver_without_a_card(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: False)
    monkeypatch.setattr("shutil.which", lambda name: "/bin/nvidia-smi")
    [check] = hardware.check_cards()
    assert check.status == "problem"
    monkeypatch.setattr("shutil.which", lambda name: None)
    [check] = hardware.check_cards()
    assert check.status == "note"


def test_a_full_disk_and_a_closed_folder(monkeypatch, tmp_path):
    usage = SimpleNamespace(free=2**20)
    monkeypatch.setattr("shutil.disk_usage", lambda place: usage)
    assert storage.check_room("disk", tmp_path / "absent").status == "problem"

    def refuse(dir):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("tempfile.TemporaryFile", refuse)
    check = storage.check_room("cache", tmp_path)
    assert check.status == "problem"
    assert "XDG_CACHE_HOME" in check.remedy


@pytest.mark.parametrize("name", ["absent/model/folder", "./absent"])
def test_a_model_that_is_not_there(name):
    [check] = model.check_model(name)
    assert check.status == "problem"


def test_a_model_that_is_too_large(monkeypatch, tiny_folder):
    memory = SimpleNamespace(total=1000, available=1000)
    monkeypatch.setattr("psutil.virtual_memory", lambda: memory)
    monkeypatch.setattr(
        "primum.engines.models.devices.choose_device", lambda _: torch.device("cpu")
    )
    last = list(model.check_model(str(tiny_folder)))[-1]
    assert (last.area, last.status) == ("room", "problem")


@pytest.mark.parametrize(("status", "code"), [("ok", 0), ("note", 0), ("problem", 2)])
def test_the_status_says_whether_there_is_a_problem(monkeypatch, capsys, status, code):
    import typer

    checks = (HealthCheck("disk", status, "it is", "do it"),)
    monkeypatch.setattr("primum.setup.doctor.examine_machine", lambda *_: checks)
    with pytest.raises(typer.Exit) as end:
        doctor(as_json=True)
    assert end.value.exit_code == code
    [row] = json.loads(capsys.readouterr().out)
    assert row == {"area": "disk", "status": status, "said": "it is", "remedy": "do it"}
