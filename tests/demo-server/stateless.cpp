// Revision 2026-07-28: every request stands alone, its head and its body say the same.
#include <optional>

#include "host/mcp/error.hpp"
#include "host/mcp/headers.hpp"
#include "host/mcp/version.hpp"
#include "tests/demo-server/demo_server.hpp"

namespace mcpr::demo {

namespace {

using net::Field;

// What is wrong with a header that must repeat a value of the body; nothing when all is well.
std::optional<std::string> mismatch(const net::Headers& headers, Field field, std::string_view name,
                                    std::string_view value) {
  if (!headers.has(field)) return std::string(name) + " is missing";
  if (headers.repeated(field)) return std::string(name) + " stands twice";
  if (!mcp::header_matches(headers.get(field), value)) return std::string(name) + " differs from the body";
  return {};
}

}  // namespace

void DemoServer::on_stateless(net::HttpConnection& connection, std::string_view body, const mcp::Peeked& peeked) {
  const net::Headers& headers = connection.request().headers;
  if (peeked.batch) return refuse(connection, 400, mcp::kInvalidRequest, "there are no batches in this revision");
  const mcp::Message& one = peeker_.messages().front();
  if (one.kind == mcp::Kind::response || one.kind == mcp::Kind::error) {
    return refuse(connection, 400, mcp::kInvalidRequest, "clients send no responses in this revision");
  }
  const std::string_view version = headers.get(Field::mcp_protocol_version);
  if (version.empty()) return refuse(connection, 400, mcp::kHeaderMismatch, "MCP-Protocol-Version is missing", one.id);
  if (version != mcp::kStateless) {
    const std::string data = R"({"supported":["2026-07-28"],"requested":")" + std::string(version) + R"("})";
    return refuse(connection, 400, mcp::kUnsupportedVersion, "Unsupported protocol version", one.id, data);
  }
  if (one.kind == mcp::Kind::notification) return connection.send(202, "", "");
  const bool known = one.method == "server/discover" || one.method == "tools/list" || one.method == "tools/call";
  if (!known) {
    return refuse(connection, 404, mcp::kMethodNotFound, "Method not found: " + std::string(one.method), one.id);
  }
  if (one.protocol_version.empty() || !one.has_client_capabilities) {
    return refuse(connection, 400, mcp::kInvalidParams, "params._meta lacks protocolVersion or clientCapabilities",
                  one.id);
  }
  auto wrong = mismatch(headers, Field::mcp_protocol_version, "MCP-Protocol-Version", one.protocol_version);
  if (!wrong) wrong = mismatch(headers, Field::mcp_method, "Mcp-Method", one.method);
  if (!wrong && one.method == "tools/call") wrong = mismatch(headers, Field::mcp_name, "Mcp-Name", one.name);
  if (wrong) return refuse(connection, 400, mcp::kHeaderMismatch, *wrong, one.id);
  const auto out = std::make_shared<PostOutlet>(connection, 1, false, "");
  // Weak by address only: the outlet is alive while it calls.
  out->when_gone([this, raw = out.get()] { tools_.client_gone(*raw); });
  const char* end = body.data() + body.size() + mcp::kPadding;
  const bool may_log = one.params.find("io.modelcontextprotocol/logLevel") != std::string_view::npos;
  stateless_request({out, "", true, may_log}, one,
                    one.params.empty() ? 0 : static_cast<std::size_t>(end - one.params.data()));
}

void DemoServer::stateless_request(const Caller& caller, const mcp::Message& message, std::size_t capacity) {
  if (message.method == "tools/call") return tools_.call(caller, message, capacity);
  constexpr std::string_view cached = R"("resultType":"complete","ttlMs":60000,"cacheScope":"public")";
  std::string result = "{";
  if (message.method == "tools/list") {
    result.append(Tools::list()).append(",");
  } else {
    result.append(R"("supportedVersions":["2026-07-28")");
    if (options_.handshake) {
      for (const std::string_view version : mcp::supported()) {
        if (mcp::handshake(version)) result.append(",\"").append(version).append("\"");
      }
    }
    result.append(R"(],"capabilities":{"tools":{}},"instructions":"Tools to try a router with.",)");
    result.append(R"("_meta":{"io.modelcontextprotocol/serverInfo":{"name":")").append(options_.name);
    result.append(R"(","title":"Demo server","version":"1.0.0"}},)");
  }
  caller.out->answer(result_body(message.id, result.append(cached).append("}")));
}

}  // namespace mcpr::demo
