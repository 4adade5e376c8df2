#!/usr/bin/env bash
# From a bare Debian 12 to a first call through the router:
#
#   scripts/quick-start.sh          installs what is needed, builds, starts two small MCP servers and the router in front of
#                                   them, makes a real call, and says what to try next
#   scripts/quick-start.sh stop     ends what it started
#   scripts/quick-start.sh status   shows what runs
#
# It can be run again at any time: what is installed, built or running already is kept.
# SERVER_PORT chooses another port than 8052. Logs are in build/quick-start/.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
bin=$root/build/release/bin
state=$root/build/quick-start
port=${SERVER_PORT:-8052}
url=http://127.0.0.1:$port
mkdir -p "$state"

say() { printf '\n== %s\n' "$*"; }
die() { printf 'quick-start: %s\n' "$*" >&2; exit 1; }

# ours NAME PROGRAM: is the process of NAME's pid file alive and still this very program, not an older build of it?
ours() {
  local pid
  [[ -f $state/$1.pid ]] && pid=$(<"$state/$1.pid") && [[ $(readlink "/proc/$pid/exe" 2>/dev/null) == "$2" ]]
}

# The pid of NAME's pid file if that process is a build of PROGRAM, be it an older one.
pid_of() {
  local pid exe
  [[ -f $state/$1.pid ]] || return 0
  pid=$(<"$state/$1.pid")
  exe=$(readlink "/proc/$pid/exe" 2>/dev/null) || return 0
  [[ ${exe% (deleted)} == "$2" ]] && echo "$pid"
  return 0
}

# wait_until SECONDS COMMAND...: polls ten times a second
wait_until() {
  local left=$(($1 * 10))
  shift
  until "$@"; do
    ((left-- > 0)) || return 1
    sleep 0.1
  done
}

ended() { [[ ! -d /proc/$1 ]]; }

end_one() {
  local name=$1 pid
  pid=$(pid_of "$name" "$2")
  if [[ -n $pid ]]; then
    kill -TERM "$pid"
    wait_until 45 ended "$pid" || { echo "$name does not end; killing it"; kill -KILL "$pid"; }
    echo "$name (pid $pid) has ended"
  fi
  rm -f "$state/$name.pid" "$state/$name.args"
}

stop_all() {
  end_one router "$bin/mcp-router"
  end_one demo-18081 "$bin/mcp-demo-server"
  end_one demo-18082 "$bin/mcp-demo-server"
}

