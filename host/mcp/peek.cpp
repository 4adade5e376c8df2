#include "host/mcp/peek.hpp"

#include <array>
#include <string>
#include <vector>

#include "host/mcp/json_walk.hpp"

namespace mcpr::mcp {
namespace {

constexpr std::size_t kKeptScratch = 1 << 20;
constexpr std::size_t kKeptMessages = 1024;

struct Key {
  std::string_view name, duplicate;
};

namespace top {
enum : unsigned { jsonrpc, id, method, params, result, error };
constexpr std::array<Key, 6> kKeys{{{"jsonrpc", "duplicate key \"jsonrpc\""},
                                    {"id", "duplicate key \"id\""},
                                    {"method", "duplicate key \"method\""},
                                    {"params", "duplicate key \"params\""},
                                    {"result", "duplicate key \"result\""},
                                    {"error", "duplicate key \"error\""}}};
}  // namespace top

namespace par {
enum : unsigned { name, uri, task_id, protocol_version, level, request_id, progress_token, meta };
constexpr std::array<Key, 8> kKeys{{{"name", "duplicate key \"params.name\""},
                                    {"uri", "duplicate key \"params.uri\""},
                                    {"taskId", "duplicate key \"params.taskId\""},
                                    {"protocolVersion", "duplicate key \"params.protocolVersion\""},
                                    {"level", "duplicate key \"params.level\""},
                                    {"requestId", "duplicate key \"params.requestId\""},
                                    {"progressToken", "duplicate key \"params.progressToken\""},
                                    {"_meta", "duplicate key \"params._meta\""}}};
}  // namespace par

namespace met {
enum : unsigned { progress_token, protocol_version, client_capabilities };
constexpr std::array<Key, 3> kKeys{{{"progressToken", "duplicate key \"params._meta.progressToken\""},
                                    {"io.modelcontextprotocol/protocolVersion",
                                     "duplicate key \"params._meta.io.modelcontextprotocol/protocolVersion\""},
                                    {"io.modelcontextprotocol/clientCapabilities",
                                     "duplicate key \"params._meta.io.modelcontextprotocol/clientCapabilities\""}}};
}  // namespace met

constexpr unsigned kOther = ~0u;

template <std::size_t N>
unsigned find(const std::array<Key, N>& keys, std::string_view key) {
  for (unsigned i = 0; i < N; ++i) {
    if (keys[i].name == key) return i;
  }
  return kOther;
}

bool is_string(std::string_view raw) { return raw.starts_with('"'); }
bool is_number(std::string_view raw) { return !raw.empty() && (raw[0] == '-' || (raw[0] >= '0' && raw[0] <= '9')); }
bool is_integer(std::string_view raw) { return is_number(raw) && raw.find_first_of(".eE") == std::string_view::npos; }

// Parts of params, kept until the method is known: it may come after them.
struct Params {
  std::array<std::string_view, par::kKeys.size()> raw;  // empty: absent
  std::string_view meta_progress_token, meta_protocol_version;
  bool client_capabilities = false;
};

}  // namespace

struct Peeker::Impl {
  JsonIndex index;
  std::string scratch;
  std::string detail;  // of a parse error; the others are literals
  std::vector<Message> messages;

  std::string_view text;
  JsonWalk* walk = nullptr;  // during read()
  Peeked out;                // the first invalid message wins

  Peeked read(std::string_view whole);
  bool element();
  bool message(Message& m, std::string_view& wrong);
  bool read_params(Params& p, std::string_view& wrong);
  bool read_meta(Params& p, std::string_view& wrong);
  std::string_view finish(Message& m, const Params& p, unsigned seen, std::string_view jsonrpc, std::string_view error);
  bool text_of(std::string_view inner, std::string_view& plain);
  bool text_in(std::string_view raw, std::string_view& plain);

