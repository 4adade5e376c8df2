#include "host/config/profile.hpp"

#include <algorithm>

namespace mcpr::config {

namespace {

std::string_view trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1);
}

class Expression {
 public:
  Expression(std::string_view text, std::span<const std::string> active, std::vector<std::string>& mentioned)
      : rest_(text), active_(active), mentioned_(mentioned) {}

  std::optional<bool> whole() {
    const auto value = joined(0);
    skip();
    return rest_.empty() ? value : std::nullopt;
  }

 private:
  static constexpr int kDeepest = 32;

  std::optional<bool> joined(int depth) {
    if (depth > kDeepest) return std::nullopt;
    std::optional<bool> value = operand(depth);
    char used = 0;
    for (skip(); value && !rest_.empty() && (rest_.front() == '&' || rest_.front() == '|'); skip()) {
      const char op = rest_.front();
      if (used != 0 && used != op) return std::nullopt;
      used = op;
      rest_.remove_prefix(1);
      const auto right = operand(depth);
      if (!right) return std::nullopt;
      value = op == '&' ? (*value && *right) : (*value || *right);
    }
    return value;
  }

  std::optional<bool> operand(int depth) {
    skip();
    if (rest_.empty() || depth > kDeepest) return std::nullopt;
    if (rest_.front() == '!') {
      rest_.remove_prefix(1);
      const auto value = operand(depth + 1);
      return value ? std::optional(!*value) : std::nullopt;
    }
    if (rest_.front() == '(') {
      rest_.remove_prefix(1);
      const auto value = joined(depth + 1);
      skip();
      if (rest_.empty() || rest_.front() != ')') return std::nullopt;
      rest_.remove_prefix(1);
      return value;
    }
    const std::string_view name = rest_.substr(0, std::min(rest_.find_first_of(" \t&|!()"), rest_.size()));
    if (!is_profile_name(name)) return std::nullopt;
    rest_.remove_prefix(name.size());
    mentioned_.emplace_back(name);
    return std::find(active_.begin(), active_.end(), name) != active_.end();
  }

  void skip() {
    while (!rest_.empty() && (rest_.front() == ' ' || rest_.front() == '\t')) rest_.remove_prefix(1);
  }

  std::string_view rest_;
  std::span<const std::string> active_;
  std::vector<std::string>& mentioned_;
};

}  // namespace

bool is_profile_name(std::string_view name) {
  const auto allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("_.@+-").find(c) != std::string_view::npos;
  };
  return !name.empty() && name.size() <= 100 && name.front() != '.' && std::all_of(name.begin(), name.end(), allowed);
}

std::vector<std::string> split_list(std::string_view text) {
  std::vector<std::string> parts;
  while (!text.empty()) {
    const std::size_t comma = std::min(text.find(','), text.size());
    const std::string_view part = trimmed(text.substr(0, comma));
    if (!part.empty()) parts.emplace_back(part);
    text.remove_prefix(std::min(comma + 1, text.size()));
  }
  return parts;
}

std::optional<bool> matches(std::string_view expression, std::span<const std::string> active,
                            std::vector<std::string>& mentioned) {
  return Expression(expression, active, mentioned).whole();
}

}  // namespace mcpr::config
