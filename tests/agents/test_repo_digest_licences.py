"""Repo Digest: the licence of a repository, also where its text names other licences."""

import pytest

from tests.agents.repositories import packed

GPL_2 = """                    GNU GENERAL PUBLIC LICENSE
                       Version 2, June 1991

using it.  (Some other Free Software Foundation software is covered by
the GNU Lesser General Public License instead.)  You can apply it to
your programs, too.
"""
GPL_3 = """                    GNU GENERAL PUBLIC LICENSE
                       Version 3, 29 June 2007

  13. Use with the GNU Affero General Public License.
the library.  If this is what you want to do, use the GNU Lesser General
Public License instead of this License.
"""
LGPL = """                  GNU LESSER GENERAL PUBLIC LICENSE
                       Version 2.1, February 1999

ordinary GNU General Public License.  This license, the GNU Lesser
General Public License, applies to certain designated libraries, and
is quite different from the ordinary General Public License.
"""
AGPL_3 = """                    GNU AFFERO GENERAL PUBLIC LICENSE
                       Version 3, 19 November 2007

  13. Remote Network Interaction; Use with the GNU General Public License.
"""
MPL_2 = """Mozilla Public License Version 2.0
==================================

1.12. "Secondary License"
    means either the GNU General Public License, Version 2.0, the GNU Lesser General Public License, Version 2.1,
    the GNU Affero General Public License, Version 3.0, or any later versions of those licenses.
"""
BUSL = """Business Source License 1.1

Parameters

Licensed Work:        Thing 1.0
Change Date:          2030-01-01
Change License:       Apache License, Version 2.0
"""
BSD_2 = "Redistribution and use in source and binary forms, with or without modification, are permitted.\n"
BSD_3 = (
    f"{BSD_2}3. Neither the name of the copyright holder nor the names of its contributors may be used to endorse.\n"
)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        (GPL_2, "GPL-2.0"),
        (GPL_3, "GPL-3.0"),
        (LGPL, "LGPL"),
        ("GNU LIBRARY GENERAL PUBLIC LICENSE\nVersion 2, June 1991\nordinary GNU General Public License.", "LGPL"),
        (AGPL_3, "AGPL-3.0"),
        (MPL_2, "MPL-2.0"),
        (BUSL, "BUSL-1.1"),
        (BSD_2, "BSD-2-Clause"),
        (BSD_3, "BSD-3-Clause"),
    ],
)
def test_the_licence_that_a_text_names_first_is_its_own(read, text, name):
    assert read(packed({"LICENSE": text})).result["licence"] == name


@pytest.mark.parametrize("order", [1, -1])
def test_the_manifest_nearest_the_top_says_the_licence(read, order):
    files = {"package.json": '{"license": "MIT"}', "examples/deep/package.json": '{"license": "ISC"}'}
    assert read(packed(dict(list(files.items())[::order]))).result["licence"] == "MIT"