  // Gives the place of the key in `keys` and notes it as seen.
  template <std::size_t N>
  bool key_of(const std::array<Key, N>& keys, std::string_view key, unsigned& seen, std::string_view& wrong,
              unsigned& which) {
    if (walk->has_escapes() && !text_of(key, key)) return walk->fail("a key holds a lone surrogate");
    which = find(keys, key);
    if (which == kOther) return true;
    if (seen & (1u << which) && wrong.empty()) wrong = keys[which].duplicate;
    seen |= 1u << which;
    return true;
  }
};

// Every string is unescaped once at most and never gets longer by it, so the room for the whole text, taken at the
// first escape, is never outgrown and views into it stay good.
bool Peeker::Impl::text_of(std::string_view inner, std::string_view& plain) {
  if (inner.find('\\') == std::string_view::npos) return plain = inner, true;
  if (scratch.capacity() < text.size()) scratch.reserve(text.size());
  const std::size_t from = scratch.size();
  if (!unescape(inner, scratch)) return false;
  plain = std::string_view(scratch).substr(from);
  return true;
}

bool Peeker::Impl::text_in(std::string_view raw, std::string_view& plain) {
  return text_of(raw.substr(1, raw.size() - 2), plain);
}

bool Peeker::Impl::read_meta(Params& p, std::string_view& wrong) {
  unsigned seen = 0;
  return walk->object([&](std::string_view key) {
    unsigned which = kOther;
    std::string_view raw;
    if (!key_of(met::kKeys, key, seen, wrong, which) || !walk->skip(raw)) return false;
    switch (which) {
      case met::progress_token: p.meta_progress_token = raw; break;
      case met::protocol_version: p.meta_protocol_version = raw; break;
      case met::client_capabilities: p.client_capabilities = raw[0] == '{'; break;
      default: break;
    }
    return true;
  });
}

bool Peeker::Impl::read_params(Params& p, std::string_view& wrong) {
  unsigned seen = 0;
  return walk->object([&](std::string_view key) {
    unsigned which = kOther;
    if (!key_of(par::kKeys, key, seen, wrong, which)) return false;
    if (which == par::meta && walk->peek() == '{') return read_meta(p, wrong);
    std::string_view raw;
    if (!walk->skip(raw)) return false;
    if (which != kOther) p.raw[which] = raw;
    return true;
  });
}

// At '{'. False: not JSON. `wrong`: JSON, but not a message.
bool Peeker::Impl::message(Message& m, std::string_view& wrong) {
  const std::size_t from = walk->offset();
  Params p;
  unsigned seen = 0;
  std::string_view jsonrpc, error;
  const bool read = walk->object([&](std::string_view key) {
    unsigned which = kOther;
    if (!key_of(top::kKeys, key, seen, wrong, which)) return false;
    std::string_view raw;
    if (which == top::params && walk->peek() == '{') {
      const std::size_t begin = walk->offset();
      if (!read_params(p, wrong)) return false;
      m.params = walk->slice(begin);
      return true;
    }
    if (!walk->skip(raw)) return false;
    switch (which) {
      case top::jsonrpc: jsonrpc = raw; break;
      case top::id: m.id = raw; break;
      case top::method: m.method = raw; break;
      case top::params: m.params = raw; break;
      case top::result: m.result = raw; break;
      case top::error: error = raw; break;
      default: break;
    }
    return true;
  });
  if (!read) return false;
  m.raw = walk->slice(from);
  if (wrong == top::kKeys[top::id].duplicate) m.id = {};
  const bool usable_id = is_string(m.id) || is_integer(m.id);
  if (wrong.empty()) wrong = finish(m, p, seen, jsonrpc, error);
  if (!wrong.empty() && !usable_id) m.id = {};
  return !walk->error();
}

// Decides what the message is. Returns what is wrong with it.
std::string_view Peeker::Impl::finish(Message& m, const Params& p, unsigned seen, std::string_view jsonrpc,
                                      std::string_view error) {
  const auto has = [seen](unsigned key) { return (seen & (1u << key)) != 0; };
  const auto plain = [this](std::string_view raw, std::string_view& out) {
    return is_string(raw) && (text_in(raw, out) || walk->fail("a string holds a lone surrogate"));
  };
  std::string_view version;
  if (!plain(jsonrpc, version) || version != "2.0") return "\"jsonrpc\" must be \"2.0\"";
  if (has(top::id) && !is_string(m.id) && !is_integer(m.id) && !(m.id == "null" && has(top::error))) {
    return "\"id\" must be a string or an integer";
  }
  if (has(top::method) && (has(top::result) || has(top::error))) return "both a method and a result or an error";
  if (has(top::result) && has(top::error)) return "both a result and an error";
  if (has(top::params) && m.params[0] != '{' && m.params[0] != '[') return "\"params\" must be an object or an array";
  if (has(top::result)) {
    m.kind = Kind::response;
    return has(top::id) ? std::string_view() : "a result without an \"id\"";
  }
  if (has(top::error)) {
    m.kind = Kind::error;
    return error[0] == '{' ? std::string_view() : "\"error\" must be an object";
  }
  if (!has(top::method)) return "neither a method nor a result nor an error";
  if (!plain(m.method, m.method)) return "\"method\" must be a string";
  if (m.method.empty()) return "\"method\" must not be empty";
  m.kind = has(top::id) ? Kind::request : Kind::notification;

  const std::string_view method = m.method;
  const bool by_uri =
      method == "resources/read" || method == "resources/subscribe" || method == "resources/unsubscribe";
  const auto subject = by_uri ? par::uri : method.starts_with("tasks/") ? par::task_id : par::name;
  m.has_name = plain(p.raw[subject], m.name);
  const auto& token = method == "notifications/progress" ? p.raw[par::progress_token] : p.meta_progress_token;
  if (is_string(token) || is_number(token)) m.progress_token = token;
  const auto& cancelled = p.raw[par::request_id];
  if (method == "notifications/cancelled" && (is_string(cancelled) || is_integer(cancelled))) m.request_id = cancelled;
  plain(method == "initialize" ? p.raw[par::protocol_version] : p.meta_protocol_version, m.protocol_version);
  if (method == "logging/setLevel") plain(p.raw[par::level], m.log_level);
  m.has_client_capabilities = p.client_capabilities;
  return {};
}

bool Peeker::Impl::element() {
  std::string_view wrong;
  Message m;
  if (walk->peek() == '{') {
    if (!message(m, wrong)) return false;
  } else {
    std::string_view raw;
    if (!walk->skip(raw)) return false;
    wrong = out.batch ? "a batch element is not an object" : "a message must be an object";
  }
  if (!wrong.empty() && out.error == PeekError::none) {
    out.error = PeekError::invalid;
    out.detail = wrong;
    out.id = m.id;
  }
  if (out.error == PeekError::none) messages.push_back(m);
  return true;
}

Peeked Peeker::Impl::read(std::string_view whole) {
  text = whole;
  out = {};
  messages.clear();
  scratch.clear();
  if (messages.capacity() > kKeptMessages) messages = {};
  if (scratch.capacity() > kKeptScratch) scratch = {};
  const auto not_json = [this](const char* what) {
    messages.clear();
    out.error = PeekError::parse;
    out.id = {};
    out.detail = what;
    return out;
  };
  if (const char* error = index.build(text)) return not_json(error);

  JsonWalk at(text, index);
  walk = &at;
  out.batch = at.peek() == '[';
  std::size_t elements = 0;
  const bool fine = out.batch ? at.array([&] { return ++elements, element(); }) : element();
  if (fine && !at.done()) at.fail("nothing may follow the message");
  walk = nullptr;
  if (at.error()) {
    detail.assign(at.error()).append(" at byte ").append(std::to_string(at.error_at()));
    const Peeked refused = not_json(at.error());
    return {refused.error, detail, refused.batch, {}};
  }
  if (out.batch && elements == 0) {
    out.error = PeekError::invalid;
    out.detail = "an empty batch";
  }
  if (out.error != PeekError::none) messages.clear();
  return out;
}

Peeker::Peeker() : impl_(std::make_unique<Impl>()) {}
Peeker::~Peeker() = default;
Peeked Peeker::read(std::string_view text) { return impl_->read(text); }
std::span<const Message> Peeker::messages() const { return impl_->messages; }
std::string_view Peeker::scratch() const { return impl_->scratch; }

}  // namespace mcpr::mcp
