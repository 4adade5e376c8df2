// The data threads: their loops, listeners and fronts. Used on the control thread, but for what is said.
#pragma once

#include <memory>
#include <thread>
#include <vector>

#include "host/net/http_server.hpp"
#include "host/route/worker.hpp"
#include "host/server/front.hpp"

namespace mcpr::control {

struct DataPlaneOptions {
  unsigned threads = 1;
  std::size_t max_sessions = 100'000;
  net::HttpServerOptions http;
  route::RouteOptions route;
  upstream::PoolOptions pool;
  server::FrontOptionsPtr front;
};

class DataPlane {
 public:
  DataPlane(const DataPlaneOptions& options, net::BlockingPool& blocking, const server::HealthState& health);
  ~DataPlane();  // stop()

  // Opens the listeners and starts the threads. Throws where the address is taken.
  void start(const net::Address& at);
  std::uint16_t port() const { return port_; }

  // [any] Takes effect on each thread in its own time; `applied` runs on the last of them.
  void apply(upstream::DirectoryPtr directory, upstream::BalancersPtr balancers, Task applied);
  void set_options(const DataPlaneOptions& options);  // but for the number of threads

  // [any] Answers say `Connection: close` from now on; connections are still taken.
  void announce_drain();
  // [any] Closes listeners and streams; `drained` runs on a data thread when no connection is left.
  void drain(UniqueFunction<void()> drained);
  void stop();  // ends the threads; connections that are left are closed

  route::Shared& shared() { return shared_; }
  std::vector<const metrics::Cells*> cells() const;

 private:
  struct Thread {
    Thread(unsigned index, route::Shared& shared, net::BlockingPool& blocking, const DataPlaneOptions& options,
           const server::HealthState& health)
        : worker(index, shared, blocking, options.pool, options.route),
          front(worker, health, options.front),
          server(worker.loop, front, options.http),
          drain_timer(worker.loop, [this] { check_drained(); }) {}
    void check_drained();

    route::Worker worker;
    server::Front front;
    net::HttpServer server;
    net::Timer drain_timer;
    std::shared_ptr<std::function<void()>> drained;
    std::thread thread;
  };

  route::Shared shared_;
  std::vector<std::unique_ptr<Thread>> threads_;
  std::uint16_t port_ = 0;
};

}  // namespace mcpr::control
