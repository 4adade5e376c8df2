// A request for a service that nobody has published: it waits while the sources are asked, and is then served as if it
// had just come, or refused.
#pragma once

#include <memory>
#include <string>

#include "host/net/timer.hpp"
#include "host/server/front.hpp"

namespace mcpr::server {

class LookupWait final : private net::HttpOwner {
 public:
  static void start(Incoming& in);
  explicit LookupWait(Incoming& in);

 private:
  void on_client_gone() override { connection_ = nullptr; }
  void late();
  void answered(route::NameLookup::Answer answer);
  void refuse(unsigned status, std::string_view text);
  Incoming again();

  route::Worker& worker_;
  net::HttpConnection* connection_;  // null: nobody waits any more
  FrontOptionsPtr options_;
  Target target_;
  std::string cors_;
  std::string principal_;
  std::string_view body_;
  net::Timer timer_;
  std::unique_ptr<LookupWait> self_;
};

}  // namespace mcpr::server
