// What is wrong at the moment, by where it is wrong: the source's health is made of it. One thread.
#pragma once

#include <functional>
#include <map>
#include <set>
#include <string>

namespace mcpr::nacos {

// We are not logged in, and Nacos minds. What could not be read for it does not count as loaded: a source that this one
// is to replace goes on until then. (Problems sort by name: what is most likely the cause comes first.)
inline constexpr const char* kLoginProblem = "a login";

class Problems {
 public:
  // on_change(text): a problem is new or has another text. An empty text: there is nothing new to tell a person; one
  // has gone, or has a text again that it had before (several servers that are away take turns).
  explicit Problems(std::function<void(const std::string&)> on_change) : on_change_(std::move(on_change)) {}

  void set(const std::string& where, const std::string& text) {
    Problem& at = problems_[where];
    if (at.text == text) return;
    at.text = text;
    on_change_(at.said.insert(text).second ? text : std::string());
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
    std::string text = problems_.begin()->second.text;
    if (problems_.size() > 1) text += ", and " + std::to_string(problems_.size() - 1) + " more";
    return text;
  }

 private:
  struct Problem {
    std::string text;
    std::set<std::string> said;
  };
  std::map<std::string, Problem> problems_;
  std::function<void(const std::string&)> on_change_;
};

}  // namespace mcpr::nacos
