// What is wrong at the moment, by where it is wrong: the source's health is made of it. One thread.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <utility>

namespace mcpr::nacos {

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
  void clear(const std::string& where) {
    if (problems_.erase(where) > 0) on_change_({});
  }

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
