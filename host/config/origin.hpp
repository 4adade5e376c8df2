// Where a configured value was written, and what is wrong with it. Every value carries its origin from the first byte
// read until a message is printed, so that no error ever has to say "somewhere".
#pragma once

#include <cstddef>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace mcpr::config {

struct Origin {
  std::shared_ptr<const std::string>
      source;    // a file's path, "environment variable X" or "command line"; null: the default
  int line = 0;  // counted from 1; 0: the source has no lines
  int column = 0;

  static Origin of(std::string source) { return {std::make_shared<const std::string>(std::move(source)), 0, 0}; }
  std::string text() const;  // "config/application.yml:3:7"
  bool operator==(const Origin& other) const;
};

struct Problem {
  Origin origin;
  std::string message;

  std::string text() const;  // "config/application.yml:3:7: unknown key ..."
};

using Problems = std::vector<Problem>;

// Sorted by place within each source, without repetitions.
Problems in_order(Problems problems);

// How many are said at once: a file that is no configuration at all has one a line.
inline constexpr std::size_t kMostShown = 100;

// One line each.
std::string describe(const Problems& problems);

class ConfigError : public std::runtime_error {
 public:
  explicit ConfigError(Problems problems);  // puts them in order
  const Problems& problems() const { return problems_; }

 private:
  struct Ordered {
    Problems problems;
  };
  explicit ConfigError(Ordered ordered);

  Problems problems_;
};

}  // namespace mcpr::config
