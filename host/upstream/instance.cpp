#include "host/upstream/instance.hpp"

namespace mcpr::upstream {

namespace {

std::string host_field(const catalog::Instance& at) {
  std::string out = at.host.find(':') == std::string::npos ? at.host : "[" + at.host + "]";
  if (at.port != (at.tls ? 443 : 80)) out += ":" + std::to_string(at.port);
  return out;
}

}  // namespace

Instance::Instance(const catalog::Service& service, const catalog::Instance& instance)
    : service_(service.name),
      facts_(instance),
      timeouts_(service.options.timeouts),
      ca_file_(service.options.ca_file),
      eras_(instance.transport == catalog::Transport::sse ? std::uint8_t{catalog::era_handshake} : instance.eras) {
  fixed_fields_ = "Host: " + host_field(facts_) + "\r\n";
  for (const auto& [name, value] : service.options.headers) fixed_fields_ += name + ": " + value + "\r\n";
}

std::string Instance::address() const {
  return (facts_.host.find(':') == std::string::npos ? facts_.host : "[" + facts_.host + "]") + ":" +
         std::to_string(facts_.port);
}

}  // namespace mcpr::upstream
