#include "read_service.hpp"

#include <array>
#include <mcpr/url.hpp>
#include <utility>

#include "read_options.hpp"

namespace mcpr::reader {
namespace {

constexpr std::array kServiceKeys =
    std::to_array<std::string_view>({"name", "description", "protocol", "version", "endpoint", "tags", "enabled",
                                     "instances", "url", "urls", "eras", "metadata", "tools", "headers", "timeouts",
                                     "forward-authorization", "forward-cookie", "ca-file", "load-balancer"});
constexpr std::array kEditorKeys =
    std::to_array<std::string_view>({"type",           "transport", "url",
                                     "server-url",     "http-url",  "command",
                                     "args",           "env",       "cwd",
                                     "env-file",       "disabled",  "enabled",
                                     "description",    "version",   "tags",
                                     "eras",           "metadata",  "tools",
                                     "headers",        "timeouts",  "forward-authorization",
                                     "forward-cookie", "ca-file",   "load-balancer"});
constexpr std::array kInstanceKeys = std::to_array<std::string_view>(
    {"id", "host", "port", "path", "weight", "tls", "protocol", "zone", "metadata", "enabled", "eras", "url"});
constexpr std::array kToolKeys = std::to_array<std::string_view>({"name", "description", "enabled"});

const Member* get(const Fields::Keys& keys, std::string_view key) {
  const auto at = keys.find(std::string(key));
  return at == keys.end() ? nullptr : at->second;
}

// A single colon; an IPv6 address has at least two.
bool has_port(std::string_view host) {
  return host.front() != '[' && host.find(':') != std::string_view::npos && host.find(':') == host.rfind(':');
}

std::uint32_t read_eras(Fields& fields, const Node& node) {
  std::uint32_t eras = 0;
  std::vector<std::string> words;
  if (!fields.words(node, "eras", words)) return eras;
  for (const std::string& word : words) {
    if (word == "handshake") {
      eras |= MCPR_ERA_HANDSHAKE;
    } else if (word == "stateless") {
      eras |= MCPR_ERA_STATELESS;
    } else {
      fields.fail(node.place, "eras: '" + word + "' is not an era (handshake, stateless)");
    }
  }
  return eras;
}

std::vector<Tool> read_tools(Fields& fields, const Node& node) {
  std::vector<Tool> tools;
  if (!node.is_list()) {
    fields.fail(node.place, "tools: must be a list, not " + std::string(kind_name(node)));
    return tools;
  }
  for (const Node& item : node.items) {
    Tool tool;
    if (item.is_map()) {
      const Fields::Keys keys = fields.keys(item, "tools", kToolKeys);
      if (const Member* m = get(keys, "name")) fields.text(m->value, "tools.name", tool.name);
      if (const Member* m = get(keys, "description")) fields.literal(m->value, "tools.description", tool.description);
      if (const Member* m = get(keys, "enabled")) fields.flag(m->value, "tools.enabled", tool.enabled);
    } else if (!fields.text(item, "tools", tool.name)) {
      continue;
    }
    if (tool.name.empty()) {
      fields.fail(item.place, "tools: a tool has no name");
    } else {
      tools.push_back(std::move(tool));
    }
  }
  return tools;
}

class ServiceBuilder {
 public:
  ServiceBuilder(Fields& fields, const Fields::Keys& keys, std::string name) : fields_(fields), keys_(keys) {
    service_.name = std::move(name);
  }

  Service take() { return std::move(service_); }
  Service& service() { return service_; }

  void describe() {
    text("version", service_.version);
    if (const Member* m = get(keys_, "description")) fields_.literal(m->value, "description", service_.description);
    if (const Member* m = get(keys_, "tags")) fields_.words(m->value, "tags", service_.tags);
    if (const Member* m = get(keys_, "enabled")) fields_.flag(m->value, "enabled", service_.enabled);
    if (const Member* m = get(keys_, "metadata")) fields_.pairs(m->value, "metadata", service_.metadata);
    if (const Member* m = get(keys_, "tools")) service_.tools = read_tools(fields_, m->value);
    if (const Member* m = get(keys_, "eras")) eras_ = read_eras(fields_, m->value);
    service_.options = read_options(fields_, keys_);
  }

  // Sets the protocol. False where nothing of it can be routed, so that its address need not be of a form that we know.
  bool protocol(std::string name) {
    service_.protocol = std::move(name);
    if (!service_.protocol.empty()) url::wire_of(service_.protocol, {}, service_.unroutable);
    return service_.unroutable.empty();
  }

  void endpoint(const Node& node, std::string_view what) {
    std::string text, error;
    if (!fields_.text(node, what, text)) return;
    url::Endpoint parts;
    if (!url::parse_endpoint(text, parts, error)) return fields_.fail(node.place, std::string(what) + ": " + error);
    if (!parts.lookup.empty()) {
      service_.lookup = parts.lookup + parts.path;
    } else {
      add(std::move(parts), {}, {}, node, what);
    }
  }

