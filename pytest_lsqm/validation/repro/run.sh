#!/usr/bin/env bash
# Starts the emulator, deploys terraform/, runs the tests in app/, destroys. Ends with the tests' exit code.
set -euo pipefail
cd "$(dirname "$0")"
PORT=@PORT@
ENDPOINT="${ENDPOINT:-}"
emulator=""
finish() { [ -z "$emulator" ] || { kill "$emulator" 2>/dev/null || true; wait "$emulator" 2>/dev/null || true; }; }
trap finish EXIT

if [ -z "$ENDPOINT" ]; then
  if [ -n "@PYTHON@" ] && [ ! -x .emulator/bin/python ]; then
    @PYTHON@ -m venv .emulator
    .emulator/bin/pip install -q --no-deps -r emulator-requirements.txt
  fi
  env @START@ >emulator.log 2>&1 &
  emulator=$!
  ENDPOINT="http://127.0.0.1:$PORT"
  for _ in $(seq 120); do
    curl -fs -o /dev/null "$ENDPOINT@HEALTH@" && break
    kill -0 "$emulator" || { tail -20 emulator.log; exit 3; }
    sleep 1
  done
fi
# The override files name this address.
[ "$ENDPOINT" = "http://127.0.0.1:$PORT" ] || sed -i "s|http://127.0.0.1:$PORT|$ENDPOINT|g" terraform/@ROOT@/zzz_lsqm*

export AWS_ENDPOINT_URL="$ENDPOINT" AWS_ACCESS_KEY_ID=@ACCOUNT@ AWS_SECRET_ACCESS_KEY=test
export AWS_DEFAULT_REGION=@REGION@ AWS_REGION=@REGION@ AWS_EC2_METADATA_DISABLED=true
[ -x .app/bin/python ] || { python3 -m venv .app; .app/bin/pip install -q -r app/requirements.txt; }

terraform="$PWD/terraform/@ROOT@"
terraform -chdir="$terraform" init -input=false
code=0
if terraform -chdir="$terraform" apply -auto-approve -input=false; then
  terraform -chdir="$terraform" show -json | .app/bin/python inputs.py
  LSQM_OUTPUTS="$PWD/outputs.json" LSQM_RESOURCES="$PWD/resources.json" .app/bin/python -m pytest app -p no:cacheprovider || code=$?
else
  code=2
fi
terraform -chdir="$terraform" destroy -auto-approve -input=false || true
exit "$code"
