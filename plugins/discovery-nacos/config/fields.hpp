// Reads the members of a configuration section, collecting what is wrong with them.
#pragma once

#include <boost/json/object.hpp>
#include <chrono>
#include <cstddef>
#include <mcpr/abi.hpp>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace mcpr::nacos {

// A member that is missing or null leaves the value as it is. One of the wrong kind leaves it too, and is an error.
class Fields {
 public:
  // path: what stands before a key in error texts ("grpc."). The object and the errors outlive it.
  Fields(const boost::json::object& object, std::string path, std::vector<std::string>& errors)
      : object_(object), path_(std::move(path)), errors_(errors) {}

  const boost::json::value* take(std::string_view key);  // null: not given
  void flag(std::string_view key, bool& out);
  void text(std::string_view key, std::string& out);
  void count(std::string_view key, std::size_t& out, std::size_t least, std::size_t most);
  void duration(std::string_view key, std::chrono::milliseconds& out);  // a number: milliseconds
  void words(std::string_view key, std::vector<std::string>& out);      // a list, or one text with commas
  void pairs(std::string_view key, sdk::KeyValues& out);
  const boost::json::object* section(std::string_view key);

  // Every key that was not asked for is an error, but for these.
  void finish(const std::vector<std::string_view>& of_others = {});
  void fail(std::string_view key, const std::string& text) {
    errors_.push_back(path_ + std::string(key) + ": " + text);
  }
  const std::string& path() const { return path_; }

 private:
  const boost::json::object& object_;
  std::string path_;
  std::vector<std::string>& errors_;
  std::set<std::string, std::less<>> known_;
};

// A scalar as text.
bool scalar_text(const boost::json::value& value, std::string& out);
// "a, b" and ["a", "b"]: blanks around a word are dropped, and so are empty words.
bool word_list(const boost::json::value& value, std::vector<std::string>& out);

}  // namespace mcpr::nacos
