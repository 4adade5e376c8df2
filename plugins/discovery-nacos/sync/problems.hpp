// What is wrong at the moment, by where it is wrong: the source's health is made of it. One thread.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <utility>

namespace mcpr::nacos {

// We are not logged in, and Nacos minds. What could not be read for it does not count as loaded: a source that this one
// is to replace goes on until then. (Problems sort by name: what is most likely the cause comes first.)
inline constexpr const char* kLoginProblem = "a login";

class Problems {
 public:
  // on_change(text): a problem is new or has another text; an empty text: one has gone.
  explicit Problems(std::function<void(const std::string&)> on_change) : on_change_(std::move(on_change)) {}

  void set(const std::string& where, std::string text) {
    std::string& at = problems_[where];
    if (at == text) return;
    at = std::move(text);
    const std::string copy = at;
    on_change_(copy);
  }
  bool clear(const std::string& where) {  // false: there was none
    if (problems_.erase(where) == 0) return false;
    on_change_({});
    return true;
  }

  bool has(const std::string& where) const { return problems_.count(where) > 0; }
  bool none() const { return problems_.empty(); }
  // The first, and how many more there are.
  std::string summary() const {
    if (problems_.empty()) return {};
    std::string text = problems_.begin()->second;
    if (problems_.size() > 1) text += ", and " + std::to_string(problems_.size() - 1) + " more";
    return text;
  }

 private:
  std::map<std::string, std::string> problems_;
  std::function<void(const std::string&)> on_change_;
};

}  // namespace mcpr::nacos
