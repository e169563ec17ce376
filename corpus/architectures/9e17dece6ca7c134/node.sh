#!/bin/sh
# A node of the pool ${pool}.
set -eu
mkdir -p /scratch
exec render-node --pool "${pool}" --threads ${threads} --scratch /scratch
