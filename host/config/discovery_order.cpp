#include "host/config/discovery_order.hpp"

#include <algorithm>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include "host/config/profile.hpp"
#include "host/config/to_json.hpp"
#include "host/config/units.hpp"

namespace mcpr::config {

namespace {

constexpr const char* kKey = "mcp.router.discovery-order";

// Of the entry itself; all others are settings of its plugin.
bool is_own_name(const std::string& name) {
  return same_name(name, "id") || same_name(name, "plugin") || same_name(name, "optional");
}

class OrderReader {
 public:
  OrderReader(const Resolver& resolver, Problems& problems) : resolver_(resolver), problems_(problems) {}

  void element(const Node& node) {
    if (node.is_scalar()) {
      const auto text = resolve(node);
      if (text && text->empty()) return refuse(node.origin, "a source needs a name");
      if (text) add({*text, *text, false, "{}", node.origin});
    } else if (node.is_map()) {
      section(node);
    } else {
      refuse(node.origin, "expected a name or a section with an id, found " + std::string(kind_name(node)));
    }
  }

  void names(const Node& node) {
    for (const std::string& name : split_list(resolve(node).value_or(""))) add({name, name, false, "{}", node.origin});
  }

  std::vector<DiscoveryEntry> entries;

 private:
  void section(const Node& node) {
    DiscoveryEntry out;
    out.origin = node.origin;
    boost::json::object rest;
    bool good = true;
    for (const Entry& entry : node.entries) {
      if (!is_own_name(entry.name)) {
        Problems said_elsewhere;  // by check_keys
        rest[entry.name] = to_json(entry.value, {}, resolver_, said_elsewhere);
        continue;
      }
      if (!entry.value.is_scalar()) {
        refuse(entry.origin,
               "'" + entry.name + "' of a source needs a value, found " + std::string(kind_name(entry.value)));
        good = false;
        continue;
      }
      const auto text = resolve(entry.value);
      if (!text) {
        good = false;
      } else if (same_name(entry.name, "optional")) {
        const auto flag = parse_boolean(*text);
        if (!flag) refuse(entry.value.origin, "'optional' of a source is true or false, not '" + *text + "'");
        out.optional = flag.value_or(false);
      } else {
        (same_name(entry.name, "id") ? out.id : out.plugin) = *text;
      }
    }
    if (!good) return;
    if (out.id.empty()) out.id = out.plugin;
    if (out.plugin.empty()) out.plugin = out.id;
    if (out.id.empty()) return refuse(node.origin, "a source needs an 'id' or a 'plugin'");
    out.config = boost::json::serialize(rest);
    add(std::move(out));
  }

  void add(DiscoveryEntry entry) {
    const auto twin =
        std::find_if(entries.begin(), entries.end(), [&](const DiscoveryEntry& other) { return other.id == entry.id; });
    if (twin != entries.end()) {
      return refuse(entry.origin, "two sources are called '" + entry.id +
                                      "': give one another id ({id: ..., plugin: " + entry.plugin + "})");
    }
    entries.push_back(std::move(entry));
  }

  // What does not resolve is reported by check_keys, as for all that is of any type.
  std::optional<std::string> resolve(const Node& scalar) const {
    Problems said_elsewhere;
    return resolver_.resolve(scalar, said_elsewhere);
  }

  void refuse(const Origin& origin, const std::string& message) {
    problems_.push_back({origin, std::string(kKey) + ": " + message});
  }

  const Resolver& resolver_;
  Problems& problems_;
};

}  // namespace

std::vector<DiscoveryEntry> read_discovery_order(const Node* order, const Resolver& resolver, Problems& problems) {
  OrderReader reader(resolver, problems);
  if (!order) return {};
  if (order->is_scalar()) {
    reader.names(*order);
  } else if (order->is_list()) {
    for (const Node& node : order->items) reader.element(node);
  } else {
    problems.push_back(
        {order->origin, std::string(kKey) + ": expected a list, found " + std::string(kind_name(*order))});
  }
  return std::move(reader.entries);
}

boost::json::object source_config(const ConfigTree& tree, const DiscoveryEntry& entry,
                                  std::span<const std::string> prefixes, const boost::json::value& schema,
                                  Problems& problems) {
  boost::json::object out = tree.subtree(prefixes, schema, problems);
  const Node* order = tree.find(kKey);
  if (!order || !order->is_list()) return out;
  const auto node = std::find_if(order->items.begin(), order->items.end(),
                                 [&](const Node& item) { return item.is_map() && item.origin == entry.origin; });
  if (node == order->items.end()) return out;
  Node rest = *node;
  std::erase_if(rest.entries, [](const Entry& one) { return is_own_name(one.name); });
  const SchemaView view(schema.is_null() ? nullptr : &schema);
  merge(out, to_json(rest, view, tree.resolver(), problems).get_object());
  return out;
}

}  // namespace mcpr::config
