// The token of a user: when to log in, when again, and what to say while there is none. No clock and no I/O of its own.
#pragma once

#include <algorithm>
#include <chrono>
#include <string>
#include <string_view>

#include "sync/agenda.hpp"

namespace mcpr::nacos {

class TokenKeeper {
 public:
  using Time = std::chrono::steady_clock::time_point;
  using Millis = std::chrono::milliseconds;

  explicit TokenKeeper(bool required) : required_(required) {}

  bool required() const { return required_; }
  const std::string& token() const { return token_; }      // empty: none
  const std::string& problem() const { return problem_; }  // why the last login failed; empty: it did not

  // A request that begins now should wait for a login. After a failed one it rather goes without a token until the next
  // attempt is due: the server may not ask for one.
  bool must_wait(Time now) const { return required_ && (token_.empty() || now >= expires_) && now >= not_before_; }
  // The time to log in has come, though requests can go on with the token that there is.
  bool due(Time now) const { return required_ && now >= std::max(renew_, not_before_); }
  Time next() const { return std::max(renew_, not_before_); }  // when due() becomes true

  // `asked` is when the login was sent: the server counted the token's time from no earlier moment.
  void got(std::string token, std::chrono::seconds ttl, Time asked) {
    // Ahead of its end by a tenth, as Nacos' own client has it.
    token_ = std::move(token);
    expires_ = asked + ttl;
    renew_ = asked + ttl * 9 / 10;
    not_before_ = asked + kShortest;
    problem_.clear();
    backoff_.succeeded();
  }
  void failed(std::string why, Time now) {
    problem_ = std::move(why);
    not_before_ = now + backoff_.failed();
    if (now >= expires_) token_.clear();
  }
  // The server does not take this token: another one is needed at once, unless there is a newer one already. A server
  // that refuses every token is not asked for one after the other.
  void refused(std::string_view token, Time now) {
    if (token != token_) return;
    token_.clear();
    renew_ = expires_ = now;
  }

 private:
  static constexpr Millis kShortest{1'000};

  bool required_;
  std::string token_;
  std::string problem_;
  Time expires_{}, renew_{}, not_before_{};
  Backoff backoff_{Millis(1'000), Millis(30'000)};
};

}  // namespace mcpr::nacos
