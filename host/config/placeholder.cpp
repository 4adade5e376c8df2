#include "host/config/placeholder.hpp"

#include <algorithm>
#include <vector>

namespace mcpr::config {

namespace {

constexpr int kDeepest = 32;
constexpr int kMostReplacements = 1'000;
constexpr std::size_t kLongest = std::size_t{64} << 10;

// The closing brace of a placeholder whose inside begins at `from`, or npos.
std::size_t closing_brace(std::string_view text, std::size_t from) {
  int open = 1;
  for (std::size_t at = from; at < text.size(); ++at) {
    if (text.substr(at, 2) == "${") {
      ++open;
      ++at;
    } else if (text[at] == '}' && --open == 0) {
      return at;
    }
  }
  return std::string_view::npos;
}

// The colon between name and default, not counting those inside a nested placeholder.
std::size_t default_colon(std::string_view inside) {
  int open = 0;
  for (std::size_t at = 0; at < inside.size(); ++at) {
    if (inside.substr(at, 2) == "${") ++open;
    if (inside[at] == '}') --open;
    if (inside[at] == ':' && open == 0) return at;
  }
  return std::string_view::npos;
}

}  // namespace

struct Resolver::Run {
  std::string why;
  int replacements = 0;
  std::vector<std::string> path;  // the keys that are being resolved, to find circles
};

std::optional<std::string> Resolver::resolve(std::string_view text, std::string& why) const {
  Run run;
  std::string out;
  if (expand(text, 0, run, out)) return out;
  why = std::move(run.why);
  return std::nullopt;
}

std::optional<std::string> Resolver::resolve(const Node& scalar, Problems& problems) const {
  if (scalar.text.find("${") == std::string::npos) return scalar.text;
  std::string why;
  auto text = resolve(scalar.text, why);
  if (!text) problems.push_back({scalar.origin, std::move(why)});
  return text;
}

bool Resolver::expand(std::string_view text, int depth, Run& run, std::string& out) const {
  if (depth > kDeepest) {
    run.why = "placeholders are nested deeper than " + std::to_string(kDeepest) + " levels";
    return false;
  }
  while (!text.empty()) {
    const std::size_t start = std::min(text.find("${"), text.size());
    const bool escaped = start > 0 && start < text.size() && text[start - 1] == '\\';
    out.append(text.substr(0, escaped ? start - 1 : start));
    text.remove_prefix(start);
    if (text.empty()) break;
    if (escaped) {
      out.append("${");
      text.remove_prefix(2);
      continue;
    }
    const std::size_t close = closing_brace(text, 2);
    if (close == std::string_view::npos) {
      run.why = "'" + std::string(text.substr(0, 60)) + "' has no closing '}'";
      return false;
    }
    if (!replace(text.substr(2, close - 2), depth + 1, run, out)) return false;
    text.remove_prefix(close + 1);
    if (out.size() > kLongest) {
      run.why = "the value is longer than " + std::to_string(kLongest) + " bytes once its placeholders are replaced";
      return false;
    }
  }
  return true;
}

bool Resolver::replace(std::string_view inside, int depth, Run& run, std::string& out) const {
  if (++run.replacements > kMostReplacements) {
    run.why = "more than " + std::to_string(kMostReplacements) + " placeholders have to be replaced for one value";
    return false;
  }
  const std::size_t colon = default_colon(inside);
  std::string name;
  if (!expand(inside.substr(0, colon), depth, run, name)) return false;

  if (const auto variable = environment_.find(name); variable != environment_.end()) {
    out += variable->second;
    return true;
  }
  if (const auto path = parse_key(name)) {
    const Node* node = root_.find(*path);
    if (node && node->is_scalar()) {
      const std::string key = uniform(name);
      if (std::find(run.path.begin(), run.path.end(), key) != run.path.end()) {
        run.why = "'${" + name + "}' leads back to itself";
        return false;
      }
      run.path.push_back(key);
      std::string value;
      const bool good = expand(node->text, depth, run, value);
      run.path.pop_back();
      out += value;
      return good;
    }
  }
  if (colon != std::string_view::npos) return expand(inside.substr(colon + 1), depth, run, out);
  run.why = "'${" + name + "}' is neither set in the environment nor a configured key, and has no default (write ${" +
            name + ":default})";
  return false;
}

}  // namespace mcpr::config
