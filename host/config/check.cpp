#include "host/config/check.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <set>

#include "host/config/schema.hpp"

namespace mcpr::config {

namespace {

// Sections of a Spring file that a command line may carry without meaning the router.
constexpr std::array<std::string_view, 5> kForeignRoots{"spring", "management", "logging", "nacos", "debug"};

std::string last_name(std::string_view key) { return std::string(key.substr(key.rfind('.') + 1)); }

// Whose a key is.
class Territory {
 public:
  explicit Territory(std::span<const Claim> claims) {
    for (const Claim& claim : claims) claims_.push_back(canonical(claim.prefix));
  }

  bool is_strict(const std::string& key) const {
    const std::string name = uniform(key);
    return std::any_of(strict_sections().begin(), strict_sections().end(), [&](std::string_view section) {
      const std::string start = uniform(section);
      return name == start || name.starts_with(start + ".");
    });
  }

  bool is_claimed(const std::string& key) const {
    return std::any_of(claims_.begin(), claims_.end(), [&](const std::string& claim) { return same_name(claim, key); });
  }

  // Keys of ours or claims lie below it.
  bool leads_on(const std::string& key) const {
    if (is_section(key)) return true;
    const std::string start = uniform(key) + ".";
    return std::any_of(claims_.begin(), claims_.end(),
                       [&](const std::string& claim) { return uniform(claim).starts_with(start); });
  }

  const std::vector<std::string>& claims() const { return claims_; }

 private:
  std::vector<std::string> claims_;
};

std::string below(const std::string& prefix, const std::string& name) {
  return prefix.empty() ? name : prefix + "." + name;
}

void find_twins(const Node& node, const std::string& prefix, const Territory& territory, Problems& problems) {
  std::map<std::string, const Entry*> seen;
  for (const Entry& entry : node.entries) {
    const std::string key = below(prefix, entry.name);
    const auto [twin, fresh] = seen.emplace(uniform(entry.name), &entry);
    // The same spelling twice is found by the reader.
    if (!fresh && twin->second->name != entry.name && territory.is_strict(canonical(key))) {
      problems.push_back({entry.origin, "'" + key + "' is the same key as '" + twin->second->name + "' at " +
                                            twin->second->origin.text()});
    }
    const std::string known = canonical(key);
    if (!territory.is_claimed(known) && territory.leads_on(known)) find_twins(entry.value, key, territory, problems);
  }
}

void drop_what_hides_sections(Node& node, const std::string& prefix, const Territory& territory, Problems& problems) {
  for (Entry& entry : node.entries) {
    const std::string key = below(prefix, entry.name);
    if (territory.is_claimed(key) || !territory.leads_on(key)) continue;
    if (entry.value.is_map()) {
      drop_what_hides_sections(entry.value, key, territory, problems);
    } else if (!entry.value.is_null()) {
      problems.push_back(
          {entry.value.origin, "'" + key + "' is a section, not " + std::string(kind_name(entry.value))});
      entry.value = Node{};
    }
  }
}

class Checker {
 public:
  Checker(const ConfigTree& tree, std::span<const Claim> claims, Problems& problems)
      : tree_(tree), resolver_(tree.resolver()), territory_(claims), problems_(problems) {
    find_optional_sources();
  }

  std::vector<std::string> ignored;  // elsewhere
  std::vector<std::string> foreign;  // of the systems replaced

  void section(const Node& node, const std::string& prefix) {
    for (const Entry& entry : node.entries) visit(entry, below(prefix, entry.name));
  }

 private:
  void visit(const Entry& entry, const std::string& key) {
    if (territory_.is_claimed(key)) {
      placeholders(entry.value);
    } else if (const Key* known = find_key(key)) {
      if (known->type == Type::foreign) {
        foreign.push_back(key);
      } else if (known->type == Type::any) {
        placeholders(entry.value);
      }
    } else if (territory_.leads_on(key)) {
      section(entry.value, key);
    } else if (territory_.is_strict(key)) {
      unknown(entry, key);
    } else if (from_command_line(entry) &&
               std::find(kForeignRoots.begin(), kForeignRoots.end(), root_of(key)) == kForeignRoots.end()) {
      unknown(entry, key);
    } else {
      ignored.push_back(key);
    }
  }

