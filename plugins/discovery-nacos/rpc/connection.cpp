#include "rpc/connection.hpp"

#include <utility>

#include "http/answer.hpp"
#include "model/json.hpp"
#include "rpc/reply.hpp"

namespace mcpr::nacos {
namespace {

constexpr Agenda::Millis kProbe{100};
constexpr Agenda::Millis kHeld{10'000};

}  // namespace

Connection::Connection(Wire& wire, Agenda& agenda, Credentials& credentials, Rotation rotation, Options options,
                       std::function<void(const std::string&)> note)
    : wire_(wire),
      agenda_(agenda),
      credentials_(credentials),
      rotation_(std::move(rotation)),
      options_(std::move(options)),
      note_(std::move(note)),
      retry_(agenda, [this] { attempt(); }),
      set_up_late_(agenda, [this] { lost("the connection was not set up in time"); }),
      probe_again_(agenda, [this] { probe(); }),
      quiet_(agenda, [this] { check_health(false); }),
      soon_(agenda, [this] {
        for (const auto& task : std::exchange(later_, {})) task();
      }) {}

void Connection::start(Events events) {
  events_ = std::move(events);
  phase_ = Phase::waiting;
  retry_.after(Agenda::Millis(0));
}

void Connection::stop(std::function<void()> done) {
  phase_ = Phase::stopped;
  ++attempt_;
  pending_.clear();
  later_.clear();
  for (Agenda::Alarm* alarm : {&retry_, &set_up_late_, &probe_again_, &quiet_, &soon_}) alarm->cancel();
  wire_.stop(std::move(done));
}

void Connection::attempt() {
  credentials_.ready([this, attempt = ++attempt_] {
    if (attempt == attempt_) check();
  });
}

void Connection::check() {
  phase_ = Phase::checking;
  abilities_.clear();
  const auto ours = [this, attempt = attempt_](auto f) {
    return [this, attempt, f](auto&&... arguments) {
      if (attempt == attempt_) (this->*f)(std::forward<decltype(arguments)>(arguments)...);
    };
  };
  const std::string problem = wire_.open(
      rotation_.server(), {ours(&Connection::received), [this](const std::string& why) { note_("gRPC: " + why); },
                           ours(&Connection::lost)});
  if (!problem.empty()) return lost(problem);
  wire_.call(message("ServerCheckRequest", {}), options_.timeout, ours(&Connection::checked));
}

void Connection::checked(const Wire::Answer& answer) {
  const Reply reply = read_reply(answer);
  if (!reply.ok) return lost(reply.error);
  phase_ = Phase::setting_up;
  set_up_late_.after(options_.set_up);
  wire_.open_stream();
  wire_.write(message("ConnectionSetupRequest", {{"clientVersion", options_.client},
                                                 {"tenant", options_.tenant},
                                                 {"labels", {{"source", "sdk"}, {"module", "naming"}}},
                                                 {"abilityTable", {{"fuzzyWatch", true}}}}));
  // Servers that negotiate abilities acknowledge the set-up with theirs; of others only trying tells when it is done.
  if (!flag_in(reply.body.get_object(), "supportAbilityNegotiation", false)) probe();
}

void Connection::probe() {
  wire_.call(message("HealthCheckRequest", {}), options_.health, [this, attempt = attempt_](Wire::Answer answer) {
    if (attempt != attempt_ || phase_ != Phase::setting_up) return;
    const Reply reply = read_reply(std::move(answer));
    if (reply.ok) return up();
    if (reply.code == 0) return lost(reply.error);
    probe_again_.after(kProbe);  // not registered yet
  });
}

void Connection::up() {
  phase_ = Phase::up;
  up_since_ = agenda_.now();
  set_up_late_.cancel();
  probe_again_.cancel();
  checking_health_ = false;
  quiet_.after(options_.quiet);
  events_.connected();
}

void Connection::lost(const std::string& why) {
  if (phase_ == Phase::up && agenda_.now() - up_since_ >= kHeld) rotation_.held();
  const std::string server = rotation_.server().authority();
  leave(server + ": " + why, rotation_.failed());
}

void Connection::leave(const std::string& why, Agenda::Millis wait) {
  ++attempt_;
  phase_ = Phase::waiting;
  for (Agenda::Alarm* alarm : {&set_up_late_, &probe_again_, &quiet_}) alarm->cancel();
  wire_.close();
  retry_.after(wait);
  for (auto& [id, pending] : std::exchange(pending_, {})) {
    if (phase_ == Phase::stopped) return;  // one of them has stopped us
    pending.on_reply({false, 0, why, nullptr, {}});
  }
  if (phase_ != Phase::stopped) events_.lost(why);
}

void Connection::received(Message in) {
  alive();
  if (in.type == "SetupAckRequest") {
    if (const JsonObject* table = object_in(in.body, "abilityTable")) {
      for (const auto& [name, on] : *table) {
        if (on.is_bool() && on.get_bool()) abilities_.emplace(name);
      }
    }
    if (phase_ == Phase::setting_up) up();
    return;
  }
  const std::string acknowledgement = acknowledgement_of(in.type);
  if (!acknowledgement.empty()) {
    Message out = message(acknowledgement, {{"resultCode", 200}, {"errorCode", 0}, {"success", true}});
    if (const Json* id = in.body.if_contains("requestId")) out.body["requestId"] = *id;
    wire_.write(out);
  }
  if (in.type == "ClientDetectionRequest") return;
  if (in.type == "ConnectResetRequest") return sent_away(in);
  if (!acknowledgement.empty() && phase_ == Phase::up) events_.pushed(in.type, in.body);
}

void Connection::sent_away(const Message& in) {
  const std::string from = rotation_.server().authority();
  const Agenda::Millis wait =
      rotation_.sent_away(text_in(in.body, "serverIp"), port_in(in.body, "serverPort").value_or(0));
  leave(from + " asks us to go to " + rotation_.server().authority(), wait);
}

// Anything that comes shows that the connection lives.
void Connection::alive() {
  if (phase_ == Phase::up) quiet_.after(options_.quiet);
}

void Connection::check_health(bool again) {
  if (phase_ != Phase::up || (checking_health_ && !again)) return;
  checking_health_ = true;
  wire_.call(message("HealthCheckRequest", {}), options_.health,
             [this, again, attempt = attempt_](Wire::Answer answer) {
               if (attempt != attempt_) return;
               const bool late = answer.result == Wire::Answer::Result::late;
               if (late && !again) return check_health(true);
               const Reply reply = read_reply(std::move(answer));
               if (!reply.ok) return lost(reply.error);
               checking_health_ = false;
               alive();
             });
}

Message Connection::message(std::string_view type, JsonObject body) const {
  Message out;
  out.type = type;
  out.body = std::move(body);
  if (type.ends_with("Request")) out.body.emplace("module", module_of(type));
  if (std::string token = credentials_.token(); !token.empty())
    out.headers.emplace_back("accessToken", std::move(token));
  return out;
}

void Connection::request(std::string_view type, JsonObject body, OnReply on_reply) {
  if (phase_ == Phase::stopped) return;
  if (phase_ != Phase::up) {
    return soon([on_reply = std::move(on_reply)] { on_reply({false, 0, "gRPC is not connected", nullptr, {}}); });
  }
  const std::uint64_t id = ++last_;
  pending_[id] = {std::string(type), std::move(body), std::move(on_reply), {}, false};
  credentials_.ready([this, id] { send(id); });
}

void Connection::send(std::uint64_t id) {
  const auto at = pending_.find(id);
  if (at == pending_.end()) return;
  Pending& pending = at->second;
  Message out = message(pending.type, pending.body);
  pending.token = credentials_.token();
  for (auto& header : credentials_.signature(resource_of_type(pending.type, pending.body))) {
    out.headers.push_back(std::move(header));
  }
  wire_.call(out, options_.timeout, [this, id](Wire::Answer answer) { answered(id, std::move(answer)); });
}

void Connection::answered(std::uint64_t id, Wire::Answer answer) {
  const auto at = pending_.find(id);
  if (at == pending_.end()) return;
  Pending& pending = at->second;
  using Result = Wire::Answer::Result;
  const Result result = answer.result;
  Reply reply = read_reply(std::move(answer));
  // Without a link nothing that it was set up for holds any more.
  if (result == Result::gone || (result == Result::came && reply.code == kUnregistered)) return lost(reply.error);
  if (result == Result::came) alive();
  if (result == Result::late) check_health(false);
  if (!is_refused(reply) || pending.again) return give(id, std::move(reply));
  pending.again = true;
  credentials_.refused(pending.token, [this, id, reply = std::move(reply)](bool another) mutable {
    if (another) return send(id);
    if (!credentials_.problem().empty()) reply.error += " (" + credentials_.problem() + ")";
    give(id, std::move(reply));
  });
}

void Connection::give(std::uint64_t id, Reply reply) {
  const auto at = pending_.find(id);
  if (at == pending_.end()) return;
  const OnReply on_reply = std::move(at->second.on_reply);
  pending_.erase(at);
  on_reply(std::move(reply));
}

void Connection::soon(std::function<void()> task) {
  later_.push_back(std::move(task));
  soon_.sooner(Agenda::Millis(0));
}

}  // namespace mcpr::nacos