  void url(const Node& node, std::string_view what) {
    url::Endpoint parts;
    if (read_url(node, what, parts)) add(std::move(parts), {}, {}, node, what);
  }

  void urls(const Node& node) {
    if (!node.is_list()) return fields_.fail(node.place, "urls: must be a list, not " + std::string(kind_name(node)));
    for (const Node& item : node.items) url(item, "urls");
  }

  void instances(const Node& node) {
    if (!node.is_list()) {
      return fields_.fail(node.place, "instances: must be a list, not " + std::string(kind_name(node)));
    }
    for (const Node& item : node.items) instance(item);
  }

 private:
  void text(std::string_view key, std::string& out) {
    if (const Member* m = get(keys_, key)) fields_.text(m->value, key, out);
  }

  bool read_url(const Node& node, std::string_view what, url::Endpoint& parts) {
    std::string text, error;
    if (!fields_.text(node, what, text)) return false;
    const bool ok = url::parse_endpoint(text, parts, error);
    if (ok && parts.lookup.empty()) return true;
    fields_.fail(node.place, std::string(what) + ": " + (ok ? "name@GROUP stands in `endpoint`, not in a URL" : error));
    return false;
  }

  void instance(const Node& node) {
    const Fields::Keys keys = fields_.keys(node, "instances", kInstanceKeys);
    if (!node.is_map()) return;
    Instance instance;
    std::string host, port, path, protocol;
    bool tls = false;
    const auto text = [&](std::string_view key, std::string& out) {
      if (const Member* m = get(keys, key)) fields_.text(m->value, "instances." + std::string(key), out);
    };
    text("id", instance.id);
    text("host", host);
    text("port", port);
    text("path", path);
    text("protocol", protocol);
    text("zone", instance.zone);
    if (const Member* m = get(keys, "tls")) fields_.flag(m->value, "instances.tls", tls);
    if (const Member* m = get(keys, "enabled")) fields_.flag(m->value, "instances.enabled", instance.enabled);
    if (const Member* m = get(keys, "weight")) fields_.weight(m->value, "instances.weight", instance.weight_milli);
    if (const Member* m = get(keys, "metadata")) fields_.pairs(m->value, "instances.metadata", instance.metadata);
    if (const Member* m = get(keys, "eras")) instance.eras = read_eras(fields_, m->value);
    url::Endpoint parts;
    if (const Member* m = get(keys, "url")) {
      for (const char* other : {"host", "port", "path", "tls"}) {
        if (get(keys, other))
          return fields_.fail(node.place, "instances: 'url' and '" + std::string(other) + "' exclude each other");
      }
      if (!read_url(m->value, "instances.url", parts)) return;
    } else if (!assemble(node, host, port, path, tls, parts)) {
      return;
    }
    add(std::move(parts), std::move(instance), protocol, node, "instances");
  }

  // Host, port and path are read by the parser of URLs, so that they follow the same rules.
  bool assemble(const Node& node, const std::string& host, const std::string& port, const std::string& path, bool tls,
                url::Endpoint& parts) {
    std::string error;
    if (host.empty()) {
      error = "an instance has neither host nor url";
    } else if (host.find_first_of("/?#@") != std::string::npos || has_port(host)) {
      error = "host '" + host + "' holds more than a host: use `port`, `path` or `url`";
    } else if (!path.empty() && path.front() != '/') {
      error = "path '" + path + "' does not begin with '/'";
    } else {
      const bool v6 = host.front() != '[' && host.find(':') != std::string::npos;
      const std::string text =
          (tls ? "https://" : "http://") + (v6 ? "[" + host + "]" : host) + (port.empty() ? "" : ":" + port) + path;
      if (url::parse_endpoint(text, parts, error)) return true;
    }
    fields_.fail(node.place, "instances: " + error);
    return false;
  }

  void add(url::Endpoint parts, Instance instance, std::string_view protocol, const Node& node, std::string_view what) {
    std::string reason;
    const url::Wire wire = url::wire_of(protocol.empty() ? service_.protocol : protocol, parts.path, reason);
    if (!reason.empty()) return fields_.fail(node.place, std::string(what) + ": " + reason);
    instance.host = std::move(parts.host);
    instance.port = parts.port;
    instance.tls = parts.tls;
    instance.path = parts.path.empty() ? std::string(url::default_path(wire)) : std::move(parts.path);
    instance.transport = wire == url::Wire::sse ? MCPR_TRANSPORT_SSE : MCPR_TRANSPORT_STREAMABLE_HTTP;
    if (instance.eras == 0) instance.eras = eras_;
    if (instance.id.empty()) {
      const bool v6 = instance.host.find(':') != std::string::npos;
      instance.id = (instance.tls ? "https://" : "") + (v6 ? "[" + instance.host + "]" : instance.host) + ":" +
                    std::to_string(instance.port) + instance.path;
    }
    for (const Instance& other : service_.instances) {
      if (other.id == instance.id) {
        return fields_.fail(node.place, std::string(what) + ": instance '" + instance.id + "' is given twice");
      }
    }
    service_.instances.push_back(std::move(instance));
  }

