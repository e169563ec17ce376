#!/bin/sh
mkfs -t xfs /dev/sdf && mount /dev/sdf /frames
echo "LICENSE=${license_port}@${license_server}" >> /etc/environment
systemctl start renderer
