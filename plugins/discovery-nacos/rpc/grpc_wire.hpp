// The wire of gRPC's own: a channel a link, and one thread that waits on its completion queue.
#pragma once

#include <atomic>
#include <cstddef>
#include <mcpr/host.hpp>
#include <memory>
#include <string>
#include <thread>

#include "config/settings.hpp"
#include "rpc/wire.hpp"

namespace grpc {
class CompletionQueue;
}

namespace mcpr::nacos {

// All state belongs to the control thread: the queue's thread decodes what has come and posts it. That keeps every
// order of events that gRPC gives, and needs no lock.
class GrpcWire final : public Wire {
 public:
  struct Options {
    Settings::Grpc grpc;
    Settings::Tls tls;
  };
  GrpcWire(sdk::Host host, Options options);
  ~GrpcWire() override;  // after stop, or without ever having been opened
  GrpcWire(const GrpcWire&) = delete;
  GrpcWire& operator=(const GrpcWire&) = delete;

  [[nodiscard]] std::string open(const Address& server, Events events) override;
  void call(const Message& request, std::chrono::milliseconds timeout, std::function<void(Answer)> on_answer) override;
  void open_stream() override;
  void write(const Message& message) override;
  void close() override;
  void stop(std::function<void()> done) override;

 private:
  class Link;
  friend class Link;
  struct Operation;
  void wait_for_events();  // the queue's thread
  void finish(std::unique_ptr<Operation> operation, bool ok);
  void thread_ended();

  sdk::Host host_;
  Options options_;
  std::shared_ptr<Link> link_;
  std::unique_ptr<grpc::CompletionQueue> queue_;
  std::thread thread_;
  std::size_t under_way_ = 0;  // operations that the queue will give back
  bool stopping_ = false;
  std::atomic<bool> abandoned_{false};  // nobody takes what the queue gives back
  std::function<void()> done_;
};

}  // namespace mcpr::nacos
