"""pytest-lsqm: which Terraform runs on which AWS emulator, since when not, and why."""
