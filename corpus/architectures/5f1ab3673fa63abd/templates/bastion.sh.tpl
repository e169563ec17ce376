#!/bin/sh
systemctl enable --now sshd
license-server --port ${license_port} --daemon
