// The connections of one data thread to the instances.
#pragma once

#include <memory>
#include <unordered_map>

#include "host/net/http_client.hpp"
#include "host/upstream/instance.hpp"

namespace mcpr::upstream {

struct PoolOptions {
  net::Millis idle{4'000};
  std::size_t max_connections = 16'384;
  std::size_t max_idle = 256;
  std::size_t max_waiting = 1'024;
};

class Origins {
 public:
  Origins(net::Loop& loop, net::BlockingPool& blocking, PoolOptions options)
      : loop_(loop), blocking_(blocking), options_(options) {}

  net::HttpOrigin& of(const InstancePtr& instance);
  // Gives up those that nobody but this pool knows any more.
  void prune();
  std::size_t connections() const;

 private:
  struct Entry {
    InstancePtr instance;
    std::unique_ptr<net::HttpOrigin> origin;
  };
  net::Loop& loop_;
  net::BlockingPool& blocking_;
  PoolOptions options_;
  std::unordered_map<const Instance*, Entry> entries_;
};

}  // namespace mcpr::upstream
