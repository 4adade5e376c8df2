#include "tests/bench/workload.hpp"

#include <charconv>

namespace mcpr::bench {
namespace {

constexpr std::string_view kVersion = "2025-11-25";

std::string head(const Workload& workload, std::string_view verb, std::string_view session) {
  std::string out;
  out.append(verb).append(" ").append(workload.path).append(" HTTP/1.1\r\nHost: 127.0.0.1:");
  out.append(std::to_string(workload.port)).append("\r\nUser-Agent: mcp-loadgen\r\n");
  if (verb == "GET") {
    out.append("Accept: text/event-stream\r\n");
  } else {
    out.append("Accept: application/json, text/event-stream\r\nContent-Type: application/json\r\n");
  }
  if (!session.empty()) {
    out.append("Mcp-Session-Id: ").append(session).append("\r\nMCP-Protocol-Version: ").append(kVersion).append("\r\n");
  }
  return out;
}

std::string post(const Workload& workload, std::string_view session, std::string_view body) {
  std::string out = head(workload, "POST", session);
  return out.append("Content-Length: ").append(std::to_string(body.size())).append("\r\n\r\n").append(body);
}

std::string call_body(const Workload& workload, std::string_view id) {
  std::string out = R"({"jsonrpc":"2.0","id":)";
  out.append(id).append(R"(,"method":"tools/call","params":{"name":")").append(workload.tool_prefix);
  switch (workload.mode) {
    case Mode::big:
      return out.append(R"(big","arguments":{"bytes":)").append(std::to_string(workload.answer_bytes)).append("}}}");
    case Mode::sse:
      return out.append(R"(events","arguments":{"count":)").append(std::to_string(workload.events)).append("}}}");
    default: break;
  }
  out.append(R"(echo","arguments":{"text":"call )").append(id).append(" ");
  constexpr std::string_view end = R"("}}})";
  if (out.size() + end.size() < workload.body_bytes) out.append(workload.body_bytes - end.size() - out.size(), '.');
  return out.append(end);
}

std::string digits(std::uint64_t id) { return std::to_string(id); }

// `"id":<id>` as a whole, wherever it stands.
bool carries_id(std::string_view body, std::string_view id) {
  for (std::size_t at = body.find(id); at != std::string_view::npos; at = body.find(id, at + 1)) {
    if (at < 5) continue;
    std::size_t before = at;
    while (before > 0 && body[before - 1] == ' ') --before;
    const char after = at + id.size() < body.size() ? body[at + id.size()] : '\0';
    if (body.substr(0, before).ends_with("\"id\":") && (after < '0' || after > '9')) return true;
  }
  return false;
}

// Lines that begin with `data:` and hold something.
unsigned count_events(std::string_view body) {
  unsigned count = 0;
  for (std::size_t at = 0; at < body.size();) {
    std::size_t end = body.find('\n', at);
    if (end == std::string_view::npos) end = body.size();
    const std::string_view line = body.substr(at, end - at);
    if (line.starts_with("data:") && line.size() > 7) ++count;
    at = end + 1;
  }
  return count;
}

}  // namespace

std::string initialize_request(const Workload& workload, std::uint64_t id) {
  std::string body = R"({"jsonrpc":"2.0","id":)" + digits(id);
  body.append(R"(,"method":"initialize","params":{"protocolVersion":")").append(kVersion);
  body.append(R"(","capabilities":{},"clientInfo":{"name":"mcp-loadgen","version":"1"}}})");
  return post(workload, {}, body);
}

std::string initialized_request(const Workload& workload, std::string_view session) {
  return post(workload, session, R"({"jsonrpc":"2.0","method":"notifications/initialized"})");
}

std::string stream_request(const Workload& workload, std::string_view session) {
  return head(workload, "GET", session) + "\r\n";
}

CallTemplate::CallTemplate(const Workload& workload, std::string_view session) {
  const std::string id(kIdDigits, '9');
  const std::string body = call_body(workload, id);
  bytes_ = post(workload, session, body);
  const std::size_t from = bytes_.size() - body.size();
  id_at_ = bytes_.find(id, from);
  text_at_ = bytes_.find("call " + id, from);
  if (text_at_ != kNone) text_at_ += 5;
}

std::string_view CallTemplate::with_id(std::uint64_t id) {
  std::to_chars(bytes_.data() + id_at_, bytes_.data() + id_at_ + kIdDigits, id);
  if (text_at_ != kNone) std::to_chars(bytes_.data() + text_at_, bytes_.data() + text_at_ + kIdDigits, id);
  return bytes_;
}

const char* wrong_with(const Workload& workload, std::uint64_t id, unsigned status, std::string_view body) {
  if (status != 200) return "the status is not 200";
  const std::string wanted = digits(id);
  if (!carries_id(body, wanted)) return "the answer does not carry the id of its request";
  if (body.find("\"result\"") == std::string_view::npos) return "the answer is no result";
  if (body.find("\"isError\":true") != std::string_view::npos) return "the tool failed";
  switch (workload.mode) {
    case Mode::plain:
      return body.find("call " + wanted) != std::string_view::npos ? nullptr : "the text is not the one sent";
    case Mode::big: return body.size() >= workload.answer_bytes ? nullptr : "the answer is too short";
    case Mode::sse: return count_events(body) == workload.events ? nullptr : "not as many events as asked for";
    default: return nullptr;
  }
}

const char* wrong_with_initialize(std::uint64_t id, unsigned status, std::string_view body) {
  if (status != 200) return "initialize: the status is not 200";
  if (!carries_id(body, digits(id))) return "initialize: the answer does not carry the id of its request";
  return body.find("\"protocolVersion\"") != std::string_view::npos ? nullptr : "initialize: no result";
}

}  // namespace mcpr::bench
