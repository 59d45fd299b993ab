# What the scripts share. Each script is run with an endpoint in AWS_ENDPOINT_URL, on a world of its own; it ends
# with 0 when everything was answered as AWS documents it, and prints how many calls it made. PYTHON has the AWS CLI.
set -euo pipefail
export AWS_ACCESS_KEY_ID=AKIACLI AWS_SECRET_ACCESS_KEY=x AWS_PAGER='' AWS_MAX_ATTEMPTS=1
export AWS_REGION=${AWS_REGION:-eu-west-1} AWS_DEFAULT_REGION=${AWS_REGION:-eu-west-1}
calls=0
work=$(mktemp -d); cli=
trap '[ -z "$cli" ] || kill "$cli" 2>/dev/null || true; rm -rf "$work"' EXIT
printf '[default]\ns3 =\n  addressing_style = path\n' >"$work/config"; export AWS_CONFIG_FILE=$work/config
mkfifo "$work/in" "$work/codes"
"${PYTHON:-python3}" "$(dirname "${BASH_SOURCE[0]}")/aws.py" "$work/out" "$work/err" <"$work/in" >"$work/codes" & cli=$!
exec 3>"$work/in" 4<"$work/codes"

# aws ARGUMENT...: a call of the AWS CLI; its output is in $work/out and $work/err.
aws() {
  local code
  calls=$((calls + 1))
  { printf '%d\0' $#; printf '%s\0' "$@"; } >&3
  read -r code <&4
  return "$code"
}

# ask ARGUMENT...: the call must succeed; keeps what it says in $said.
ask() {
  aws --output json "$@" || { echo "failed: aws $*: $(cat "$work/err")" >&2; exit 1; }
  said=$(cat "$work/out")
}

# refuse CODE ARGUMENT...: the call must fail with this error code.
refuse() {
  local code=$1; shift
  if aws --output json "$@"; then echo "accepted: aws $*" >&2; exit 1; fi
  grep -q "($code)" "$work/err" || { echo "aws $*: expected $code, got: $(cat "$work/err")" >&2; exit 1; }
}

# get PATH: a value of what was said last, by a path of keys and numbers: get Vpc.VpcId
get() {
  "${PYTHON:-python3}" -c 'import json, sys
value = json.loads(sys.argv[1])
for part in sys.argv[2].split("."):
    value = value[int(part)] if isinstance(value, list) else value.get(part)
print(json.dumps(value) if isinstance(value, (dict, list, bool)) or value is None else value)' "$said" "$1"
}

# is PATH VALUE: what was said last has this value there.
is() {
  local found; found=$(get "$1")
  [ "$found" = "$2" ] || { echo "$1 is $found, not $2, in: $said" >&2; exit 1; }
}

finish() { echo "$(basename "$0" .sh): $calls calls"; }
