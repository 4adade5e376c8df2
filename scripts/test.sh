#!/usr/bin/env bash
# Installs what tests need, builds, and runs all tests. Prints the minutes of each step and ends with `N passed, N failed`.
#
#   scripts/test.sh                      everything that CI runs (at most 60 minutes on two cores)
#   scripts/test.sh unit conformance     single steps; what they need is built first
#   scripts/test.sh --nightly            also the long ones: every sanitizer with the whole integration set, ten repeats,
#                                        ten minutes for each fuzzer
#   scripts/test.sh --list               shows the steps
#   scripts/test.sh --no-deps ...        installs nothing
#
# Results are in build/test-results/: a log and the counts of each step.
set -uo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit 1
root=$PWD
results=$root/build/test-results
jobs=$(nproc)
fuzz_seconds=${FUZZ_SECONDS:-30}
repeats=1
nightly=false
no_deps=false

all_steps=(deps format release unit integration nacos conformance clients asan tsan fuzz tidy)
declare -A about=(
  [deps]="Debian's packages, and the independent judges (tests/tools)"
  [format]="clang-format-19 on every C and C++ file"
  [release]="the release build, and an installed copy that runs from another folder"
  [unit]="unit tests, dev build: -Werror"
  [integration]="tests/integration on the release build"
  [nacos]="tests/nacos on the release build: nacos.so with a real Nacos"
  [conformance]="the official conformance suite through the router"
  [clients]="SDK clients of three languages through the router"
  [asan]="unit tests and the short integration set with AddressSanitizer and UBSan"
  [tsan]="unit tests and the short integration set with ThreadSanitizer"
  [fuzz]="every fuzzer on its kept corpus and $fuzz_seconds s beyond it"
  [tidy]="clang-tidy-19, at zero"
)

# Minutes after which a step is ended: far above what it takes, so that a hang cannot cost the run. Four times as much by --nightly.
declare -A bound=(
  [deps]=25 [format]=3 [release]=20 [unit]=25 [integration]=12 [nacos]=15 [conformance]=6 [clients]=6 [asan]=30 [tsan]=30 [fuzz]=20 [tidy]=25
)

steps=()
in_step=false
for argument in "$@"; do
  case $argument in
    --nightly) nightly=true ;;
    --no-deps) no_deps=true ;;
    --in-step) in_step=true ;;  # our own: runs the step in this process and leaves the counting to the caller
    --list) for s in "${all_steps[@]}"; do printf '%-12s %s\n' "$s" "${about[$s]}"; done; exit 0 ;;
    --*) sed -n '2,12s/^# \{0,1\}//p' "$0" >&2; exit 2 ;;
    *) [[ -n ${about[$argument]:-} ]] || { echo "no such step: $argument (see --list)" >&2; exit 2; }
       steps+=("$argument") ;;
  esac
