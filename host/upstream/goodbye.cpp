#include "host/upstream/goodbye.hpp"

#include <memory>

#include "host/upstream/request.hpp"

namespace mcpr::upstream {

namespace {

// Owns itself until the instance has answered, or has not within the time-out.
class Goodbye final : private net::HttpCall {
 public:
  static void send(net::HttpOrigin& origin, const std::string& head) {
    auto self = std::make_unique<Goodbye>();
    Goodbye& call = *self;
    call.self_ = std::move(self);
    origin.send(call, head, {}, {net::Millis(5'000), net::Millis(5'000)});
  }

 private:
  void on_response(net::ResponseHead&) override {}
  void on_body(std::string_view) override {}
  void on_done() override { const auto last = std::move(self_); }
  void on_failed(const net::HttpFailure&) override { const auto last = std::move(self_); }

  std::unique_ptr<Goodbye> self_;
};

}  // namespace

void say_goodbye(Origins& origins, const InstancePtr& instance, std::string_view session_id,
                 std::string_view protocol_version) {
  RequestFacts facts;
  facts.verb = "DELETE";
  facts.body = false;
  facts.session_id = session_id;
  facts.protocol_version = protocol_version;
  std::string head;
  begin_head(head, *instance, facts);
  end_head(head);
  Goodbye::send(origins.of(instance), head);
}

}  // namespace mcpr::upstream
