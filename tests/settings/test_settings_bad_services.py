"""Each mistake in the web services of a stack file."""

from collections.abc import Iterator

from tests.gathered import for_each
from tests.settings.cases import MISSING, NO_NAT, STATUS, WEB, WEB_SERVICE, Case, Refused, is_said, one


def services() -> Iterator[Case]:
    """Services."""
    yield one("another kind", f"{WEB}.kind", "cron", '"cron"', "web or worker", "web or worker")
    yield one("misspelt kind", f"{WEB}.kind", "Web", '"Web"', "web or worker", "did you mean web?")
    yield one("kind missing", f"{WEB}.kind", MISSING, "nothing", "web or worker", "add it: kind: ")
    yield from images_and_builds()
    yield one("root's port", f"{WEB}.port", 80, "80", "from 1024 to 65535", "port: 1024 or more")
    yield one("no such port", f"{WEB}.port", 65536, "65536", "from 1024 to 65535", "port: 65535 or less")
    yield one("port and path", f"{WEB}.health", ":8000/", '":8000/"', "begins with /", "health: /health")
    yield one("whole address", f"{WEB}.health", "http://localhost/", '"http://localhost/"', "begins with /", "/health")
    yield one("a space in a path", f"{WEB}.health", "/a b", '"/a b"', "without spaces", "health: /health")
    yield one("long path", f"{WEB}.health", "/" * 1025, "(1025 characters)", "at most 1024", "shorten it")
    yield one("no such memory", f"{WEB}.size.memory", 3000, "3000 (cpu: 1024)", "2048, 3072, 4096", "memory to 3072")
    yield one("memory of another size", f"{WEB}.size.memory", 512, "512 (cpu: 1024)", "2048", "or cpu to 256")
    yield one("no such cpu", f"{WEB}.size.cpu", 1000, "1000", "256, 512, 1024", "set cpu to 1024")
    yield one("cpu as ECS writes it", f"{WEB}.size.cpu", "1024", '"1024"', "256, 512, 1024", "cpu: 1024")
    for name, meant in (("amd64", "x86_64"), ("X64", "x86_64"), ("x86-64", "x86_64"), ("aarch64", "arm64")):
        key, change = f"{WEB}.size.architecture", f"did you mean {meant}?"
        yield one(f"architecture {name}", key, name, f'"{name}"', "x86_64 or arm64", change)
    yield one("tasks reversed", f"{WEB}.scale.max", 1, "1 (min: 2)", "2 to 1000", "raise max or lower min")
    yield one("one task when protected", f"{WEB}.scale.min", 1, "1 (ground", "2 or more", "set min to 2")
    yield one("no task", f"{WEB}.scale.min", 0, "0", "from 1 to 1000", "min: 1 or more")
    yield one("thresholds reversed", f"{WEB}.scale.inBelow", 60, "60 (outAbove: 60)", "0 to 59", "for example to 30")
    yield one("hours of cooldown", f"{WEB}.scale.cooldown.in", 9999, "9999", "from 0 to 3600", "in: 3600 or less")
    yield from routes()
    yield from variables_and_stores()
    yield Case("long name", {"services.a-very-long-service": WEB_SERVICE}, "services.a-very-long-service",
               'the name "a-very-long-service"', "16 characters", "a-very-long-serv")  # fmt: skip


def images_and_builds() -> Iterator[Case]:
    """What runs."""
    key, digest = f"{WEB}.image", "sha256:" + "0" * 64
    yield one("latest", key, "web:latest", '"web:latest" (ground', "other than latest", "web:<tag>")
    yield one("no tag", key, "crccheck/hello-world", '"crccheck/hello-world"', "or a digest", "hello-world:<tag>")
    yield one("port is no tag", key, "reg.example.com:5000/web", "reg.example.com:5000/web", "a digest", "web:<tag>")
    yield one("short digest", key, "web@sha256:12", '"web@sha256:12"', "[registry", "as `docker pull`")
    yield one("bad tag", key, "web:1 2", '"web:1 2"', "[:tag]", "as `docker pull`")
    yield one("capitals in a name", key, "Web:1", '"Web:1"', "name", "as `docker pull`")
    yield one("image empty", key, "", '""', "[registry[:port]/]name", "image: crccheck/hello-world:v1.0.0")
    yield Case("image and build", {f"{WEB}.build": "services/status"}, key, "image: ", "exactly one", "take one")
    yield Case("neither", {key: MISSING}, key, "image: nothing (null), build: nothing", "exactly one", "name an image")
    yield one(
        "Docker Hub without NAT",
        key,
        f"crccheck/hello-world@{digest}",
        "(groundwork:network.nat: none)",
        "private ECR",
        "set groundwork:network.nat to single or per-az",
        **{path: value for path, value in NO_NAT.items() if path != key},
    )
    yield one(
        "public ECR without NAT",
        key,
        "public.ecr.aws/nginx/nginx:1.27",
        "(groundwork:network.nat: none)",
        "private ECR",
        "copy the image to ECR",
        **{path: value for path, value in NO_NAT.items() if path != key},
    )
    key = f"{STATUS}.build"
    yield one("no such folder", key, "services/statu", '"services/statu"', "with a Dockerfile", "services/status?")
    yield one(
        "no Dockerfile", key, "services/empty", '"services/empty"', "with a Dockerfile", "services/empty/Dockerfile"
    )
    yield one("out of the project", key, "../status", '"../status"', "relative to the folder", "services/status")
    yield one("a zero byte", key, "services/\0", '"services/\\u0000"', "with a Dockerfile", "build: services/status")
    yield one("longer than a name", key, "a" * 3000, "(3000 characters)", "with a Dockerfile", "shorten it")
    yield one("a link to itself", key, "services/loop", '"services/loop"', "relative to", "for example services/status")
    yield one("from the root", key, "/etc", '"/etc"', "relative to the folder", "for example services/status")
    yield one("the project itself", key, ".", '"."', "relative to the folder", "for example services/status")


