// The words behind `mcp-router services`. Pure functions.
#pragma once

#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "rows.hpp"

namespace mcpr::sqlite {

// The words cannot be understood: exit code 2.
class UsageError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

struct Request {
  enum class Verb { add, add_instance, remove_instance, remove, enable, disable, import, list };
  Verb verb = Verb::list;
  std::vector<std::string> words;  // add and instances: the name and its URLs; import: the file; others: names
  std::string description, protocol, version, tags;
  std::vector<std::pair<std::string, std::string>> headers;
  std::optional<std::string> weight, zone;
  bool replace = false;
  bool json = false;
};

Request parse_words(std::span<const std::string_view> words);  // throws UsageError

// What `add` puts into the database. `folder` is that of the database. Throws UsageError where it could not be called.
ServiceRow service_to_add(const Request& request, const std::string& folder);
InstanceRow instance_to_add(const Request& request, const std::string& url);

// A row of the seed's table as the router's own schema has it.
ServiceRow with_instances(ServiceRow row);

}  // namespace mcpr::sqlite
