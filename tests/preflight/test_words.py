"""The words of enumerations that preflight knows are those of the packages that are installed."""

from tests.preflight import words

# Those of the platform itself; `make words` renews all, which takes seconds.
OFTEN = {"acm", "dynamodb", "ec2", "ecs", "elbv2", "kms", "lambda", "logs", "rds", "s3", "sqs"}


def test_each_argument_that_takes_words_is_one_of_the_installed_sdk() -> None:
    assert words.gone(words.document()) == []
    lost = {"rows": [{"of": ["acm/Certificate validationMethod method", "acm/Certificat validationMethod"]}]}
    assert words.gone(lost) == ["acm/Certificate method", "acm/Certificat validationMethod"]


def test_the_words_are_those_that_make_words_would_write() -> None:
    found = words.document()
    rows = [row for row in found["rows"] if row["enum"].split()[0] in OFTEN]
    assert len(rows) > 150
    assert words.renewed({**found, "rows": rows}) == {**found, "rows": rows}, "make words"
    assert words.text(found) == words.FILE.read_text(encoding="utf-8")


def test_a_word_that_the_model_has_lost_stays_and_a_new_one_comes() -> None:
    row = {"enum": "acm ValidationMethod", "values": "EMAIL FAX", "of": ["acm/Certificate validationMethod"]}
    assert words.words(row) == ["EMAIL", "DNS", "HTTP", "FAX"]
