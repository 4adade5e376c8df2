// Sends requests to the servers of one cluster by the host's HTTP client: to the one that answered last, and to the
// others in turn where it does not.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <mcpr/host.hpp>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "config/address.hpp"

namespace mcpr::nacos {

// Control thread.
class Requester {
 public:
  struct Request {
    std::string method;
    std::string path;           // without the context path
    sdk::KeyValues parameters;  // POST and PUT: a form; else the query
    sdk::KeyValues headers;
    std::chrono::milliseconds timeout{0};  // at each server
  };
  using OnAnswer = std::function<void(const sdk::HttpResponse&)>;

  // first: the position of the server to begin with.
  Requester(sdk::Host host, std::vector<Address> servers, std::size_t first, std::string ca_file);
  Requester(const Requester&) = delete;
  Requester& operator=(const Requester&) = delete;

  void send(Request request, OnAnswer on_answer);  // on_answer comes once, never inside of send
  void stop();                                     // nothing is answered any more

 private:
  struct Call {
    Request request;
    OnAnswer on_answer;
    std::size_t server = 0;
    std::size_t tried = 0;
    std::optional<sdk::HttpCall> http;
  };
  void try_server(std::uint64_t id);
  void answered(std::uint64_t id, sdk::HttpResponse response);
  void refuse_later(std::uint64_t id, std::string why);

  sdk::Host host_;
  std::vector<Address> servers_;
  std::size_t current_;
  std::string ca_file_;
  std::map<std::uint64_t, Call> calls_;
  std::uint64_t last_ = 0;
  bool stopped_ = false;
  std::shared_ptr<char> alive_ = std::make_shared<char>();
};

}  // namespace mcpr::nacos
