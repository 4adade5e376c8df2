// Reading JSON-RPC messages: any bytes give messages or an error, every view lies in the text or in the reader's
// scratch, and what the reader accepts a full JSON parser accepts too and sees in the same way.
#include <array>
#include <boost/json.hpp>
#include <cstdint>
#include <cstdlib>
#include <functional>
#include <string>
#include <string_view>

#include "host/mcp/error.hpp"
#include "host/mcp/initialize.hpp"
#include "host/mcp/peek.hpp"

namespace {

namespace json = boost::json;
using mcpr::mcp::Kind;
using mcpr::mcp::Message;
using mcpr::mcp::PeekError;

void require(bool fine) {
  if (!fine) std::abort();
}

bool within(std::string_view part, std::string_view whole) {
  const std::less_equal<const char*> le;
  return le(whole.data(), part.data()) && le(part.data() + part.size(), whole.data() + whole.size());
}

json::value parse(std::string_view text, json::error_code& error) {
  json::parse_options options;
  options.max_depth = 1024;
  json::stream_parser parser({}, options);
  parser.write(text.data(), text.size(), error);
  if (!error) parser.finish(error);
  return error ? json::value() : parser.release();
}

// Lone surrogates and numbers out of range are grammar, which is what the reader checks, but not values.
bool grammatical(const json::error_code& error, std::string_view text) {
  const bool surrogates = text.find("\\ud") != text.npos || text.find("\\uD") != text.npos;
  return !error || error == json::error::exponent_overflow || surrogates;
}

// The parser keeps the last of repeated keys; those that matter here do not repeat.
const json::value* member(const json::value* of, std::string_view key) {
  const json::object* object = of ? of->if_object() : nullptr;
  return object ? object->if_contains(key) : nullptr;
}

bool is_text(const json::value* v, std::string_view text) {
  return v && v->is_string() && std::string_view(v->get_string().data(), v->get_string().size()) == text;
}

void check(const Message& m, const json::value& v) {
  const json::value* params = member(&v, "params");
  require(is_text(member(&v, "jsonrpc"), "2.0"));
  require((member(&v, "id") != nullptr) == !m.id.empty());
  require((params != nullptr) == !m.params.empty());
  require((member(&v, "result") != nullptr) == (m.kind == Kind::response));
  require((member(&v, "error") != nullptr) == (m.kind == Kind::error));
  if (m.kind == Kind::response || m.kind == Kind::error) return;
  require(is_text(member(&v, "method"), m.method) && !m.method.empty());
  require((m.kind == Kind::request) == !m.id.empty());
  const bool by_uri =
      m.method == "resources/read" || m.method == "resources/subscribe" || m.method == "resources/unsubscribe";
  const json::value* name = member(params, by_uri ? "uri" : m.method.starts_with("tasks/") ? "taskId" : "name");
  require((name && name->is_string()) == m.has_name);
  if (m.has_name) require(is_text(name, m.name));
  const json::value* meta = member(params, "_meta");
  const json::value* capabilities = member(meta, "io.modelcontextprotocol/clientCapabilities");
  require(m.has_client_capabilities == (capabilities && capabilities->is_object()));
  if (!m.protocol_version.empty()) {
    require(is_text(m.method == "initialize" ? member(params, "protocolVersion")
                                             : member(meta, "io.modelcontextprotocol/protocolVersion"),
                    m.protocol_version));
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static mcpr::mcp::Peeker peeker;
  std::string padded(reinterpret_cast<const char*>(data), size);
  padded.append(mcpr::mcp::kPadding, '}');
  const std::string_view text(padded.data(), size);
  const auto peeked = peeker.read(text);

  require(peeked.detail.empty() == (peeked.error == PeekError::none));
  require(peeked.error == PeekError::none || peeker.messages().empty());
  if (peeked.error != PeekError::parse) {
    json::error_code error;
    const json::value whole = parse(text, error);
    require(grammatical(error, text));
    if (error) return 0;
    require(whole.is_array() == peeked.batch);
    for (std::size_t i = 0; i < peeker.messages().size(); ++i) {
      const Message& m = peeker.messages()[i];
      check(m, peeked.batch ? whole.get_array()[i] : whole);
      for (const std::string_view view : std::array{m.raw, m.id, m.progress_token, m.request_id, m.params, m.result}) {
        if (view.empty()) continue;
        require(within(view, text));
        parse(view, error);
        require(!error);
      }
      for (const std::string_view view : std::array{m.method, m.name, m.protocol_version, m.log_level}) {
        require(view.empty() || within(view, text) || within(view, peeker.scratch()));
      }
    }
    // The id goes into the error answer as it is.
    parse(mcpr::mcp::error_body(peeked.id, mcpr::mcp::kInvalidRequest, peeked.detail), error);
    require(!error);
  }
  mcpr::mcp::read_initialize_result(text);
  return 0;
}
