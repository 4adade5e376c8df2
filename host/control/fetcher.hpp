// The HTTP client that plugins are lent: pooled connections by origin, on the control loop.
#pragma once

#include <list>
#include <map>
#include <memory>
#include <string>

#include "host/net/http_client.hpp"
#include "host/plugin/host_services.hpp"

namespace mcpr::control {

class Fetcher final : public plugin::HttpFetcher {
 public:
  Fetcher(net::Loop& loop, net::BlockingPool& blocking);
  ~Fetcher() override;

  std::uint64_t fetch(plugin::FetchRequest request, UniqueFunction<void(plugin::FetchResult)> on_result) override;
  void cancel(std::uint64_t handle) override;

 private:
  class Call;
  void end(Call& call);
  net::HttpOrigin& origin(const std::string& host, std::uint16_t port, bool tls, const std::string& ca_file);

  net::Loop& loop_;
  net::BlockingPool& blocking_;
  std::map<std::string, std::unique_ptr<net::HttpOrigin>> origins_;
  std::map<std::uint64_t, std::unique_ptr<Call>> calls_;
  std::list<std::unique_ptr<Call>> ended_;  // destroyed by a timer: they may still be on the stack
  net::Timer sweep_;
  std::uint64_t last_ = 0;
};

}  // namespace mcpr::control
