// What a login says.
#pragma once

#include <chrono>
#include <mcpr/host.hpp>
#include <string>

namespace mcpr::nacos {

struct LoginAnswer {
  bool ok = false;
  bool no_such_path = false;  // another version of Nacos: log in by another path
  std::string token;
  std::chrono::seconds ttl{0};
  std::string error;  // where not ok
};

LoginAnswer read_login(const sdk::HttpResponse& response);

}  // namespace mcpr::nacos