# start NAME URL PROGRAM ARGUMENT...: unless it runs; returns when the URL answers 200
start() {
  local name=$1 ready=$2 program=$3 pid address
  shift 2
  if ours "$name" "$program" && [[ $(cat "$state/$name.args" 2>/dev/null) == "$*" ]]; then
    echo "$name runs already (pid $(<"$state/$name.pid"))"
    return
  fi
  end_one "$name" "$program" >/dev/null
  address=${ready#http://}
  address=${address%%/*}
  if (exec 3<>"/dev/tcp/${address%:*}/${address#*:}") 2>/dev/null; then
    die "$address is in use by another program$([[ $name == router ]] && echo '; choose another port with SERVER_PORT=...')"
  fi
  (cd "$root" && exec setsid "$@" >"$state/$name.log" 2>&1 </dev/null) &
  pid=$!
  echo "$pid" >"$state/$name.pid"
  echo "$*" >"$state/$name.args"
  answers() { curl -fsS -o /dev/null --max-time 2 "$ready" 2>/dev/null || { ended "$pid" && return 0; } || return 1; }
  wait_until 20 answers || die "$name does not answer at $ready; its log is $state/$name.log"
  if ended "$pid" || ! kill -0 "$pid" 2>/dev/null; then
    tail -n 20 "$state/$name.log" >&2
    rm -f "$state/$name.pid"
    die "$name could not start (is its port in use?)"
  fi
  echo "$name runs (pid $pid), ready at $ready"
}

# post JSON [curl options]: sends a message to the service `demo` and prints the answer's JSON, however it was framed
post() {
  local json=$1
  shift
  curl -fsS --max-time 15 "$url/mcp/demo" -H 'Content-Type: application/json' \
    -H 'Accept: application/json, text/event-stream' "$@" -d "$json" | sed -n -e 's/^data: \{0,1\}\(.*\)$/\1/p' -e '/^{/p'
}

show() {
  local title=$1 filter=$2
  printf '\n-- %s\n' "$title"
  jq --indent 2 "$filter"
}

case ${1:-start} in
  start) ;;
  stop) stop_all; exit 0 ;;
  status)
    for one in "router mcp-router" "demo-18081 mcp-demo-server" "demo-18082 mcp-demo-server"; do
      read -r name program <<<"$one"
      pid=$(pid_of "$name" "$bin/$program")
      if [[ -n $pid ]]; then echo "$name runs (pid $pid)"; else echo "$name does not run"; fi
    done
    exit 0 ;;
  *) sed -n '2,11s/^# \{0,1\}//p' "$0" >&2; exit 2 ;;
esac

say "1. Packages"
"$root/scripts/install-deps.sh" build

say "2. Building (the first time takes a few minutes)"
cd "$root"
cmake --preset release >"$state/configure.log" 2>&1 || { tail -n 30 "$state/configure.log" >&2; die "cmake failed"; }
cmake --build --preset release --target mcp-router mcp-demo-server plugins/all -j "$(nproc)" 2>&1 | tee "$state/build.log" | tail -n 1
[[ ${PIPESTATUS[0]} -eq 0 ]] || { grep -m 20 -A 5 'error:\|FAILED' "$state/build.log" >&2; die "the build failed; see $state/build.log"; }

say "3. Two instances of a small MCP server, and the router in front of them"
start demo-18081 http://127.0.0.1:18081/health "$bin/mcp-demo-server" --port 18081 --name demo-18081
start demo-18082 http://127.0.0.1:18082/health "$bin/mcp-demo-server" --port 18082 --name demo-18082
start router "$url/actuator/health/readiness" "$bin/mcp-router" --config "$root/config/application.yml" \
  --server.port="$port" --plugins.directory="$root/build/release/plugins"

say "4. A session through the router: $url/mcp/demo"
session() {
  local headers id version
  headers=$(mktemp)
  post '{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{},
    "clientInfo":{"name":"quick-start","version":"1"}}}' -D "$headers" >"$state/answer.json" ||
    die "initialize failed; the router's log is $state/router.log"
  show "initialize answers" .result <"$state/answer.json"
  id=$(sed -n 's/^[Mm][Cc][Pp]-[Ss]ession-[Ii][Dd]: *\([^\r]*\).*/\1/p' "$headers")
  rm -f "$headers"
  [[ -n $id ]] || die "initialize brought no session"
  version=$(jq -r .result.protocolVersion "$state/answer.json")
  local with=(-H "Mcp-Session-Id: $id" -H "MCP-Protocol-Version: $version")
  post '{"jsonrpc":"2.0","method":"notifications/initialized"}' "${with[@]}"
  post '{"jsonrpc":"2.0","id":2,"method":"tools/list"}' "${with[@]}" >"$state/answer.json"
  show "tools/list answers (names and descriptions)" '.result.tools | map({(.name): .description}) | add' <"$state/answer.json"
  post '{"jsonrpc":"2.0","id":3,"method":"tools/call","params":{"name":"echo","arguments":{"text":"Hello through the router"}}}' \
    "${with[@]}" >"$state/answer.json"
  show "tools/call echo answers" .result <"$state/answer.json"
  [[ $(jq -r '.result.content[0].text' "$state/answer.json") == "Hello through the router" ]] || die "echo answered something else"
  post '{"jsonrpc":"2.0","id":4,"method":"tools/call","params":{"name":"count","arguments":{}}}' "${with[@]}" >"$state/answer.json"
  printf '\n-- this session is on the instance %s\n' "$(jq -r '.result.structuredContent.name' "$state/answer.json")"
  curl -fsS -o /dev/null --max-time 5 -X DELETE "$url/mcp/demo" "${with[@]}" || die "the session could not be ended"
}
session

cat <<END

== 5. What to try next

  Claude Code     claude mcp add --transport http demo $url/mcp/demo
  VS Code         .vscode/mcp.json:  {"servers": {"demo": {"type": "http", "url": "$url/mcp/demo"}}}
  Inspector       npx @modelcontextprotocol/inspector --cli $url/mcp/demo --transport http --method tools/list
  older clients   HTTP+SSE at $url/sse/demo

  Add a service   Put it under mcp.router.services in config/application.yml and save: the running router takes it.
                    - name: weather
                      url: http://127.0.0.1:3001/mcp
                  It is then at $url/mcp/weather. Or without any file:
                    $bin/mcp-router --upstream weather=http://127.0.0.1:3001/mcp
  Health          curl $url/actuator/health
  Logs            $state/
  Stop            scripts/quick-start.sh stop
END
