#include "host/config/origin.hpp"

#include <algorithm>
#include <tuple>

namespace mcpr::config {

std::string Origin::text() const {
  if (!source) return "default";
  if (line == 0) return *source;
  return *source + ":" + std::to_string(line) + ":" + std::to_string(column);
}

bool Origin::operator==(const Origin& other) const {
  const bool same_source = source == other.source || (source && other.source && *source == *other.source);
  return same_source && line == other.line && column == other.column;
}

std::string Problem::text() const { return origin.source ? origin.text() + ": " + message : message; }

std::string describe(const Problems& problems) {
  std::string out = problems.size() == 1 ? "the configuration has an error:"
                                         : "the configuration has " + std::to_string(problems.size()) + " errors:";
  const std::size_t shown = std::min(problems.size(), kMostShown);
  for (std::size_t i = 0; i < shown; ++i) out += "\n  " + problems[i].text();
  if (shown < problems.size()) out += "\n  and " + std::to_string(problems.size() - shown) + " more";
  return out;
}

Problems in_order(Problems problems) {
  std::vector<std::string> sources;  // in the order in which they are first named
  const auto rank = [&](const Problem& problem) {
    const std::string name = problem.origin.source ? *problem.origin.source : "";
    const auto found = std::find(sources.begin(), sources.end(), name);
    const auto place = found - sources.begin();
    if (found == sources.end()) sources.push_back(name);
    return std::tuple(place, problem.origin.line, problem.origin.column);
  };
  for (const Problem& problem : problems) rank(problem);
  std::stable_sort(problems.begin(), problems.end(),
                   [&](const Problem& a, const Problem& b) { return rank(a) < rank(b); });
  const auto same = [](const Problem& a, const Problem& b) { return a.origin == b.origin && a.message == b.message; };
  problems.erase(std::unique(problems.begin(), problems.end(), same), problems.end());
  return problems;
}

ConfigError::ConfigError(Problems problems) : ConfigError(Ordered{in_order(std::move(problems))}) {}

ConfigError::ConfigError(Ordered ordered)
    : std::runtime_error(describe(ordered.problems)), problems_(std::move(ordered.problems)) {}

}  // namespace mcpr::config
