#include "host/upstream/prober.hpp"

#include <algorithm>
#include <boost/json.hpp>

#include "host/mcp/media.hpp"
#include "host/mcp/version.hpp"
#include "host/upstream/message_reader.hpp"
#include "host/upstream/request.hpp"

namespace mcpr::upstream {

namespace {

constexpr std::string_view kDiscover =
    R"({"jsonrpc":"2.0","id":"mcp-router-probe","method":"server/discover","params":{"_meta":{)"
    R"("io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{},)"
    R"("io.modelcontextprotocol/clientInfo":{"name":"mcp-router","version":"1"}}}})";
constexpr net::Millis kTimeout{3'000};
constexpr std::size_t kMaxAnswer = 1024 * 1024;
constexpr std::size_t kAtOnce = 64;
constexpr net::Millis kFirstPause{1'000};
constexpr unsigned kMostDoublings = 8;  // pauses of up to four minutes
constexpr net::Millis kTogether{250};   // those due so soon after another are asked with it

}  // namespace

std::uint8_t eras_from_discover(unsigned status, std::string_view json) {
  boost::system::error_code error;
  const boost::json::value root = boost::json::parse({json.data(), json.size()}, error);
  const auto* message = error ? nullptr : root.if_object();
  const auto* result = message && message->contains("result") ? message->at("result").if_object() : nullptr;
  if (!result) {
    // Whatever refuses the question, but answers, is a server of the era before it.
    return status >= 500 || status == 401 || status == 403 ? std::uint8_t{0} : std::uint8_t{catalog::era_handshake};
  }
  std::uint8_t eras = 0;
  if (const auto* versions = result->if_contains("supportedVersions"); versions && versions->is_array()) {
    for (const auto& version : versions->get_array()) {
      if (!version.is_string()) continue;
      const std::string_view text(version.get_string().data(), version.get_string().size());
      if (mcp::stateless(text)) eras |= catalog::era_stateless;
      if (mcp::handshake(text)) eras |= catalog::era_handshake;
    }
  }
  return eras ? eras : std::uint8_t{catalog::era_stateless};
}

class Probe final : private net::HttpCall, private MessageTarget {
 public:
  Probe(Prober& prober, InstancePtr instance, unsigned asked)
      : prober_(prober), instance_(std::move(instance)), asked_(asked), reader_(peeker_, *this, kMaxAnswer) {}

  void start() {
    RequestFacts facts;
    facts.protocol_version = mcp::kStateless;
    facts.body_size = kDiscover.size();
    std::string head;
    begin_head(head, *instance_, facts);
    head += "Mcp-Method: server/discover\r\n";
    end_head(head);
    prober_.origins_.of(instance_).send(*this, head, kDiscover, {kTimeout, kTimeout});
  }
  const InstancePtr& instance() const { return instance_; }
  unsigned asked() const { return asked_; }

 private:
  void on_response(net::ResponseHead& head) override {
    status_ = head.status;
    reader_.start(mcp::is_event_stream(head.headers.get(net::Field::content_type)));
  }
  void on_body(std::string_view piece) override { reader_.feed(piece); }
  void on_message(std::string_view json, const mcp::Message& message) override {
    if (message.kind == mcp::Kind::response || message.kind == mcp::Kind::error) answer_.assign(json);
  }
  void on_done() override {
    reader_.finish();
    if (const std::uint8_t eras = eras_from_discover(status_, answer_)) instance_->learn_eras(eras);
    prober_.done(*this);
  }
  void on_failed(const net::HttpFailure&) override { prober_.done(*this); }

  Prober& prober_;
  InstancePtr instance_;
  const unsigned asked_;
  mcp::Peeker peeker_;
  MessageReader reader_;
  unsigned status_ = 0;
  std::string answer_;
};

Prober::Prober(net::Loop& loop, Origins& origins)
    : origins_(origins),
      deadline_(loop, [this] { settle(); }),
      again_(loop, [this] { ask_again(); }),
      next_(loop, [this] { ask(); }) {}

Prober::~Prober() = default;

void Prober::watch(DirectoryPtr directory, net::Millis wait, UniqueFunction<void()> ready) {
  const DirectoryPtr before = std::exchange(directory_, std::move(directory));
  // An older wait goes on with its own deadline: a steady flow of changes must not put them all off.
  if (!std::exchange(ready_, std::move(ready))) deadline_.arm(wait);
  Directory::Entries::diff(before->entries(), directory_->entries(), [&](const EntryPtr* was, const EntryPtr* is) {
    if (!is || !(*is)->service->enabled) return;
    for (const InstancePtr& instance : (*is)->instances) {
      const bool known =
          was && (*was)->service->enabled &&
          std::find((*was)->instances.begin(), (*was)->instances.end(), instance) != (*was)->instances.end();
      if (!known) want(instance, 0);
    }
  });
  ask();
}

void Prober::want(const InstancePtr& instance, unsigned asked) {
  if (instance->eras() != 0 || !instance->facts().enabled ||
      instance->facts().transport != catalog::Transport::streamable_http) {
    return;
  }
  wanted_.push_back({instance, asked});
  fresh_ += asked == 0;
}

void Prober::ask() {
  ended_.clear();
  while (!wanted_.empty() && probes_.size() < kAtOnce) {
    probes_.push_back(std::make_unique<Probe>(*this, std::move(wanted_.front().instance), wanted_.front().asked));
    wanted_.pop_front();
    probes_.back()->start();
  }
  if (fresh_ == 0) settle();
}

void Prober::ask_again() {
  const net::TimePoint now = net::Clock::now();
  while (!silent_.empty() && silent_.begin()->first <= now + kTogether) {
    const Silent due = silent_.extract(silent_.begin()).mapped();
    if (const InstancePtr instance = due.instance.lock()) want(instance, due.asked);
  }
  if (!silent_.empty()) again_.arm_at(silent_.begin()->first);
  ask();
}

void Prober::done(Probe& probe) {
  const auto found = std::find_if(probes_.begin(), probes_.end(), [&](const auto& at) { return at.get() == &probe; });
  if (found == probes_.end()) return;
  fresh_ -= probe.asked() == 0;
  if (probe.instance()->eras() == 0) {
    const net::TimePoint again = net::Clock::now() + kFirstPause * (1u << std::min(probe.asked(), kMostDoublings));
    silent_.emplace(again, Silent{probe.instance(), probe.asked() + 1});
    if (silent_.begin()->first == again) again_.arm_at(again);
  }
  ended_.splice(ended_.end(), probes_, found);  // it is still on the stack
  if (!wanted_.empty() && !next_.armed()) next_.arm(net::Millis(0));
  if (fresh_ == 0) settle();
}

void Prober::settle() {
  deadline_.cancel();
  if (UniqueFunction<void()> ready = std::move(ready_)) ready();
}

}  // namespace mcpr::upstream