  static std::string root_of(const std::string& key) { return uniform(key.substr(0, key.find('.'))); }

  static bool from_command_line(const Entry& entry) {
    return entry.origin.source && entry.origin.source->starts_with("command line");
  }

  void unknown(const Entry& entry, const std::string& key) {
    if (entry.value.is_map() && optional_.contains(uniform(last_name(key)))) return;
    std::string message = "unknown key '" + key + "'";
    // Looking for the nearest name costs more than all else; no more than these are shown anyway.
    if (const auto near = problems_.size() < kMostShown ? suggestion(key) : std::nullopt) {
      message += "; did you mean '" + *near + "'?";
    } else if (entry.value.is_map() && (key.starts_with("spring.") || key.starts_with("mcp."))) {
      message += "; no installed plugin takes it";
    }
    problems_.push_back({entry.origin, std::move(message)});
  }

  // The nearest name in the same section, else the nearest of all keys.
  std::optional<std::string> suggestion(const std::string& key) const {
    const std::size_t dot = key.rfind('.');
    const std::string section = dot == std::string::npos ? "" : key.substr(0, dot + 1);
    const std::string start = uniform(section);
    std::vector<std::string> siblings;
    std::vector<std::string> all = territory_.claims();
    for (const Key& known : schema()) {
      if (known.type != Type::foreign) all.emplace_back(known.name);
    }
    for (const std::string& name : all) {
      if (!uniform(name).starts_with(start)) continue;
      std::string_view rest = name;  // drop as many names as the section has
      for (auto names = std::count(section.begin(), section.end(), '.'); names > 0; --names)
        rest.remove_prefix(rest.find('.') + 1);
      siblings.emplace_back(rest.substr(0, rest.find('.')));
    }
    if (const auto near = nearest(last_name(key), siblings)) return section + *near;
    return nearest(key, all);
  }

  void placeholders(const Node& node) {
    if (node.is_scalar()) resolver_.resolve(node, problems_);
    for (const Node& item : node.items) placeholders(item);
    for (const Entry& entry : node.entries) placeholders(entry.value);
  }

  // A source that is optional may be configured before its plugin is installed: a section of its name is let be.
  void find_optional_sources() {
    const Node* order = tree_.find("mcp.router.discovery-order");
    if (!order || !order->is_list()) return;
    for (const Node& entry : order->items) {
      const Node* flag = entry.find("optional");
      if (!flag || !flag->is_scalar() || flag->text != "true") continue;
      for (const char* name : {"id", "plugin"}) {
        if (const Node* node = entry.find(name); node && node->is_scalar()) optional_.insert(uniform(node->text));
      }
    }
  }

  const ConfigTree& tree_;
  Resolver resolver_;
  Territory territory_;
  Problems& problems_;
  std::set<std::string> optional_;
};

std::string joined(const std::vector<std::string>& names) {
  std::string out;
  for (const std::string& name : names) out += (out.empty() ? "" : ", ") + name;
  return out;
}

}  // namespace

void check_keys(const ConfigTree& tree, std::span<const Claim> claims, Problems& problems,
                std::vector<std::string>& notes) {
  Checker checker(tree, claims, problems);
  checker.section(tree.root(), "");
  if (!checker.ignored.empty()) notes.push_back("not the router's and ignored: " + joined(checker.ignored));
  if (!checker.foreign.empty()) notes.push_back("without effect in this router: " + joined(checker.foreign));
}

void check_spellings(const Node& layer, std::span<const Claim> claims, Problems& problems) {
  find_twins(layer, "", Territory(claims), problems);
}

void check_sections(Node& layer, std::span<const Claim> claims, Problems& problems) {
  drop_what_hides_sections(layer, "", Territory(claims), problems);
}

}  // namespace mcpr::config
