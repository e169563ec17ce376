"""The licence of a package, by the beginning of the text that it brings."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pytest_lsqm.discovery import licences

if TYPE_CHECKING:
    from pathlib import Path

GRANT = "Permission is hereby granted, free of charge, to any person obtaining a copy of this software and"
BSD = "Redistribution and use in source and binary forms, with or without modification, are permitted.\n\n"
KEEP = "1. Redistributions of source code must retain the above copyright notice.\n"
NEITHER = "3. Neither the name of the copyright holder nor the names of its contributors may be used to endorse.\n"

TEXTS = {
    "Apache-2.0": f"{'Apache License':^70}\n{'Version 2.0, January 2004':^70}\n",
    "MPL-2.0": "Mozilla Public License Version 2.0\n==================================\n\n1. Definitions\n",
    "MIT": f"MIT License\n\nCopyright (c) 2020 Somebody\n\n{GRANT}\n",
    "MIT-0": f"MIT No Attribution\n\nCopyright Somebody.\n\n{GRANT}\n",
    "AGPL-3.0": f"{'GNU AFFERO GENERAL PUBLIC LICENSE':^70}\n{'Version 3, 19 November 2007':^70}\n",
    "LGPL-3.0": f"{'GNU LESSER GENERAL PUBLIC LICENSE':^70}\n{'Version 3, 29 June 2007':^70}\n",
    "GPL-3.0": f"{'GNU GENERAL PUBLIC LICENSE':^70}\n{'Version 3, 29 June 2007':^70}\n",
    "GPL-2.0": f"{'GNU GENERAL PUBLIC LICENSE':^70}\n{'Version 2, June 1991':^70}\n",
    "BSD-3-Clause": f"BSD 3-Clause License\n\nCopyright (c) 2020, Somebody\n\n{BSD}{KEEP}{NEITHER}",
    "BSD-2-Clause": f"BSD 2-Clause License\n\nCopyright (c) 2020, Somebody\n\n{BSD}{KEEP}",
    "Unlicense": "This is free and unencumbered software released into the public domain.\n",
    "ISC": "ISC License\n\nCopyright (c) 2020 Somebody\n\nPermission to use, copy, modify, and/or distribute\n"
    "this software for any purpose with or without fee is hereby granted.\n",
}


@pytest.mark.parametrize("spdx", TEXTS)
def test_a_licence_is_known_by_its_text(tmp_path: Path, spdx: str) -> None:
    (tmp_path / "LICENSE").write_text(TEXTS[spdx])
    assert licences.stated(tmp_path) == spdx


def test_the_grant_of_the_mit_licence_is_enough(tmp_path: Path) -> None:
    (tmp_path / "LICENSE").write_text(f"Copyright (c) 2020 Somebody\n\n{GRANT}\n")
    assert licences.stated(tmp_path) == "MIT"


@pytest.mark.parametrize(
    "name", ["LICENSE", "LICENCE", "COPYING", "LICENSE.md", "LICENCE.md", "LICENSE.txt", "LICENCE.txt", "license"]
)
def test_the_file_may_have_any_of_the_usual_names(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text(TEXTS["MIT"])
    assert licences.stated(tmp_path) == "MIT"


def test_another_name_states_none(tmp_path: Path) -> None:
    (tmp_path / "README.md").write_text(TEXTS["MIT"])
    assert licences.stated(tmp_path) is None


@pytest.mark.parametrize("text", ["", "All rights reserved.\n", "GNU GENERAL PUBLIC LICENSE\n", "MIT\n"])
def test_a_text_that_nobody_knows_states_none(tmp_path: Path, text: str) -> None:
    (tmp_path / "LICENSE").write_text(text)
    assert licences.stated(tmp_path) is None


def test_without_a_file_none_is_stated(tmp_path: Path) -> None:
    assert licences.stated(tmp_path) is None


def test_a_link_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").write_text(TEXTS["MIT"])
    (tmp_path / "package").mkdir()
    (tmp_path / "package" / "LICENSE").symlink_to(tmp_path / "elsewhere")
    assert licences.stated(tmp_path / "package") is None


def test_a_folder_of_the_name_is_passed_over(tmp_path: Path) -> None:
    (tmp_path / "LICENSE").mkdir()
    (tmp_path / "LICENSE.txt").write_text(TEXTS["MIT"])
    assert licences.stated(tmp_path) == "MIT"


def test_what_is_no_text_does_no_harm(tmp_path: Path) -> None:
    (tmp_path / "LICENSE").write_bytes(b"\xff\xfe\x00" + TEXTS["Apache-2.0"].encode())
    assert licences.stated(tmp_path) == "Apache-2.0"


def test_only_the_beginning_is_looked_at(tmp_path: Path) -> None:
    (tmp_path / "LICENSE").write_text("x" * 100_000 + TEXTS["MIT"])
    assert licences.stated(tmp_path) is None
