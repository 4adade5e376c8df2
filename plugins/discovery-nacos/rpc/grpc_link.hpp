// One HTTP/2 connection of a GrpcWire, and the operations under way on it.
#pragma once

#include <grpcpp/channel.h>
#include <grpcpp/client_context.h>
#include <grpcpp/completion_queue.h>
#include <grpcpp/generic/generic_stub.h>

#include <deque>
#include <memory>
#include <set>
#include <string>
#include <utility>

#include "rpc/grpc_wire.hpp"

namespace mcpr::nacos {

// What the queue gives back. Freed after finish.
struct GrpcWire::Operation {
  virtual ~Operation() = default;
  virtual void decode(bool /*ok*/) {}  // the queue's thread
  virtual void finish(bool ok) = 0;    // control thread
};

// Kept by its wire while it is the current one, and by its operations.
class GrpcWire::Link : public std::enable_shared_from_this<Link> {
 public:
  Link(GrpcWire& wire, std::shared_ptr<grpc::Channel> channel, Events events)
      : wire_(wire), stub_(std::move(channel)), events_(std::move(events)) {}

  void call(const Message& request, std::chrono::milliseconds timeout, std::function<void(Answer)> on_answer);
  void open_stream();
  void write(const Message& message);
  void close();  // nothing calls back any more, and the operations end soon

 private:
  struct Unary;
  struct StreamOperation;
  enum class Step : std::uint8_t { start, read, write, finish };
  void begin(Step step);
  void stepped(Step step, bool ok, Message message, const std::string& error);
  void write_next();
  void finish_stream();

  GrpcWire& wire_;
  grpc::GenericStub stub_;
  Events events_;
  bool open_ = true;
  std::set<grpc::ClientContext*> calls_;

  grpc::ClientContext stream_context_;
  std::unique_ptr<grpc::GenericClientAsyncReaderWriter> stream_;
  grpc::ByteBuffer incoming_;
  std::deque<grpc::ByteBuffer> outgoing_;  // the first is being written
  bool started_ = false;
  bool writing_ = false;
  bool finishing_ = false;
  grpc::Status status_;
};

}  // namespace mcpr::nacos
