#include "tests/demo-server/tools.hpp"

#include <simdjson.h>
#include <unistd.h>

#include <algorithm>
#include <optional>

#include "host/mcp/error.hpp"
#include "host/net/timer.hpp"

namespace mcpr::demo {

namespace {

constexpr std::size_t kMostBytes = 64 * 1024 * 1024;
constexpr unsigned kLongestMs = 600'000;
constexpr unsigned kMostSteps = 100'000;

constexpr std::string_view kNames[] = {"echo", "slow", "big", "fail", "progress", "events", "count"};

constexpr std::string_view kList = R"json("tools":[
{"name":"echo","title":"Echo","description":"Answers with the text, and with the value as the very bytes that came","inputSchema":{"type":"object","properties":{"text":{"type":"string"},"value":{"description":"any JSON; comes back in structuredContent"}},"required":["text"]},"annotations":{"readOnlyHint":true,"idempotentHint":true,"openWorldHint":false}},
{"name":"slow","title":"Slow","description":"Answers after a while","inputSchema":{"type":"object","properties":{"ms":{"type":"integer","minimum":0,"maximum":600000}},"required":["ms"]},"annotations":{"readOnlyHint":true}},
{"name":"big","title":"Big","description":"Answers with so many bytes of text","inputSchema":{"type":"object","properties":{"bytes":{"type":"integer","minimum":0,"maximum":67108864}},"required":["bytes"]},"annotations":{"readOnlyHint":true,"idempotentHint":true}},
{"name":"fail","title":"Fail","description":"Fails: as a tool result, a JSON-RPC error, an HTTP 500, or by closing the connection","inputSchema":{"type":"object","properties":{"how":{"type":"string","enum":["result","error","http","drop"],"default":"result"}}}},
{"name":"progress","title":"Progress","description":"Reports progress step by step, then answers","inputSchema":{"type":"object","properties":{"steps":{"type":"integer","minimum":1,"maximum":100000},"ms":{"type":"integer","minimum":0,"maximum":600000,"description":"pause before each step"}},"required":["steps"]},"annotations":{"readOnlyHint":true}},
{"name":"events","title":"Events","description":"Answers with a stream of so many events, log messages and at last the result","inputSchema":{"type":"object","properties":{"count":{"type":"integer","minimum":1,"maximum":100000}}},"annotations":{"readOnlyHint":true}},
{"name":"count","title":"Count","description":"How often this process was called, this call included","inputSchema":{"type":"object"},"outputSchema":{"type":"object","properties":{"name":{"type":"string"},"pid":{"type":"integer"},"calls":{"type":"integer"},"cancelled":{"type":"integer"},"finished":{"type":"integer"},"waiting":{"type":"integer"},"tools":{"type":"object"}},"required":["name","pid","calls","cancelled","finished","waiting","tools"]},"annotations":{"readOnlyHint":true}}
])json";

void open_answer(std::string& out, std::string_view id) {
  out.assign(R"({"jsonrpc":"2.0","id":)").append(id).append(R"(,"result":{)");
}

}  // namespace

// A call's arguments, read where they lie in the request.
struct Tools::Arguments {
  simdjson::ondemand::parser& parser;
  simdjson::ondemand::document document;
  simdjson::ondemand::object object;
  bool present = false;

  Arguments(simdjson::ondemand::parser& p, std::string_view params, std::size_t capacity) : parser(p) {
    if (params.empty() || parser.iterate(simdjson::padded_string_view(params, capacity)).get(document)) return;
    present = document["arguments"].get_object().get(object) == simdjson::SUCCESS;
  }

  // A whole number up to `most`; `fallback` where there is none, nothing where there is something else.
  std::optional<unsigned> number(std::string_view key, unsigned most, std::optional<unsigned> fallback = {}) {
    simdjson::ondemand::value value;
    if (!present || object.find_field_unordered(key).get(value)) return fallback;
    std::uint64_t got = 0;
    if (value.get_uint64().get(got) || got > most) return {};
    return static_cast<unsigned>(got);
  }

  std::optional<std::string_view> string(std::string_view key) {
    std::string_view got;
    if (!present || object.find_field_unordered(key).get_string().get(got)) return {};
    return got;
  }

  // The JSON text of a member, byte for byte.
  std::optional<std::string_view> raw(std::string_view key) {
    simdjson::ondemand::value value;
    if (!present || object.find_field_unordered(key).get(value)) return {};
    simdjson::ondemand::json_type type{};
    if (value.type().get(type)) return {};
    std::string_view text;
    if (type == simdjson::ondemand::json_type::object) {
      simdjson::ondemand::object inner;
      if (value.get_object().get(inner) || inner.raw_json().get(text)) return {};
    } else if (type == simdjson::ondemand::json_type::array) {
      simdjson::ondemand::array inner;
      if (value.get_array().get(inner) || inner.raw_json().get(text)) return {};
    } else {
      text = value.raw_json_token();
    }
    const auto last = text.find_last_not_of(" \t\r\n");
    return text.substr(0, last == std::string_view::npos ? 0 : last + 1);
  }
};

