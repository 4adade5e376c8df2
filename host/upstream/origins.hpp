// The connections of one data thread to the instances.
#pragma once

#include <memory>
#include <unordered_map>

#include "host/net/http_client.hpp"
#include "host/upstream/instance.hpp"

namespace mcpr::upstream {

using PoolOptions = net::PoolOptions;

class Origins {
 public:
  Origins(net::Loop& loop, net::BlockingPool& blocking, PoolOptions options)
      : loop_(loop), blocking_(blocking), options_(options) {}

  net::HttpOrigin& of(const InstancePtr& instance);
  // Gives up those that nobody but this pool knows any more.
  void prune();
  std::size_t connections() const;
  void set_options(PoolOptions options);

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