done
[[ ${#steps[@]} -gt 0 ]] || steps=("${all_steps[@]}")
if $nightly; then
  fuzz_seconds=${FUZZ_SECONDS:-600}
  repeats=10
fi
$in_step || rm -rf "$results"
mkdir -p "$results"
# As many file descriptors as the machine lets us have: the tests of limits open thousands of connections.
ulimit -n "$(ulimit -Hn)" 2>/dev/null || true
export CCACHE_MAXSIZE=${CCACHE_MAXSIZE:-5G}

# build PRESET [targets]: configures a preset and builds all of it, or only the targets
build() {
  local preset=$1 targets=()
  shift
  [[ $# -eq 0 ]] || targets=(--target "$@")
  cmake --preset "$preset" >"$results/$preset-configure.log" 2>&1 || { tail -n 40 "$results/$preset-configure.log"; return 1; }
  cmake --build "build/$preset" -j "$jobs" "${targets[@]}" >"$results/$preset-build.log" 2>&1 ||
    { grep -n -m 30 -A 8 'error:\|FAILED:' "$results/$preset-build.log"; return 1; }
  tail -n 1 "$results/$preset-build.log"
}

# count STEP PASSED FAILED: adds to the step's counts
count() { echo "$2 $3" >>"$results/$1.count"; }

# count_line STEP LOG: the counts of the last line `...N passed, N failed` of a runner
count_line() {
  local line
  line=$(grep -oE '[0-9]+ passed, [0-9]+ failed' "$2" | tail -n 1)
  [[ -z $line ]] || count "$1" "${line%% *}" "$(cut -d ' ' -f 3 <<<"$line")"
}

# steady_addresses PRESET: sets the caller's `steady`. ThreadSanitizer of gcc 12 cannot start where the kernel spreads addresses
# over more bits than it knows.
steady_addresses() {
  if [[ $1 == tsan ]] && setarch "$(uname -m)" -R true 2>/dev/null; then steady=(setarch "$(uname -m)" -R); fi
}

# unit_tests STEP PRESET: ctest; GoogleTest's cases are counted one by one, other programs as one each
unit_tests() {
  local step=$1 preset=$2 code=0 xml=$results/$1-$2-xml
  mkdir -p "$xml"
  local steady=()
  steady_addresses "$preset"
  GTEST_OUTPUT="xml:$xml/" "${steady[@]}" ctest --test-dir "build/$preset" --output-on-failure --no-tests=error -j "$jobs" \
    --timeout 300 --output-junit "$results/$step-$preset-ctest.xml" >"$results/$step-$preset-ctest.log" 2>&1 || code=$?
  [[ $code -eq 0 ]] || grep -v '^ *[0-9]*/[0-9]* Test.*Passed' "$results/$step-$preset-ctest.log" | tail -n 120
  # shellcheck disable=SC2046
  count "$step" $(python3 - "$results/$step-$preset-ctest.xml" "$xml" "$code" <<'PY'
import sys, xml.etree.ElementTree as tree
from pathlib import Path
junit, folder, code = sys.argv[1:]
passed = failed = files = 0
for file in Path(folder).glob("*.xml"):
    try:
        suites = tree.parse(file).getroot()
    except tree.ParseError:
        continue
    files += 1
    bad = int(suites.get("failures", 0)) + int(suites.get("errors", 0))
    passed += int(suites.get("tests", 0)) - bad - int(suites.get("disabled", 0))
    failed += bad
try:
    suite = tree.parse(junit).getroot()
    programs, bad = int(suite.get("tests", 0)), int(suite.get("failures", 0))
except (OSError, tree.ParseError):
    programs, bad = 0, 1
passed += max(0, programs - files - max(0, bad - (1 if failed else 0)))
failed = max(failed, bad)
if code != "0":
    failed = max(failed, 1)
print(passed, failed)
PY
  )
  return "$code"
}

# runner STEP PROGRAM...: a runner of our own, its output shown and kept
runner() {
  local step=$1 code=0 log=$results/$1.log
  shift
  "$@" >"$log" 2>&1 || code=$?
  if [[ $code -eq 0 ]]; then tail -n 25 "$log"; else tail -n 120 "$log"; fi
  count_line "$step" "$log"
  return "$code"
}

sources() { git ls-files -co --exclude-standard -- '*.cpp' '*.hpp' '*.c' '*.h' | grep -E '^(host|plugins|plugin-api|sdk|tests)/'; }

step_deps() {
  scripts/install-deps.sh && tests/tools/install.sh
}

step_format() {
  local bad
  bad=$(sources | xargs -r clang-format-19 --dry-run -Werror 2>&1 | sed -nE 's/^([^:]+):[0-9]+:[0-9]+: error.*/\1/p' | sort -u)
  [[ -z $bad ]] && return 0
  echo "not formatted (clang-format-19 -i would do it):"
  echo "$bad"
  return 1
}

# An installed tree must run from wherever it is put.
installed_copy_runs() {
  local prefix
  prefix=$(mktemp -d)
  cmake --install build/release --prefix "$prefix/first" >"$results/install.log" 2>&1 || { tail -n 20 "$results/install.log"; return 1; }
  mv "$prefix/first" "$prefix/moved"
  "$prefix/moved/bin/mcp-router" --version && "$prefix/moved/bin/mcp-router" --list-plugins && ls -R "$prefix/moved/lib/mcp-router"
  local code=$?
  rm -rf "$prefix"
  return "$code"
}

# The unit tests are built by dev and the sanitizers; of the release, what is installed and what other tests run.
release_targets=(mcp-router mcp-demo-server mcp-loadgen plugins/all plugin-api/all sdk/all tests/bad-plugins/all tests/hot-plugins/all tests/phone-book/all)

step_release() { build release "${release_targets[@]}" && installed_copy_runs; }

step_unit() {
  build dev || return 1
  if $nightly; then
    ctest --test-dir build/dev --repeat "until-fail:$repeats" -j "$jobs" >"$results/unit-repeat.log" 2>&1 ||
      { grep -v Passed "$results/unit-repeat.log" | tail -n 80; count unit 0 1; return 1; }
  fi
  unit_tests unit dev
}

# The caller says by built_release whether this run has built it already.
need_release() { [[ -n ${built_release:-} ]] || build release "${release_targets[@]}"; }

step_integration() { need_release && runner integration tests/integration/run.py --repeat "$repeats"; }
step_nacos() { need_release && runner nacos tests/integration/run.py --set tests/nacos --repeat "$repeats"; }
step_conformance() { need_release && runner conformance tests/conformance/run.py; }
step_clients() { need_release && runner clients tests/clients/run.py; }

# sanitized STEP PRESET: halts at the first report, so that a test program that goes on cannot hide it
sanitized() {
  local step=$1 preset=$2 short=--short
  $nightly && short=
  build "$preset" || return 1
  export ASAN_OPTIONS="halt_on_error=1:detect_leaks=1:detect_stack_use_after_return=1:strict_string_checks=1"
  export UBSAN_OPTIONS="halt_on_error=1:print_stacktrace=1"
  export TSAN_OPTIONS="halt_on_error=1:second_deadlock_stack=1:suppressions=$root/tests/tsan.supp"
  [[ -f tests/tsan.supp ]] || export TSAN_OPTIONS="halt_on_error=1:second_deadlock_stack=1"
  local code=0 steady=()
  unit_tests "$step" "$preset" || code=1
  steady_addresses "$preset"
  # shellcheck disable=SC2086
  MCPR_BUILD=$root/build/$preset runner "$step" "${steady[@]}" tests/integration/run.py $short || code=1
  unset ASAN_OPTIONS UBSAN_OPTIONS TSAN_OPTIONS
  return "$code"
}
step_asan() { sanitized asan asan; }
step_tsan() { sanitized tsan tsan; }

step_fuzz() {
  local dir=build/fuzz code=0 fuzzer name work
  cmake -S . -B "$dir" -G Ninja -DCMAKE_BUILD_TYPE=RelWithDebInfo -DCMAKE_C_COMPILER=clang-19 -DCMAKE_CXX_COMPILER=clang++-19 \
    -DMCPR_FUZZ=ON -DMCPR_SANITIZE=address,undefined >"$results/fuzz-configure.log" 2>&1 || { tail -n 40 "$results/fuzz-configure.log"; return 1; }
  cmake --build "$dir" -j "$jobs" --target tests/fuzz/all >"$results/fuzz-build.log" 2>&1 ||
    { grep -n -m 30 -A 8 'error:\|FAILED:' "$results/fuzz-build.log"; return 1; }
  local -a running=()
  for fuzzer in "$dir"/bin/fuzz_*; do
    [[ -x $fuzzer ]] || { echo "no fuzzer was built"; return 1; }
    name=$(basename "$fuzzer")
    work=$results/$name
    mkdir -p "$work/found"
    # The first folder takes what is found; the kept corpus is only read.
    ("$fuzzer" -max_total_time="$fuzz_seconds" -timeout=10 -rss_limit_mb=2048 -artifact_prefix="$work/" "$work/found" \
      "tests/fuzz/corpus/${name#fuzz_}" >"$work/log" 2>&1 && touch "$work/passed") &
    running+=("$!")
    if [[ ${#running[@]} -ge $jobs ]]; then
      wait "${running[@]}"
      running=()
    fi
  done
  wait
  for fuzzer in "$dir"/bin/fuzz_*; do
    name=$(basename "$fuzzer")
    work=$results/$name
    if [[ -f $work/passed ]]; then
      count fuzz 1 0
      echo "$name: $(grep -E '^#[0-9]+.*DONE|^Done' "$work/log" | tail -n 1)"
    else
      count fuzz 0 1
      code=1
      echo "$name failed; input and log are in $work"
      tail -n 40 "$work/log"
    fi
  done
  return "$code"
}

step_tidy() {
  [[ -f build/dev/compile_commands.json ]] || build dev || return 1
  # Only what the build compiles: for any other file clang-tidy would guess the flags.
  local files
  mapfile -t files < <(comm -12 <(jq -r '.[].file' build/dev/compile_commands.json | sed "s|^$root/||" | sort -u) \
    <(sources | grep -E '^(host|plugins|sdk|tests/demo-server|tests/bench)/.*\.cpp$' | sort))
  if printf '%s\n' "${files[@]}" | xargs -P "$jobs" -n 4 clang-tidy-19 -p build/dev --quiet >"$results/tidy.log" 2>/dev/null; then
    return 0
  fi
  grep -E '(warning|error):' "$results/tidy.log" | sort -u | head -n 60
  return 1
}

summary=()
passed_all=0
failed_all=0
bash_started=$SECONDS
run_step() {
  local step=$1 began=$SECONDS code=0 passed=0 failed=0 p f seconds
  printf '\n===== %s: %s\n' "$step" "${about[$step]}"
  # In a process of its own, whose whole group is ended when its time is over.
  local minutes=${bound[$step]} flags=()
  if $nightly; then minutes=$((minutes * 4)) flags=(--nightly); fi
  built_release=${built_release:-} timeout --kill-after=30 "${minutes}m" "$0" --in-step "${flags[@]}" "$step" &
  child=$!
  wait "$child" || code=$?
  child=
  if [[ $code -eq 124 || $code -eq 137 ]]; then echo "ended after $minutes minutes"; fi
  if [[ -f $results/$step.count ]]; then
    while read -r p f; do
      passed=$((passed + p))
      failed=$((failed + f))
    done <"$results/$step.count"
  fi
  # A step that counts nothing counts as one; one that fails without a failed test has failed all the same.
  if [[ ! -f $results/$step.count && $code -eq 0 ]]; then passed=1; fi
  if [[ $code -ne 0 && $failed -eq 0 ]]; then failed=1; fi
  seconds=$((SECONDS - began))
  passed_all=$((passed_all + passed))
  failed_all=$((failed_all + failed))
  summary+=("$(printf '| %-12s | %7d.%02d | %6d | %6d |' "$step" $((seconds / 60)) $((seconds % 60 * 100 / 60)) "$passed" "$failed")")
  printf '===== %s: %s in %d s\n' "$step" "$([[ $failed -eq 0 ]] && echo "ok" || echo "FAILED")" "$seconds"
  return "$code"
}

if $in_step; then
  "step_${steps[0]}"
  exit
fi

child=
trap '[[ -n $child ]] && kill "$child" 2>/dev/null; exit 130' INT TERM
for step in "${steps[@]}"; do
  if [[ $step == deps ]] && $no_deps; then continue; fi
  if ! run_step "$step"; then
    # Without the tools nothing else can be judged, and nothing was built.
    [[ $step == deps ]] && break
  elif [[ $step == release ]]; then
    built_release=1
  fi
done

total=$((SECONDS - bash_started))
printf '\n| %-12s | %10s | %6s | %6s |\n' step minutes passed failed
printf '|--------------|------------|--------|--------|\n'
printf '%s\n' "${summary[@]}"
printf '| %-12s | %7d.%02d | %6d | %6d |\n\n' "all" $((total / 60)) $((total % 60 * 100 / 60)) "$passed_all" "$failed_all"
echo "$passed_all passed, $failed_all failed"
[[ $failed_all -eq 0 && $passed_all -gt 0 ]]