struct Tools::Running {
  Caller caller;
  std::string id, token, done;
  unsigned step = 0, steps = 0, pause_ms = 0;
  net::Timer timer;
  Pending::iterator at{};

  Running(Tools& tools, net::Loop& loop) : timer(loop, [this, &tools] { tools.step(*this); }) {}
};

Tools::Tools(net::Loop& loop, const Options& options) : loop_(loop), options_(options) {}

Tools::~Tools() = default;

std::string_view Tools::list() {
  static const std::string one_line = [] {
    std::string text(kList);
    std::erase(text, '\n');
    return text;
  }();
  return one_line;
}

void Tools::text(const Caller& caller, std::string_view id, std::string_view text, bool error,
                 std::string_view structured) {
  open_answer(answer_, id);
  answer_.append(R"("content":[{"type":"text","text":)");
  mcp::append_json_string(answer_, text);
  answer_.append("}]");
  if (!structured.empty()) answer_.append(R"(,"structuredContent":)").append(structured);
  if (error) answer_.append(R"(,"isError":true)");
  if (caller.stateless) answer_.append(R"(,"resultType":"complete")");
  answer_.append("}}");
  caller.out->answer(answer_);
}

void Tools::call(Caller caller, const mcp::Message& message, std::size_t capacity) {
  static thread_local simdjson::ondemand::parser parser;
  const std::string_view name = message.name;
  Arguments arguments(parser, message.params, capacity);
  const auto wrong = [&](std::string_view what) { text(caller, message.id, what, true); };
  const auto tool = std::find(std::begin(kNames), std::end(kNames), name);
  if (tool == std::end(kNames)) {
    return caller.out->answer(mcp::error_body(message.id, mcp::kInvalidParams, "Unknown tool: " + std::string(name)));
  }
  ++total_;
  ++per_tool_[static_cast<std::size_t>(tool - std::begin(kNames))];
  if (name == "echo") return echo(caller, message, arguments);
  if (name == "big") return big(caller, message, arguments);
  if (name == "fail") return fail(caller, message, arguments);
  if (name == "events") return events(caller, message, arguments);
  if (name == "count") return count(caller, message);
  if (name == "slow") {
    const auto ms = arguments.number("ms", kLongestMs);
    if (!ms) return wrong("slow: `ms` must be a whole number from 0 to 600000");
    return start(caller, message, 1, *ms, "slept " + std::to_string(*ms) + " ms");
  }
  const auto steps = arguments.number("steps", kMostSteps);
  const auto ms = arguments.number("ms", kLongestMs, 0u);
  if (!steps || *steps == 0 || !ms) return wrong("progress: `steps` must be 1 to 100000 and `ms` 0 to 600000");
  start(caller, message, *steps, *ms, std::to_string(*steps) + " steps done");
}

void Tools::echo(const Caller& caller, const mcp::Message& message, Arguments& arguments) {
  const auto said = arguments.string("text");
  if (!said) return text(caller, message.id, "echo: `text` must be a string", true);
  std::string structured;
  if (const auto raw = arguments.raw("value")) structured.append(R"({"value":)").append(*raw).append("}");
  text(caller, message.id, *said, false, structured);
}

void Tools::big(const Caller& caller, const mcp::Message& message, Arguments& arguments) {
  const auto bytes = arguments.number("bytes", kMostBytes);
  if (!bytes) return text(caller, message.id, "big: `bytes` must be a whole number from 0 to 67108864", true);
  constexpr std::string_view line = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-.";
  std::string filler;
  filler.reserve(*bytes);
  while (filler.size() + line.size() <= *bytes) filler.append(line);
  filler.append(line.substr(0, *bytes - filler.size()));
  text(caller, message.id, filler);
}

void Tools::fail(const Caller& caller, const mcp::Message& message, Arguments& arguments) {
  const std::string_view how = arguments.string("how").value_or("result");
  if (how == "error") {
    return caller.out->answer(mcp::error_body(message.id, mcp::kInternalError, "failed as it was told to"));
  }
  if (how == "http") {
    return caller.out->refuse(
        500, mcp::error_body(message.id, mcp::kInternalError, "failed with HTTP 500 as it was told to"));
  }
  if (how == "drop") return caller.out->drop();
  text(caller, message.id, "failed as it was told to", true);
}

