// What tells Nacos who we are, for both ways to talk to it. Control thread.
#pragma once

#include <functional>
#include <mcpr/abi.hpp>
#include <string>

#include "auth/sign.hpp"

namespace mcpr::nacos {

class Credentials {
 public:
  virtual ~Credentials() = default;
  // Calls back, perhaps at once, when it is known whether there is a token.
  virtual void ready(std::function<void()> go) = 0;
  virtual std::string token() const = 0;    // empty: none
  virtual std::string problem() const = 0;  // why there is none; empty: none is needed
  // The server did not take this token. Calls back, perhaps at once: true where there is another one.
  virtual void refused(const std::string& token, std::function<void(bool another)> go) = 0;
  // For access keys.
  virtual sdk::KeyValues signature(const Resource& resource) const = 0;
};

}  // namespace mcpr::nacos
