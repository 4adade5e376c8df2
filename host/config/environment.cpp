#include "host/config/environment.hpp"

#include <algorithm>
#include <charconv>

#include "host/config/schema.hpp"
#include "host/config/schema_view.hpp"

namespace mcpr::config {

namespace {

struct Target {
  std::string variable;
  std::string key;
  const Key* spec;     // null: a plugin's
  const Claim* claim;  // null: ours
};

struct Found {
  Path path;
  Node value;
  Origin origin;
};

bool is_variable(std::string_view name) {
  return !name.empty() && std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
  });
}

std::string lowered(std::string_view text, char underscore) {
  std::string out;
  for (const char c : text) {
    out += c == '_' ? underscore : (c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c);
  }
  return out;
}

void add_target(std::vector<Target>& targets, const std::string& key, const Key* spec, const Claim* claim) {
  targets.push_back({variable_name(key, true), key, spec, claim});
  if (std::string plain = variable_name(key, false); plain != targets.back().variable) {
    targets.push_back({std::move(plain), key, spec, claim});
  }
}

std::vector<Target> all_targets(std::span<const Claim> claims) {
  std::vector<Target> targets;
  const auto with_aliases = [&](const std::string& key, const Key* spec, const Claim* claim) {
    add_target(targets, key, spec, claim);
    for (const Alias& alias : aliases()) {
      if (!key.starts_with(std::string(alias.canonical) + ".")) continue;
      add_target(targets, std::string(alias.name) + key.substr(alias.canonical.size()), spec, claim);
    }
  };
  for (const Key& key : schema()) {
    if (key.type != Type::foreign) with_aliases(std::string(key.name), &key, nullptr);
  }
  for (const Claim& claim : claims) with_aliases(canonical(claim.prefix), nullptr, &claim);
  // The longest name first, so that the nearest target takes a variable.
  std::stable_sort(targets.begin(), targets.end(),
                   [](const Target& a, const Target& b) { return a.variable.size() > b.variable.size(); });
  return targets;
}

// Takes "0" or "0_" off the front of what is left of a variable's name.
std::optional<std::size_t> take_index(std::string_view& rest) {
  std::size_t index = 0;
  const auto [end, error] = std::from_chars(rest.data(), rest.data() + rest.size(), index);
  const auto length = static_cast<std::size_t>(end - rest.data());
  if (error != std::errc() || index > 9'999 || (length < rest.size() && rest[length] != '_')) return std::nullopt;
  rest.remove_prefix(std::min(length + 1, rest.size()));
  return index;
}

// What is left of a variable's name, as names below a prefix.
Path path_below(std::string_view rest, const SchemaView& schema, const Node* below) {
  Path path;
  if (std::string_view after = rest; take_index(after)) {
    path.push_back({{}, take_index(rest)});
    if (!rest.empty()) {
      const Path deeper = path_below(rest, schema.item(), nullptr);
      path.insert(path.end(), deeper.begin(), deeper.end());
    }
    return path;
  }
  std::vector<std::string> names = schema.property_names();
  if (below && below->is_map()) {
    for (const Entry& entry : below->entries) names.push_back(entry.name);
  }
  std::string best;
  std::size_t best_length = 0;
  for (const std::string& name : names) {
    for (const bool dashes : {true, false}) {
      const std::string variable = variable_name(name, dashes);
      const bool whole = rest == variable;
      const bool front = rest.starts_with(variable) && rest.size() > variable.size() && rest[variable.size()] == '_';
      if ((whole || front) && variable.size() > best_length) {
        best = name;
        best_length = variable.size();
      }
    }
  }
  if (best.empty()) return {{lowered(rest, '-'), std::nullopt}};
  path.push_back({best, std::nullopt});
  if (best_length < rest.size()) {
    const Path deeper =
        path_below(rest.substr(best_length + 1), schema.property(best), below ? below->find(best) : nullptr);
    path.insert(path.end(), deeper.begin(), deeper.end());
  }
  return path;
}

bool by_path(const Found& a, const Found& b) {
  return std::lexicographical_compare(
      a.path.begin(), a.path.end(), b.path.begin(), b.path.end(),
      [](const Segment& x, const Segment& y) { return std::pair(x.name, x.index) < std::pair(y.name, y.index); });
}

// Where the value of a variable goes, if this target takes it.
std::optional<Path> place(const std::string& variable, const Target& target, const Node& below) {
  const std::string key = canonical(target.key);
  Path path = parse_key(key).value_or(Path{});
  if (variable == target.variable) return path;
  if (!variable.starts_with(target.variable + "_")) return std::nullopt;
  std::string_view rest = std::string_view(variable).substr(target.variable.size() + 1);
  if (rest.empty()) return std::nullopt;
  if (target.claim) {
    const boost::json::value& schema = target.claim->schema;
    const Path deeper = path_below(rest, SchemaView(schema.is_null() ? nullptr : &schema), below.find(path));
    path.insert(path.end(), deeper.begin(), deeper.end());
    return path;
  }
  if (target.spec->type == Type::map) {
    path.push_back({lowered(rest, '.'), std::nullopt});
    return path;
  }
  if (target.spec->type != Type::list && target.spec->type != Type::any) return std::nullopt;
  const auto index = take_index(rest);
  if (!index || (target.spec->type == Type::list && !rest.empty())) return std::nullopt;
  path.push_back({{}, index});
  if (!rest.empty()) {
    const Path deeper = path_below(rest, {}, nullptr);
    path.insert(path.end(), deeper.begin(), deeper.end());
  }
  return path;
}

}  // namespace

