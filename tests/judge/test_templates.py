"""Templates of a message's title and text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.judge.templates import FIELDS, check_template, fill_template

VALUES = {name: name.upper() for name in FIELDS}


def test_fields_are_replaced() -> None:
    assert fill_template("{state}: {name} {{literally}}", VALUES) == "STATE: NAME {literally}"


@given(st.text())
def test_what_a_value_contains_is_never_a_field(text: str) -> None:
    assert fill_template("<{name}>", {**VALUES, "name": text}) == f"<{text}>"


@pytest.mark.parametrize(
    "template", ["", "plain", "{name} {message}", "{{}}", *("{" + name + "}" for name in FIELDS)]
)
def test_a_template_is_accepted(template: str) -> None:
    check_template(template)
    fill_template(template, VALUES)


@pytest.mark.parametrize(
    ("template", "said"),
    [
        ("{nme}", r"has \{nme\}; the fields are alert, kind"),
        ("{}", r"has \{\}"),
        ("{name.__class__}", r"has \{name.__class__\}"),
        ("{name!r}", r"has \{name!r\}"),
        ("{name:>9999999999}", r"has \{name:>9999999999\}"),
        ("{name", "is no template"),
        ("name}", "is no template"),
    ],
)
def test_what_is_no_template_is_refused(template: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        check_template(template)
