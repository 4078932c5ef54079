"""What `make policy-mutations` prints of a change tells what was there and what came in its place."""

import ast

from tests.policy.mutants import mutants

SOURCE = """
def judged(age, names):
    if age > 86400 and not names:
        return [name for name in names if name == "a"]
    return True
"""


def test_every_change_says_what_was_and_what_came_in_its_place() -> None:
    told = [mutant.says for mutant in mutants(ast.parse(SOURCE))]
    assert {
        "turned: 86400 -> 86401",
        "turned: True -> False",
        "gt inverted: age > 86400 -> age <= 86400",
        "gt at its edge: age > 86400 -> age >= 86400",
        "not dropped: not names -> names",
        "branch never taken: age > 86400 and (not names) -> False",
        "part 2 of and dropped: age > 86400 and (not names) -> age > 86400",
    } <= set(told)
    for text in told:
        before, after = text.partition(": ")[2].split(" -> ")
        assert before != after, text