  Fields& fields_;
  const Fields::Keys& keys_;
  Service service_;
  std::uint32_t eras_ = 0;
};

std::string where(const Context& context, Place place) {
  if (context.file.empty() || place.line == 0) return context.file;
  return context.file + ":" + std::to_string(place.line) + ":" + std::to_string(place.column);
}

bool asks_for_input(const Node& node) {
  if (node.is_scalar()) return has_input(node.text);
  for (const Node& item : node.items) {
    if (asks_for_input(item)) return true;
  }
  for (const Member& member : node.members) {
    if (asks_for_input(member.value)) return true;
  }
  return false;
}

}  // namespace

void read_service(const Node& entry, std::string_view label, const Context& context, Reading& reading) {
  std::string name;
  if (const Node* node = entry.find("name"); node && node->is_scalar()) name = node->text;
  const Dialect dialect = context.file.empty() ? Dialect::replaced : Dialect::router;
  Fields fields(context, dialect, name.empty() ? std::string(label) : "service '" + name + "'", reading);
  const std::size_t errors = reading.errors.size();
  const Fields::Keys keys = fields.keys(entry, {}, kServiceKeys);
  if (!entry.is_map()) return;
  if (const Member* m = get(keys, "name")) fields.text(m->value, "name", name);
  if (name.empty() && reading.errors.size() == errors) fields.fail(entry.place, "the service has no name");
  ServiceBuilder builder(fields, keys, name);
  builder.describe();
  std::string protocol;
  if (const Member* m = get(keys, "protocol")) fields.text(m->value, "protocol", protocol);
  if (builder.protocol(std::move(protocol))) {
    const Member* given = nullptr;
    for (const char* key : {"endpoint", "url", "urls", "instances"}) {
      const Member* m = get(keys, key);
      if (!m) continue;
      if (given) fields.fail(m->place, "'" + given->key + "' and '" + m->key + "' exclude each other");
      given = m;
      const std::string_view k = key;
      if (k == "endpoint") builder.endpoint(m->value, key);
      if (k == "url") builder.url(m->value, key);
      if (k == "urls") builder.urls(m->value);
      if (k == "instances") builder.instances(m->value);
    }
    if (!given) fields.fail(entry.place, "no address: give one of endpoint, url, urls, instances");
  }
  if (reading.errors.size() == errors) reading.services.push_back({builder.take(), where(context, entry.place)});
}

void read_mcp_server(const Member& entry, const Context& context, Reading& reading) {
  Fields fields(context, Dialect::editor, "server '" + entry.key + "'", reading);
  const std::size_t errors = reading.errors.size();
  if (entry.key.empty()) fields.fail(entry.place, "the server has no name");
  // A server whose settings an editor would ask for is shown, so that one sees why it cannot be used.
  const bool asks = asks_for_input(entry.value);
  Node answered;
  if (asks) {
    answered = entry.value;
    std::erase_if(answered.members, [](const Member& m) { return asks_for_input(m.value); });
  }
  const Node& node = asks ? answered : entry.value;
  const Fields::Keys keys = fields.keys(node, {}, kEditorKeys);
  if (!node.is_map()) return;
  ServiceBuilder builder(fields, keys, entry.key);
  builder.describe();
  Service& service = builder.service();
  bool disabled = false;
  if (const Member* m = get(keys, "disabled"); m && fields.flag(m->value, "disabled", disabled) && disabled) {
    service.enabled = false;
  }
  std::string protocol;
  for (const char* key : {"transport", "type"}) {
    if (const Member* m = get(keys, key)) fields.text(m->value, key, protocol);
  }
  const Member* address = nullptr;
  for (const char* key : {"url", "server-url", "http-url"}) {
    if (const Member* m = get(keys, key)) address = m;
  }
  if (get(keys, "command") && !address) protocol = "stdio";
  // By the habit of the clients that know both keys, httpUrl is streamable HTTP whatever its path.
  if (protocol.empty() && get(keys, "http-url")) protocol = "streamable-http";
  if (asks) {
    service.protocol = std::move(protocol);
    service.unroutable = "its settings hold ${input:...}, which only an editor can ask its user for";
  } else if (builder.protocol(std::move(protocol))) {
    if (address) {
      builder.url(address->value, address->key);
    } else {
      fields.fail(entry.place, "no address: give `url`");
    }
  }
  if (!service.unroutable.empty()) fields.note(entry.place, service.unroutable);
  if (reading.errors.size() == errors) reading.services.push_back({builder.take(), where(context, entry.place)});
}

}  // namespace mcpr::reader
