#include "auth/identity.hpp"

#include <utility>

namespace mcpr::nacos {
namespace {

using std::chrono::duration_cast;
using std::chrono::milliseconds;

std::uint64_t wall_clock_ms() {
  const auto since_epoch = std::chrono::system_clock::now().time_since_epoch();
  return static_cast<std::uint64_t>(duration_cast<milliseconds>(since_epoch).count());
}

}  // namespace

Identity::Identity(Requester& requester, Agenda& agenda, User user, AccessKey key, milliseconds timeout, Out out)
    : requester_(requester),
      agenda_(agenda),
      user_(std::move(user)),
      key_(std::move(key)),
      timeout_(timeout),
      out_(std::move(out)),
      keeper_(!user_.name.empty()),
      renew_(agenda, [this] { log_in(); }) {}

void Identity::ready(std::function<void()> go) {
  if (logging_in_ ? keeper_.token().empty() : keeper_.must_wait(agenda_.now())) {
    waiting_.push_back(std::move(go));
    return log_in();
  }
  if (keeper_.due(agenda_.now())) log_in();
  go();
}

void Identity::refused(const std::string& token, std::function<void(bool)> go) {
  keeper_.refused(token, agenda_.now());
  ready([this, token, go = std::move(go)] {
    if (keeper_.token().empty() && !keeper_.problem().empty()) out_.refused(keeper_.problem());
    go(!keeper_.token().empty() && keeper_.token() != token);
  });
}

sdk::KeyValues Identity::signature(const Resource& resource) const {
  return nacos::signature(key_, resource, wall_clock_ms());
}

void Identity::stop() {
  renew_.cancel();
  waiting_.clear();
}

void Identity::log_in() {
  if (std::exchange(logging_in_, true)) return;
  requester_.send(
      {"POST",
       v1_ ? "/v1/auth/login" : "/v3/auth/user/login",
       {{"username", user_.name}, {"password", user_.password}},
       {},
       timeout_},
      [this, asked = agenda_.now()](const sdk::HttpResponse& response) { answered(read_login(response), asked); });
}

void Identity::answered(const LoginAnswer& answer, Agenda::Time asked) {
  logging_in_ = false;
  if (answer.no_such_path && !v1_) {
    v1_ = true;
    return log_in();
  }
  const std::string before = keeper_.problem();
  if (answer.ok) {
    keeper_.got(answer.token, answer.ttl, asked);
    if (!before.empty()) out_.note("logged in as '" + user_.name + "'");
  } else {
    v1_ = false;  // the next server may be newer
    keeper_.failed("login as '" + user_.name + "' failed: " + answer.error, agenda_.now());
    if (keeper_.problem() != before) out_.note(keeper_.problem());
  }
  const auto wait = duration_cast<milliseconds>(keeper_.next() - agenda_.now());
  renew_.after(std::max(wait, milliseconds(1)));
  for (const auto& go : std::exchange(waiting_, {})) go();
  if (answer.ok) out_.refused({});
}

}  // namespace mcpr::nacos
