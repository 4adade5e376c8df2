// Services that the host announces: registered as ephemeral instances over gRPC, where they live as long as the
// connection, so they are registered again after each reconnection. One thread.
#pragma once

#include <functional>
#include <map>
#include <mcpr/service.hpp>
#include <string>

#include "parts.hpp"

namespace mcpr::nacos {

class Announcements {
 public:
  using Done = std::function<void(std::string error)>;  // empty: it is done

  explicit Announcements(Parts& parts);
  Announcements(const Announcements&) = delete;
  Announcements& operator=(const Announcements&) = delete;

  // The name may be `name@GROUP`. What cannot be done for want of a connection is done when there is one.
  void announce(const sdk::Service& service, bool up, Done done);
  void use(Way way);
  void withdraw_all(std::function<void()> done);  // within a bounded time

 private:
  struct Entry {
    JsonArray instances;
    bool registered = false;  // on this connection
  };
  bool key_of(const sdk::Service& service, ServiceKey& out) const;
  void enter(const ServiceKey& key, Done done);
  void remove(const ServiceKey& key, const JsonArray& instances, Done done);
  void enter_all();

  Parts& parts_;
  Way way_ = Way::none;
  std::uint64_t generation_ = 0;
  std::map<ServiceKey, Entry> entries_;
  Backoff backoff_;
  Agenda::Alarm again_;
  Agenda::Alarm patience_;
  std::size_t leaving_ = 0;
  std::function<void()> on_left_;
};

}  // namespace mcpr::nacos
