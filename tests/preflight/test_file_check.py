"""Files and folders that a program hands on are there, or each one that is missing is told with its line."""

from pathlib import Path

from tests.preflight.cli_support import Project
from tests.preflight.recorder_support import job, work, write

PROGRAM = """import pulumi
import pulumi_aws as aws
import pulumi_docker_build as docker_build

ARN = "arn:aws:iam::123456789012:role/app"
asset, archive = pulumi.FileAsset, pulumi.FileArchive

class Remote(pulumi.ComponentResource):
    def __init__(self, name, page):
        super().__init__("shop:index:Site", name, {"page": page}, None, remote=True)

def code(name, value):
    aws.lambda_.Function(name, role=ARN, runtime="python3.12", handler="a.b", code=value)

bucket = aws.s3.Bucket("files")
aws.s3.BucketObjectv2("page", bucket="b", source=asset("PAGE"))
aws.s3.BucketObjectv2("held", bucket="b", source=asset("page.html"))
aws.s3.BucketObjectv2("text", bucket="b", source=pulumi.StringAsset("nope"))
aws.s3.BucketObjectv2("web", bucket="b", source=pulumi.RemoteAsset("https://example.org/nope"))
aws.s3.BucketObjectv2("made", bucket="b", source=bucket.id.apply(lambda _: asset("made-by-another")))
code("folder", archive("./FOLDER"))
code("inside", pulumi.AssetArchive({"a.py": asset("page.html"), "more": pulumi.AssetArchive({"b": archive("INSIDE")})}))
Remote("site", {"deep": [asset("REMOTE")]})
docker_build.Image("image", push=False, context={"location": "CONTEXT"})
docker_build.Image("away", push=False, context={"location": "https://github.com/docker/buildx.git"})
"""
THERE = {"PAGE": "page.html", "FOLDER": "app", "INSIDE": "app", "REMOTE": "page.html", "CONTEXT": "app"}


def _program(tmp_path: Path, **there: str) -> str:
    (tmp_path / "app").mkdir()
    (tmp_path / "page.html").touch()
    text = PROGRAM
    for word, path in there.items():
        text = text.replace(word, path)
    return text


def _line(text: str) -> int:
    return next(number for number, line in enumerate(PROGRAM.splitlines(), 1) if text in line)


def test_each_file_that_is_missing_is_told_with_its_line_and_nothing_else_is(tmp_path: Path) -> None:
    project = Project(tmp_path)
    project.write("__main__.py", _program(tmp_path))
    stack = project.report()["stacks"]["dev"]
    assert stack["summary"]["exitCode"] == 2
    there = " (looked for in the program's working directory)"
    told = [(each["kind"], each["source"], each["message"].partition(" '")[2]) for each in stack["errors"]]
    assert told == [
        ("refused", f"__main__.py:{_line(place)}", f"{said}{there}")
        for place, said in (
            ("    aws.lambda_", "folder': code: there is no such folder or archive: './FOLDER'"),
            ("    aws.lambda_", "inside': code: there is no such folder or archive: 'INSIDE'"),
            ('"PAGE"', "page': source: there is no such file: 'PAGE'"),
            ('Remote("site', "site': page: there is no such file: 'REMOTE'"),
            ('"CONTEXT"', "image': context.location: there is no such file or folder: 'CONTEXT'"),
        )
    ]


def test_a_program_whose_files_are_there_is_not_refused(tmp_path: Path) -> None:
    text = _program(tmp_path, **THERE)
    for mode in ("preview", "update"):
        assert work(job(write(tmp_path, text), mode))["ok"], mode


def test_a_folder_where_a_file_belongs_and_a_file_that_is_no_archive_are_refused_in_both_modes(tmp_path: Path) -> None:
    text = _program(tmp_path, **{**THERE, "PAGE": "app", "FOLDER": "page.html"})
    for mode in ("preview", "update"):
        errors = work(job(write(tmp_path, text), mode))["errors"]
        assert [each["kind"] for each in errors] == ["refused", "refused"]
        said = " ".join(each["message"] for each in errors)
        assert "'app' (looked for in the program's working directory) is a folder, where a file is wanted" in said
        assert (
            "'./page.html' (looked for in the program's working directory) is neither a folder nor an archive" in said
        )


def test_paths_count_from_the_folder_that_main_names_and_a_secret_one_is_not_shown(tmp_path: Path) -> None:
    (tmp_path / "web").mkdir()
    (tmp_path / "web" / "page.html").touch()
    lines = "\n".join(PROGRAM.splitlines()[:6])
    text = f"""{lines}
aws.s3.BucketObjectv2("page", bucket="b", source=asset("page.html"))
aws.s3.BucketObjectv2("kept", bucket="b", source=pulumi.Output.secret(asset("hidden/way")))
"""
    write(tmp_path, "")
    (tmp_path / "web" / "__main__.py").write_text(text)
    (error,) = work(job(tmp_path, main="web"))["errors"]
    assert error["message"].endswith("source: there is no such file: a path that is secret")


def test_a_passing_checkout_is_not_asked_for_what_is_built(tmp_path: Path) -> None:
    directory = write(tmp_path, _program(tmp_path))
    assert work(job(directory, knownAs="/somewhere/else"))["ok"]
