#include "rpc/grpc_wire.hpp"

#include <utility>

#include "rpc/grpc_channel.hpp"
#include "rpc/grpc_link.hpp"

namespace mcpr::nacos {

GrpcWire::GrpcWire(sdk::Host host, Options options) : host_(host), options_(std::move(options)) {}

GrpcWire::~GrpcWire() {
  if (!thread_.joinable()) return;
  abandoned_ = true;
  close();
  queue_->Shutdown();
  thread_.join();
}

std::string GrpcWire::open(const Address& server, Events events) {
  close();
  if (stopping_) return "stopping";
  std::string error;
  std::shared_ptr<grpc::Channel> channel = make_channel(server, options_.grpc, options_.tls, error);
  if (!channel) return error;
  if (!thread_.joinable()) {
    queue_ = std::make_unique<grpc::CompletionQueue>();
    thread_ = std::thread([this] { wait_for_events(); });
  }
  link_ = std::make_shared<Link>(*this, std::move(channel), std::move(events));
  return {};
}

void GrpcWire::call(const Message& request, std::chrono::milliseconds timeout, std::function<void(Answer)> on_answer) {
  if (link_) link_->call(request, timeout, std::move(on_answer));
}

void GrpcWire::open_stream() {
  if (link_) link_->open_stream();
}

void GrpcWire::write(const Message& message) {
  if (link_) link_->write(message);
}

void GrpcWire::close() {
  if (const std::shared_ptr<Link> link = std::exchange(link_, nullptr)) link->close();
}

void GrpcWire::stop(std::function<void()> done) {
  stopping_ = true;
  done_ = std::move(done);
  close();
  if (!thread_.joinable()) {
    host_.post([this] { thread_ended(); });
  } else if (under_way_ == 0) {
    queue_->Shutdown();
  }
}

void GrpcWire::wait_for_events() {
  void* tag = nullptr;
  bool ok = false;
  while (queue_->Next(&tag, &ok)) {
    auto* const operation = static_cast<Operation*>(tag);
    operation->decode(ok);
    const bool taken =
        !abandoned_ && host_.post([this, operation, ok] { finish(std::unique_ptr<Operation>(operation), ok); });
    if (!taken) delete operation;
  }
  if (!abandoned_) host_.post([this] { thread_ended(); });
}

void GrpcWire::finish(std::unique_ptr<Operation> operation, bool ok) {
  operation->finish(ok);
  operation.reset();
  if (--under_way_ == 0 && stopping_) queue_->Shutdown();
}

void GrpcWire::thread_ended() {
  if (thread_.joinable()) thread_.join();
  queue_.reset();
  const std::function<void()> done = std::move(done_);
  if (done) done();
}

}  // namespace mcpr::nacos
