"""The app of an attempt: a stored one, or one that a generator writes for what was deployed."""

from __future__ import annotations

import importlib.metadata
from typing import TYPE_CHECKING

from pytest_lsqm.generation.base import Brief, Resource

if TYPE_CHECKING:
    from pathlib import Path

    from pytest_lsqm.validation.attempt import Attempt


def brief(attempt: Attempt) -> Brief:
    """Return what a generator may know of an attempt."""
    resources = tuple(
        Resource(it["address"], it["type"], it["name"], it["attributes"], attempt.asked.get(it["address"], {}))
        for it in attempt.resources
    )
    folder = attempt.tools.store.terraform_folder(attempt.architecture.hash)
    return Brief(attempt.architecture, folder, resources, attempt.outputs)


def is_wanted(attempt: Attempt) -> bool:
    """Whether an app is to be written: there is none, or one that an older version of the generator wrote."""
    generator, store = attempt.tools.generator, attempt.tools.store
    if generator is None or not store.has_app(attempt.architecture.hash):
        return generator is not None
    app = store.app(attempt.architecture.hash)
    now = importlib.metadata.version("pytest-lsqm")
    return app is not None and app.model_used == generator.name and app.generator_version != now


def app_folder(attempt: Attempt) -> Path:
    """Return where the app of this attempt lies: a drafted one is laid out in the scratch folder."""
    if attempt.app is None:
        return attempt.tools.store.app_folder(attempt.architecture.hash)
    folder = attempt.scratch / "draft"
    folder.mkdir(exist_ok=True)
    for name, text in attempt.app.files.items():
        (folder / name).write_text(text)
    return folder
