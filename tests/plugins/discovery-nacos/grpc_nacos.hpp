// A gRPC server in this process that speaks as Nacos does, over loopback.
#pragma once

#include <grpcpp/generic/async_generic_service.h>
#include <grpcpp/server.h>
#include <grpcpp/server_builder.h>
#include <gtest/gtest.h>

#include <atomic>
#include <deque>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "rpc/message.hpp"

namespace mcpr::nacos::test {

inline grpc::ByteBuffer buffer(const Message& message) {
  const grpc::Slice slice(encode(message));
  return {&slice, 1};
}

inline Message message(const grpc::ByteBuffer& from) {
  grpc::Slice slice;
  Message out;
  std::string error;
  EXPECT_TRUE(from.DumpToSingleSlice(&slice).ok());
  EXPECT_TRUE(decode({reinterpret_cast<const char*>(slice.begin()), slice.size()}, out, error)) << error;
  return out;
}

// Answers each unary request by its type with the body {"resultCode":200,"peer":...}; acknowledges a set-up, then
// pushes one notification on each stream, and keeps what the client writes.
class NacosServer : public grpc::CallbackGenericService {
 public:
  explicit NacosServer(
      int port = 0, const std::shared_ptr<grpc::ServerCredentials>& credentials = grpc::InsecureServerCredentials()) {
    grpc::ServerBuilder builder;
    builder.AddListeningPort("127.0.0.1:" + std::to_string(port), credentials, &port_);
    builder.RegisterCallbackGenericService(this);
    server_ = builder.BuildAndStart();
  }
  ~NacosServer() override { stop(); }
  void stop() {
    if (server_) server_->Shutdown(std::chrono::system_clock::now());
    server_.reset();
  }
  std::uint16_t port() const { return static_cast<std::uint16_t>(port_); }
  std::vector<std::string> written() {
    const std::lock_guard lock(mutex_);
    return written_;
  }
  std::set<std::string> peers() {
    const std::lock_guard lock(mutex_);
    return peers_;
  }
  std::atomic<bool> silent{false};

 private:
  class Call final : public grpc::ServerGenericBidiReactor {
   public:
    Call(NacosServer& server, grpc::GenericCallbackServerContext& context)
        : server_(server), peer_(context.peer()), stream_(context.method() != "/Request/request") {
      StartRead(&in_);
    }
    void OnReadDone(bool ok) override {
      if (!ok) return end();
      const Message in = message(in_);
      {
        const std::lock_guard lock(server_.mutex_);
        if (stream_) server_.written_.push_back(in.type);
        server_.peers_.insert(peer_);
      }
      if (server_.silent) return;
      if (stream_) {
        if (in.type == "ConnectionSetupRequest") {
          out_ = {{"SetupAckRequest", {{"abilityTable", {{"fuzzyWatch", true}}}}, {}},
                  {"NotifySubscriberRequest", {{"requestId", "5"}, {"dataId", "x"}}, {}}};
          write();
        }
        return StartRead(&in_);
      }
      if (ended_.exchange(true)) return;
      const std::size_t kind = in.type.rfind("Request");
      outgoing_ = buffer({in.type.substr(0, kind) + "Response",
                          {{"resultCode", 200}, {"supportAbilityNegotiation", true}, {"echo", in.body}},
                          {}});
      StartWriteAndFinish(&outgoing_, {}, grpc::Status::OK);
    }
    void OnWriteDone(bool ok) override {
      if (ok && stream_) write();
    }
    void OnCancel() override { end(); }
    void OnDone() override { delete this; }

   private:
    void end() {
      if (!ended_.exchange(true)) Finish(grpc::Status::OK);
    }
    void write() {
      if (out_.empty()) return;
      outgoing_ = buffer(out_.front());
      out_.pop_front();
      StartWrite(&outgoing_);
    }
    NacosServer& server_;
    const std::string peer_;
    const bool stream_;
    std::atomic<bool> ended_{false};
    grpc::ByteBuffer in_, outgoing_;
    std::deque<Message> out_;
  };
  grpc::ServerGenericBidiReactor* CreateReactor(grpc::GenericCallbackServerContext* context) override {
    return std::make_unique<Call>(*this, *context).release();  // deletes itself when it is done
  }

  int port_ = 0;
  std::mutex mutex_;
  std::vector<std::string> written_;
  std::set<std::string> peers_;
  std::unique_ptr<grpc::Server> server_;
};

}  // namespace mcpr::nacos::test
