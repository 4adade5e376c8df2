#!/usr/bin/env bash
# Installs the Debian 12 packages that mcp-router needs. What is there already is left alone, so it can be run at any time.
#
#   scripts/install-deps.sh            everything: to build, to run and to test
#   scripts/install-deps.sh build      what the quick start needs: compiler, libraries, curl and jq
#   scripts/install-deps.sh --list     prints the packages and whether they are installed, installs nothing
#
# Tools for tests that Debian 12 does not have (Node 24, the conformance suite, the SDKs, Go) are not packages of Debian's:
# tests/tools/install.sh gets them from their registries.
set -euo pipefail

build=(
  ca-certificates curl jq git procps
  cmake ninja-build g++ pkg-config ccache
  libboost1.81-dev libboost-json1.81-dev libpoco-dev libyaml-cpp-dev libsimdjson-dev libssl-dev
  libsqlite3-dev libhiredis-dev libxxhash-dev prometheus-cpp-dev
  libgrpc++-dev libprotobuf-dev protobuf-compiler
  libgtest-dev libgmock-dev
)
test=(
  clang-19 clang-tidy-19 clang-format-19 libclang-rt-19-dev
  libbenchmark-dev nginx-light haproxy redis-server wrk
  python3 python3-venv openjdk-17-jdk-headless maven
)

wanted=("${build[@]}" "${test[@]}")
list=false
for argument in "$@"; do
  case $argument in
    all) wanted=("${build[@]}" "${test[@]}") ;;
    build) wanted=("${build[@]}") ;;
    --list) list=true ;;
    *) sed -n '2,9s/^# \{0,1\}//p' "$0" >&2; exit 2 ;;
  esac
done

say() { printf 'install-deps: %s\n' "$*"; }

if ! command -v dpkg-query >/dev/null || ! grep -q '^VERSION_ID="12"' /etc/os-release 2>/dev/null; then
  say "this is not Debian 12; the packages it would install there are:"
  printf '  %s\n' "${wanted[@]}"
  exit 1
fi

installed() { [[ $(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null) == installed ]]; }

if $list; then
  for package in "${wanted[@]}"; do
    if installed "$package"; then state=$(dpkg-query -W -f '${Version}' "$package"); else state=missing; fi
    printf '%-24s %s\n' "$package" "$state"
  done
  exit 0
fi

missing=()
for package in "${wanted[@]}"; do installed "$package" || missing+=("$package"); done
if [[ ${#missing[@]} -eq 0 ]]; then
  say "all ${#wanted[@]} packages are installed"
  exit 0
fi

sudo=()
if [[ $(id -u) -ne 0 ]]; then
  command -v sudo >/dev/null || { say "run it as root, or install sudo; missing: ${missing[*]}" >&2; exit 1; }
  sudo=(sudo)
fi
say "installing ${#missing[@]} of ${#wanted[@]} packages: ${missing[*]}"
export DEBIAN_FRONTEND=noninteractive
# nginx, haproxy and redis are for tests, which start their own: no service of the machine is started or left running by this.
policy=/usr/sbin/policy-rc.d
made_policy=false
if [[ ! -e $policy ]]; then
  printf '#!/bin/sh\nexit 101\n' | "${sudo[@]}" tee "$policy" >/dev/null
  "${sudo[@]}" chmod 755 "$policy"
  made_policy=true
fi
finish() { if $made_policy; then "${sudo[@]}" rm -f "$policy"; fi; }
trap finish EXIT

apt=("${sudo[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -o Acquire::Retries=3 -o DPkg::Lock::Timeout=300)
"${apt[@]}" update -qq
"${apt[@]}" install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
say "done"
