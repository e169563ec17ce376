"""Apps of the CDK: what one needs, and that it runs apart from its source and from this machine."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from pytest_lsqm.discovery import cdk
from pytest_lsqm.errors import DiscoveryError
from tests.support.files import snapshot, write_tree

needs_npm = pytest.mark.skipif(
    shutil.which("npm") is None or shutil.which("node") is None, reason="npm is not here"
)

# A `cdk` that does what its `app` says, so that the runs here are those of the module and take no download.
COMMAND = r"""#!/bin/sh
[ "$1" = synth ] || exit 9
echo "$@" > "$PWD/words"
exec sh "$PWD/app.sh" "$3"
"""


@pytest.fixture
def command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of programs in front of PATH, with a `cdk`."""
    programs = write_tree(tmp_path / "programs", {"cdk": COMMAND, "node": "#!/bin/sh\n", "npm": "#!/bin/sh\n"})
    for program in programs.iterdir():
        program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{programs}:/usr/bin:/bin")
    return programs


def app(folder: Path, script: str, **config: object) -> Path:
    """Write an app that `script` plays; the folder for its templates is `$1`."""
    return write_tree(folder, {"cdk.json": json.dumps({"app": "node app.js", **config}), "app.sh": script})


def test_an_app_leaves_its_templates(tmp_path: Path, command: Path) -> None:
    source = app(tmp_path / "app", 'mkdir -p "$1" && echo {} > "$1/manifest.json"\n')
    cdk.synthesise(source, tmp_path / "out" / "0")
    assert snapshot(tmp_path / "out") == {"0/manifest.json": b"{}\n"}


def test_an_app_runs_in_a_copy(tmp_path: Path, command: Path) -> None:
    source = app(tmp_path / "app", 'mkdir "$1"; ls -A > seen; cp seen "$1/manifest.json"; rm cdk.json\n')
    write_tree(
        source, {".npmrc": "registry=x", "node_modules/a/b": "", ".git/config": "", "lib/node_modules/x": ""}
    )
    before = snapshot(source)
    cdk.synthesise(source, tmp_path / "out")
    assert snapshot(source) == before
    assert (tmp_path / "out" / "manifest.json").read_text().split() == [
        "app.sh",
        "cdk.json",
        "lib",
        "seen",
        "words",
    ]


def test_an_app_may_read_what_lies_beside_it_in_its_package(tmp_path: Path, command: Path) -> None:
    source = app(tmp_path / "package" / "app", 'mkdir "$1"; cp ../shared.json "$1/manifest.json"\n')
    write_tree(tmp_path / "package", {"shared.json": '{"a": 1}'})
    cdk.synthesise(source, tmp_path / "out", top=tmp_path / "package")
    assert (tmp_path / "out" / "manifest.json").read_text() == '{"a": 1}'