std::string variable_name(std::string_view key, bool keep_dashes) {
  std::string out;
  for (std::size_t i = 0; i < key.size(); ++i) {
    const char c = key[i];
    const bool upper = c >= 'A' && c <= 'Z';
    if (c == '.' || (c == '-' && keep_dashes)) {
      out += '_';
    } else if (c >= 'a' && c <= 'z') {
      out += static_cast<char>(c - 'a' + 'A');
    } else if (c != '-') {
      // serverAddr is server-addr: a capital after a small letter begins a word
      if (upper && keep_dashes && i > 0 && key[i - 1] >= 'a' && key[i - 1] <= 'z') out += '_';
      out += c;
    }
  }
  return out;
}

Node environment_layer(const Environment& environment, std::span<const Claim> claims, const Node& below,
                       Problems& problems, std::vector<std::string>& notes) {
  const std::vector<Target> targets = all_targets(claims);
  std::vector<Found> found;
  for (const auto& [variable, value] : environment) {
    if (!is_variable(variable)) continue;
    bool taken = false;
    for (const Target& target : targets) {
      auto path = place(variable, target, below);
      if (!path) continue;
      taken = true;
      // An empty variable is how a compose file passes on one that is not set.
      if (value.empty() && !(target.claim || target.spec->type == Type::string)) break;
      const Origin origin = Origin::of("environment variable " + variable);
      found.push_back({std::move(*path), Node::scalar(value, origin), origin});
      break;
    }
    if (taken || !(variable.starts_with("MCP_ROUTER_") || variable.starts_with("MCP_SESSION_"))) continue;
    const auto near = std::find_if(targets.begin(), targets.end(), [&name = variable](const Target& target) {
      return target.spec && edit_distance(name, target.variable) <= 2;
    });
    if (near != targets.end()) {
      notes.push_back("environment variable " + variable + " names no key and is ignored; is " + near->variable +
                      " meant?");
    }
  }
  std::stable_sort(found.begin(), found.end(), by_path);
  Node layer;
  for (Found& one : found) {
    std::string why;
    if (!insert(layer, one.path, std::move(one.value), one.origin, why)) problems.push_back({one.origin, why});
  }
  return layer;
}

}  // namespace mcpr::config