def routes() -> Iterator[Case]:
    """Who gets which requests."""
    key = f"{STATUS}.route.path"
    yield one("path without slash", key, "status*", '"status*"', "begins with /", 'path: "/*"')
    yield one("same path", key, "/*", '"/*"', "of its own", "another path", **{f"{STATUS}.route.priority": 300})
    yield one("wildcards", key, "/*/*/*/*/*/*/*", "7 in", "6 of * and ?", "take some out")
    key = f"{STATUS}.route.priority"
    new = "give whichever of web and status is new a free one, for example 201: a priority that is deployed cannot be"
    yield one("same priority", key, 200, "200", "each number once", new)
    yield one("priority zero", key, 0, "0", "from 1 to 50000", "priority: 1 or more")
    yield one(
        "hidden by a wider route", key, 300, "300 (priority of web: 200)", "1 to 199", "do not swap in one update"
    )
    yield one("host in capitals", f"{STATUS}.route.host", "App.example.com", '"App', "lower case", "app.example.com")


def variables_and_stores() -> Iterator[Case]:
    """What a service gets."""
    key = f"{WEB}.environment"
    yield one("number for text", f"{key}.WORKERS", 4, "4", "text", 'put it in quotes: WORKERS: "4"')
    yield one("truth for text", f"{key}.DEBUG", True, "true", "text", 'DEBUG: "true"')
    large = {f"TEXT_{number}": "x" * 4096 for number in range(14)}
    yield one("more than a task is told", key, large, "57754 bytes", "57344 bytes", "a bucket, or into the image")
    yield one("NUL", f"{key}.LOG_LEVEL", "a\0b", "3 characters, the NUL at 2", "any other characters", "take it out")
    yield one("bad name", f"{key}.LOG-LEVEL", "x", 'the name "LOG-LEVEL"', "letters, digits and _", "LOG_LEVEL")
    yield one("name of AWS", f"{key}.AWS_REGION", "x", 'the name "AWS_REGION"', "ECS sets", "take it out")
    yield one("generated name", f"{key}.MAIN_HOST", "x", 'the name "MAIN_HOST"', "MAIN_PORT", "rename")
    name = "MAIN_SECRET_ARN"
    yield one("generated name of a secret", f"{key}.{name}", "x", f'the name "{name}"', "MAIN_PORT", "rename")
    for name in ("DB_PASSWORD", "dbPassword", "API_TOKEN", "STRIPE_SECRET_KEY", "apiKey", "TOKEN", "AWS_CREDENTIALS"):
        yield one(f"secret {name}", f"{key}.{name}", "hunter2", "not shown", "plain values only", "Secrets Manager")
    for name, value in (
        ("access key", "AKIAIOSFODNN7EXAMPLE"),
        ("password in an address", "postgres://app:hunter2@db/app"),
        ("private key", "-----BEGIN RSA PRIVATE KEY-----"),
    ):
        yield one(f"{name} by value", f"{key}.SETTING", value, "not shown", "plain values only", "come by `uses`")
    yield one("no such store", f"{WEB}.uses.uplods", "read", 'the name "uplods"', "main, plain or uploads", "uploads?")
    yield one(
        "database read",
        f"{WEB}.uses.main",
        "read",
        '"read"',
        "write",
        "Set iamUser of the database, write main: connect",
    )
    yield one("bucket sent", f"{WEB}.uses.uploads", "readd", '"readd"', "read or write", "write uploads: read")
    yield one(
        "level as a number", f"{WEB}.uses.main", 1, "1", "read, write, send, receive, admin or call", "main: read"
    )
    yield one("long list of digits", f"{WEB}.port", "9" * 5000, "(5000 characters)", "1024 to 65535", "port: 8080")
    yield one("beyond all numbers", f"{WEB}.port", 1e21, "1e+21", "1024 to 65535", "port: 8080")
    yield one("secret in a list", f"{key}.DB_PASSWORD", ["hunter2"], "a list of 1", "text", "see docs/settings.md")
    yield one("level missing", f"{WEB}.uses.main", None, "nothing (null)", "read, write, send", "main: read")
    yield one("misplaced", f"{WEB}.cidr", "10.0.0.0/16", 'the key "cidr"', "kind, image", "groundwork:network.cidr")


CASES = list(services())


@for_each("case", CASES, name=lambda case: case.name)
def test_a_mistake_is_named_with_key_value_what_is_allowed_and_what_to_change(case: Case, refused: Refused) -> None:
    is_said(case, refused)