def test_an_app_sees_neither_credentials_nor_indexes_nor_the_users_home(
    tmp_path: Path, command: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    secrets = ("AWS_ACCESS_KEY_ID", "AWS_PROFILE", "PIP_INDEX_URL", "NPM_CONFIG_REGISTRY", "HTTPS_PROXY", "TOKEN")
    for name in secrets:
        monkeypatch.setenv(name, "secret")
    source = app(tmp_path / "app", 'mkdir "$1"; env > "$1/manifest.json"\n')
    cdk.synthesise(source, tmp_path / "out")
    seen = dict(line.split("=", 1) for line in (tmp_path / "out" / "manifest.json").read_text().splitlines())
    assert not set(secrets) & set(seen)
    assert seen["HOME"] != str(Path.home())
    assert (seen["CDK_DEFAULT_ACCOUNT"], seen["CDK_DEFAULT_REGION"]) == ("000000000000", "us-east-1")
    assert seen["AWS_EC2_METADATA_DISABLED"] == "true"


def test_nothing_is_looked_up_in_an_account_or_told_to_anybody(tmp_path: Path, command: Path) -> None:
    source = app(tmp_path / "app", 'mkdir "$1"; cp words "$1/manifest.json"; env > "$1/env"\n')
    cdk.synthesise(source, tmp_path / "out")
    words = (tmp_path / "out" / "manifest.json").read_text().split()
    assert {"--no-lookups", "--no-notices", "--no-version-reporting"} <= set(words)
    assert "CDK_DISABLE_CLI_TELEMETRY=true" in (tmp_path / "out" / "env").read_text().splitlines()


@pytest.mark.parametrize(
    ("script", "reason"),
    [
        (
            "echo more >&2; echo 'TypeError: x is no function' >&2; echo 'it failed' >&2; exit 1",
            "x is no function",
        ),
        ("echo 'only this'; exit 3", "it cannot be synthesised: only this"),
        ("printf '\\033[31mred\\033[0m\\n' >&2; exit 1", "it cannot be synthesised: red"),
        ("exit 3", "it ended with exit code 3 without a word"),
        ('mkdir "$1"', "it was synthesised, and left no templates"),
        ("sleep 60", "it cannot be synthesised within the time that there is for it"),
    ],
)
def test_an_app_that_fails_is_refused_in_its_own_words(
    tmp_path: Path, command: Path, script: str, reason: str
) -> None:
    source = app(tmp_path / "app", f"{script}\n")
    with pytest.raises(DiscoveryError) as caught:
        cdk.synthesise(source, tmp_path / "out" / "0", timeout=1.5)
    assert reason in str(caught.value)
    assert list((tmp_path / "out").iterdir()) == []


def test_what_an_app_says_does_not_name_the_folder_of_its_copy(tmp_path: Path, command: Path) -> None:
    source = app(tmp_path / "app", 'echo "Error: no $PWD/lambda in $HOME" >&2; exit 1\n')
    with pytest.raises(DiscoveryError, match=r"Error: no lambda in …/home$"):
        cdk.synthesise(source, tmp_path / "out")


def test_packages_are_installed_as_their_lock_says_without_their_scripts(tmp_path: Path, command: Path) -> None:
    (command / "npm").write_text('#!/bin/sh\necho "$@" >> npm-words; env > npm-env\n')
    source = app(tmp_path / "app", 'mkdir "$1"; cat npm-words > "$1/manifest.json"; cp npm-env "$1/env"\n')
    write_tree(source, {"package.json": "{}", "package-lock.json": "{}"})
    cdk.synthesise(source, tmp_path / "out")
    assert (tmp_path / "out" / "manifest.json").read_text().split()[:2] == ["ci", "--ignore-scripts"]


def test_the_installer_is_told_of_the_index_that_the_app_is_not(
    tmp_path: Path, command: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NPM_CONFIG_REGISTRY", "http://127.0.0.1:9/")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "secret")
    (command / "npm").write_text("#!/bin/sh\nenv > npm-env\n")
    source = app(tmp_path / "app", 'mkdir "$1"; cp npm-env "$1/manifest.json"\n')
    write_tree(source, {"package.json": "{}"})
    cdk.synthesise(source, tmp_path / "out")
    seen = (tmp_path / "out" / "manifest.json").read_text()
    assert "NPM_CONFIG_REGISTRY=http://127.0.0.1:9/" in seen
    assert "secret" not in seen


def test_an_app_whose_program_is_absent_is_built_first(tmp_path: Path, command: Path) -> None:
    (command / "npm").write_text('#!/bin/sh\necho "$1 $2" >> npm-words\n')
    source = app(tmp_path / "app", 'mkdir "$1"; cp npm-words "$1/manifest.json"\n', app="node bin/app.js")
    write_tree(source, {"package.json": '{"scripts": {"build": "tsc"}}'})
    cdk.synthesise(source, tmp_path / "out")
    assert (tmp_path / "out" / "manifest.json").read_text().splitlines()[-1] == "run build"


def test_an_app_in_python_has_an_environment_of_its_own(tmp_path: Path, command: Path) -> None:
    script = 'mkdir "$1"; python3 -c "import sys; print(sys.prefix)" > "$1/manifest.json"\n'
    source = app(tmp_path / "app", script, app="python3 app.py")
    cdk.synthesise(source, tmp_path / "out")
    assert (tmp_path / "out" / "manifest.json").read_text().rstrip().endswith("/package/.venv")


def test_an_app_that_leads_out_of_its_package_is_refused(tmp_path: Path, command: Path) -> None:
    source = app(tmp_path / "app", "")
    (source / "link").symlink_to("/etc")
    with pytest.raises(DiscoveryError, match="a link that leads out"):
        cdk.synthesise(source, tmp_path / "out")


@pytest.mark.parametrize(
    ("config", "files", "lacking"),
    [
        ("node app.js", {}, None),
        ("npx ts-node bin/app.ts", {"package.json": "{}"}, None),
        ("ts-node bin/app.ts", {"package.json": "{}"}, None),
        ("python3 app.py", {}, None),
        (".venv/bin/python app.py", {}, None),
        ("./gradlew run", {}, None),
        ("mvn -e -q compile exec:java", {}, "needs mvn, which is not here"),
        ("go mod download && go run app.go", {"package.json": "{}"}, "needs go, which is not here"),
        ("dotnet run", {}, "needs dotnet, which is not here"),
        ("ts-node app.ts", {}, "needs ts-node, which is not here"),
    ],
)
def test_what_an_app_needs_and_is_not_here_is_named(
    tmp_path: Path,
    command: Path,
    monkeypatch: pytest.MonkeyPatch,
    config: str,
    files: dict[str, str],
    lacking: str | None,
) -> None:
    monkeypatch.setenv("PATH", str(command))
    source = write_tree(app(tmp_path / "app", "", app=config), files)
    assert cdk.missing(source) == lacking


@pytest.mark.parametrize("absent", ["node", "npm"])
def test_the_cdk_itself_needs_node_and_npm(
    tmp_path: Path, command: Path, monkeypatch: pytest.MonkeyPatch, absent: str
) -> None:
    (command / absent).unlink()
    monkeypatch.setenv("PATH", str(command))
    source = app(tmp_path / "app", "", app="python3 app.py")
    with pytest.raises(DiscoveryError, match=f"needs {absent}, which is not here"):
        cdk.synthesise(source, tmp_path / "out")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("{}", "cdk.json does not say how to run the app"),
        ("{", "cdk.json cannot be read"),
        ("[]", "cdk.json is no mapping"),
        ('{"app": "node \'x"}', "the app in cdk.json cannot be read"),
    ],
)
def test_a_configuration_that_says_nothing_is_refused(tmp_path: Path, text: str, reason: str) -> None:
    write_tree(tmp_path, {"cdk.json": text})
    with pytest.raises(DiscoveryError, match=reason):
        cdk.missing(tmp_path)


