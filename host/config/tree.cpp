#include "host/config/tree.hpp"

#include "host/config/check.hpp"
#include "host/config/environment.hpp"
#include "host/config/schema.hpp"
#include "host/config/to_json.hpp"

namespace mcpr::config {

namespace json = boost::json;

namespace {

// Moves what stands under another name to its canonical place, where what is there already wins.
void rename(Node& layer, std::string_view from, std::string_view to, bool scalars_only) {
  const Path source = *parse_key(from);
  const Node* found = layer.find(source);
  if (!found || (scalars_only && !found->is_scalar())) return;
  const Origin origin = found->origin;
  Node under;
  std::string why;
  Node moved = take(layer, source);
  insert(under, *parse_key(to), std::move(moved), origin, why);
  merge(under, std::move(layer));
  layer = std::move(under);
}

void normalise(Node& layer) {
  for (const Alias& alias : aliases()) rename(layer, alias.name, alias.canonical, false);
  for (const Alias& shorthand : shorthands()) rename(layer, shorthand.name, shorthand.canonical, true);
}

Node defaults() {
  Node layer = Node::map({});
  std::string why;
  for (const Key& key : schema()) {
    if (key.fallback.empty() || key.type == Type::foreign) continue;
    std::string name(key.name);
    std::string_view text = key.fallback;
    if (key.type == Type::map) {  // "root: info"
      const std::size_t colon = text.find(": ");
      name += "." + std::string(text.substr(0, colon));
      text.remove_prefix(colon + 2);
    }
    insert(layer, *parse_key(name), Node::scalar(std::string(text), {}), {}, why);
  }
  return layer;
}

}  // namespace

ConfigTree::ConfigTree(Layers layers, std::span<const Claim> claims)
    : root_(defaults()),
      environment_(std::move(layers.environment)),
      files_(std::move(layers.files)),
      profiles_(std::move(layers.profiles)),
      notes_(std::move(layers.notes)),
      problems_(std::move(layers.problems)) {
  const auto lay = [&](Node layer) {
    check_spellings(layer, claims, problems_);
    normalise(layer);
    check_sections(layer, claims, problems_);
    merge(root_, std::move(layer));
  };
  for (Node& document : layers.documents) lay(std::move(document));
  lay(environment_layer(environment_, claims, root_, problems_, notes_));
  lay(std::move(layers.command_line));
}

const Node* ConfigTree::find(std::string_view key) const {
  const auto path = parse_key(canonical(key));
  return path ? root_.find(*path) : nullptr;
}

json::object ConfigTree::subtree(std::span<const std::string> prefixes, const json::value& schema,
                                 Problems& problems) const {
  json::object out;
  const SchemaView view(schema.is_null() ? nullptr : &schema);
  for (const std::string& prefix : prefixes) {
    const auto path = parse_key(canonical(prefix));
    const Node* node = path ? root_.find(*path) : nullptr;
    if (!node || node->is_null()) continue;
    if (node->is_map()) {
      merge(out, to_json(*node, view, resolver(), problems).get_object());
      continue;
    }
    const std::string& name = path->back().name;
    json::object wrapped;
    wrapped[view.spelling(name).value_or(name)] = to_json(*node, view.property(name), resolver(), problems);
    merge(out, wrapped);
  }
  return out;
}

void merge(json::object& under, const json::object& over) {
  for (const auto& member : over) {
    json::value* existing = under.if_contains(member.key());
    if (existing && existing->is_object() && member.value().is_object()) {
      merge(existing->get_object(), member.value().get_object());
    } else {
      under[member.key()] = member.value();
    }
  }
}

}  // namespace mcpr::config