void Tools::events(const Caller& caller, const mcp::Message& message, Arguments& arguments) {
  const auto count = arguments.number("count", kMostSteps, options_.sse_events);
  if (!count || *count == 0)
    return text(caller, message.id, "events: `count` must be a whole number from 1 to 100000", true);
  for (unsigned i = 1; i < *count && caller.may_log; ++i) {
    answer_.assign(
        R"({"jsonrpc":"2.0","method":"notifications/message","params":{"level":"info","logger":"events","data":"event )");
    answer_.append(std::to_string(i)).append(" of ").append(std::to_string(*count)).append(R"("}})");
    caller.out->notify(answer_);
  }
  text(caller, message.id, "the last of " + std::to_string(*count) + " events");
}

void Tools::count(const Caller& caller, const mcp::Message& message) {
  std::string facts = R"({"name":")" + options_.name + R"(","pid":)" + std::to_string(getpid()) + R"(,"calls":)" +
                      std::to_string(total_) + R"(,"cancelled":)" + std::to_string(cancelled_) + R"(,"finished":)" +
                      std::to_string(finished_) + R"(,"waiting":)" + std::to_string(pending_.size()) + R"(,"tools":{)";
  bool first = true;
  for (std::size_t i = 0; i < per_tool_.size(); ++i) {
    if (!per_tool_[i]) continue;
    facts.append(first ? "\"" : ",\"").append(kNames[i]).append("\":").append(std::to_string(per_tool_[i]));
    first = false;
  }
  facts.append("}}");
  text(caller, message.id, facts, false, facts);
}

void Tools::start(const Caller& caller, const mcp::Message& message, unsigned steps, unsigned pause_ms,
                  std::string done) {
  auto running = std::make_unique<Running>(*this, loop_);
  running->caller = caller;
  running->id = message.id;
  if (message.name == "progress") running->token = message.progress_token;
  running->steps = steps;
  running->pause_ms = pause_ms;
  running->done = std::move(done);
  // Ids are unique within a session, but the stateless era has none: there the outlet tells the requests apart.
  std::string scope(caller.scope);
  if (caller.stateless) scope = "outlet " + std::to_string(reinterpret_cast<std::uintptr_t>(caller.out.get()));
  Running& kept = *running;
  const auto [at, fresh] = pending_.emplace(std::pair(std::move(scope), std::string(message.id)), std::move(running));
  if (!fresh) {
    return caller.out->answer(
        mcp::error_body(message.id, mcp::kInvalidRequest, "this id is in use by a request that is still running"));
  }
  kept.at = at;
  if (pause_ms == 0) {
    while (kept.step + 1 < kept.steps) step(kept);
    return step(kept);
  }
  kept.timer.arm(net::Millis(pause_ms));
}

// One step is over; the last one brings the answer.
void Tools::step(Running& running) {
  ++running.step;
  if (!running.token.empty()) {
    answer_.assign(R"({"jsonrpc":"2.0","method":"notifications/progress","params":{"progressToken":)")
        .append(running.token);
    answer_.append(R"(,"progress":)").append(std::to_string(running.step)).append(R"(,"total":)");
    answer_.append(std::to_string(running.steps)).append(R"(,"message":"step )").append(std::to_string(running.step));
    answer_.append(R"("}})");
    running.caller.out->notify(answer_);
  }
  if (running.step == running.steps) return end(running);
  if (running.pause_ms) running.timer.arm(net::Millis(running.pause_ms));
}

void Tools::end(Running& running) {
  const auto kept = std::move(running.at->second);
  pending_.erase(running.at);
  ++finished_;
  text(kept->caller, kept->id, kept->done);
}

void Tools::cancel(std::string_view scope, std::string_view id) {
  const auto at = pending_.find({std::string(scope), std::string(id)});
  if (at == pending_.end()) return;
  const auto kept = std::move(at->second);
  pending_.erase(at);
  ++cancelled_;
  kept->caller.out->skip();
}

void Tools::forget(const std::string& scope) {
  for (auto at = pending_.lower_bound({scope, {}}); at != pending_.end() && at->first.first == scope;) {
    const auto kept = std::move(at->second);
    at = pending_.erase(at);
    kept->caller.out->skip();
  }
}

void Tools::client_gone(const Outlet& out) {
  const std::string scope = "outlet " + std::to_string(reinterpret_cast<std::uintptr_t>(&out));
  for (auto at = pending_.lower_bound({scope, {}}); at != pending_.end() && at->first.first == scope;) {
    ++cancelled_;
    const auto kept = std::move(at->second);
    at = pending_.erase(at);
  }
}

}  // namespace mcpr::demo