# The CDK itself


@pytest.mark.slow
@needs_npm
def test_a_real_app_is_synthesised(tmp_path: Path) -> None:
    source = write_tree(
        tmp_path / "app",
        {
            "cdk.json": '{"app": "node app.js"}',
            "package.json": '{"dependencies": {"aws-cdk-lib": "^2.200.0", "constructs": "^10.4.0"}}',
            "lambda/index.js": "exports.handler = async () => 1\n",
            "app.js": """
                const cdk = require('aws-cdk-lib')
                const lambda = require('aws-cdk-lib/aws-lambda')
                const sqs = require('aws-cdk-lib/aws-sqs')
                class Shop extends cdk.Stack {
                  constructor(scope, id, props) {
                    super(scope, id, props)
                    new sqs.Queue(this, 'Queue', {queueName: `orders-${this.account}`})
                    new lambda.Function(this, 'Function', {
                      runtime: lambda.Runtime.NODEJS_22_X,
                      handler: 'index.handler',
                      code: lambda.Code.fromAsset('lambda'),
                    })
                  }
                }
                const app = new cdk.App()
                const env = {account: process.env.CDK_DEFAULT_ACCOUNT, region: process.env.CDK_DEFAULT_REGION}
                new Shop(app, 'Plain', {env})
                new Shop(new cdk.Stage(app, 'Live'), 'Staged')
                """,
        },
    )
    before = snapshot(source)
    out = tmp_path / "out"
    cdk.synthesise(source, out)
    found = {name: (template, assets) for name, template, assets in cdk.templates(out)}
    assert sorted(found) == ["Live-Staged", "Plain"]
    for template, assets in found.values():
        assert list(template) == ["Resources"]
        kinds = {name: each["Type"] for name, each in template["Resources"].items()}
        assert sorted(kinds.values()) == ["AWS::IAM::Role", "AWS::Lambda::Function", "AWS::SQS::Queue"]
        ((function, asset),) = assets.items()
        assert kinds[function] == "AWS::Lambda::Function"
        assert (out / asset / "index.js").is_file()
    queues = [each for each in found["Plain"][0]["Resources"].values() if each["Type"] == "AWS::SQS::Queue"]
    assert queues[0]["Properties"]["QueueName"] == "orders-000000000000"
    assert snapshot(source) == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["app", "out"]
