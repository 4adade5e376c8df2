// The gRPC side of the seam: the connection's life, without any I/O of its own.
//
//   server check -> stream, set-up -> its acknowledgement (3.x), or a health check that is let in (2.x, r-nacos) -> up
//
// Up, it is looked after by health checks when it is quiet; lost, it is tried again at the next server.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <set>
#include <string>

#include "auth/credentials.hpp"
#include "link.hpp"
#include "rpc/rotation.hpp"
#include "rpc/wire.hpp"
#include "sync/agenda.hpp"

namespace mcpr::nacos {

class Connection final : public Rpc {
 public:
  struct Options {
    std::string client;             // how we call ourselves, for Nacos' lists of its clients
    std::string tenant;             // the namespace in the set-up
    Agenda::Millis timeout{5'000};  // of a request
    Agenda::Millis set_up{5'000};   // from the stream's opening to up
    Agenda::Millis quiet{5'000};    // without a sign of life: a health check
    Agenda::Millis health{3'000};   // of a health check; two in a row lose the connection
  };
  // note: a line for the log.
  Connection(Wire& wire, Agenda& agenda, Credentials& credentials, Rotation rotation, Options options,
             std::function<void(const std::string&)> note);

  void start(Events events) override;
  void request(std::string_view type, boost::json::object body, OnReply on_reply) override;
  bool can(std::string_view ability) const override { return abilities_.count(ability) > 0; }
  void stop(std::function<void()> done) override;

 private:
  enum class Phase : std::uint8_t { off, waiting, checking, setting_up, up, stopped };
  struct Pending {
    std::string type;
    boost::json::object body;
    OnReply on_reply;
    std::string token;  // that it was sent with
    bool again = false;
  };

  void attempt();
  void check();
  void checked(const Wire::Answer& answer);
  void probe();
  void up();
  void lost(const std::string& why);
  void leave(const std::string& why, Agenda::Millis wait);
  void received(Message message);
  void sent_away(const Message& message);
  void alive();
  void check_health(bool again);

  Message message(std::string_view type, boost::json::object body) const;
  void send(std::uint64_t id);
  void answered(std::uint64_t id, Wire::Answer answer);
  void give(std::uint64_t id, Reply reply);
  void soon(std::function<void()> task);

  Wire& wire_;
  Agenda& agenda_;
  Credentials& credentials_;
  Rotation rotation_;
  Options options_;
  std::function<void(const std::string&)> note_;
  Events events_;

  Phase phase_ = Phase::off;
  std::uint64_t attempt_ = 0;  // what belongs to an earlier one is not heard any more
  std::set<std::string, std::less<>> abilities_;
  Agenda::Time up_since_{};
  std::map<std::uint64_t, Pending> pending_;
  std::uint64_t last_ = 0;
  std::deque<std::function<void()>> later_;
  Agenda::Alarm retry_, set_up_late_, probe_again_, quiet_, soon_;
  bool checking_health_ = false;
};

}  // namespace mcpr::nacos
