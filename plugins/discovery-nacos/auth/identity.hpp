// Logs in by HTTP, keeps the token fresh, signs by access key.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "auth/credentials.hpp"
#include "auth/login_answer.hpp"
#include "auth/token_keeper.hpp"
#include "http/requester.hpp"
#include "sync/agenda.hpp"

namespace mcpr::nacos {

class Identity final : public Credentials {
 public:
  struct User {
    std::string name, password;  // an empty name: no login
  };
  struct Out {
    std::function<void(const std::string&)> note;  // a line for the log
    // Why we are not logged in, told when Nacos refuses something for it: one that asks nobody to log in does not mind.
    // Empty: we are.
    std::function<void(const std::string&)> refused;
  };
  Identity(Requester& requester, Agenda& agenda, User user, AccessKey key, std::chrono::milliseconds timeout, Out out);

  void ready(std::function<void()> go) override;
  std::string token() const override { return keeper_.token(); }
  std::string problem() const override { return keeper_.problem(); }
  void refused(const std::string& token, std::function<void(bool)> go) override;
  sdk::KeyValues signature(const Resource& resource) const override;
  void stop();  // nobody is called back any more

 private:
  void log_in();
  void answered(const LoginAnswer& answer, Agenda::Time asked);

  Requester& requester_;
  Agenda& agenda_;
  User user_;
  AccessKey key_;
  std::chrono::milliseconds timeout_;
  Out out_;
  TokenKeeper keeper_;
  Agenda::Alarm renew_;
  std::vector<std::function<void()>> waiting_;
  bool logging_in_ = false;
  bool v1_ = false;  // the server knows only the older path
};

}  // namespace mcpr::nacos
