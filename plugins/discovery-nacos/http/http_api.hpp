// The HTTP side of the seam.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <string>

#include "auth/credentials.hpp"
#include "http/requester.hpp"
#include "link.hpp"

namespace mcpr::nacos {

class HttpApi final : public Api {
 public:
  HttpApi(Requester& requester, Credentials& credentials, std::chrono::milliseconds timeout)
      : requester_(requester), credentials_(credentials), timeout_(timeout) {}

  void call(std::string_view method, std::string_view path, Parameters parameters, OnReply on_reply,
            sdk::KeyValues headers = {}, unsigned timeout_ms = 0) override;
  void stop() override;

 private:
  struct Pending {
    Requester::Request request;
    OnReply on_reply;
    std::string token;  // that it was sent with
    bool again = false;
  };
  void send(std::uint64_t id);
  void answered(std::uint64_t id, const sdk::HttpResponse& response);
  void give(std::uint64_t id, Reply reply);

  Requester& requester_;
  Credentials& credentials_;
  std::chrono::milliseconds timeout_;
  std::map<std::uint64_t, Pending> pending_;
  std::uint64_t last_ = 0;
  bool stopped_ = false;
};

}  // namespace mcpr::nacos
