// An instance in use: what the catalog says of it, and what was learnt since. Shared by all threads; lives on as long
// as somebody uses it, across catalogs that still name it.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>

#include "host/catalog/model.hpp"

namespace mcpr::upstream {

class Instance {
 public:
  Instance(const catalog::Service& service, const catalog::Instance& instance);

  const std::string& id() const { return facts_.id; }
  const std::string& service() const { return service_; }
  const catalog::Instance& facts() const { return facts_; }
  const std::string& path() const { return facts_.path; }
  bool sse() const { return facts_.transport == catalog::Transport::sse; }
  std::string address() const;  // host:port, for messages

  // "Host: ...\r\n" and the service's own header fields, as they stand in every request.
  const std::string& fixed_fields() const { return fixed_fields_; }
  const catalog::Timeouts& timeouts() const { return timeouts_; }
  const std::string& ca_file() const { return ca_file_; }

  // [any] Eras that it speaks, a set of catalog::Era bits; 0 while neither configured nor found out.
  std::uint8_t eras() const { return eras_.load(std::memory_order_relaxed); }
  void learn_eras(std::uint8_t eras) { eras_.store(eras, std::memory_order_relaxed); }
  bool may_speak(catalog::Era era) const { return eras() == 0 || (eras() & era); }

 private:
  const std::string service_;
  const catalog::Instance facts_;
  const catalog::Timeouts timeouts_;
  const std::string ca_file_;
  std::string fixed_fields_;
  std::atomic<std::uint8_t> eras_;
};
using InstancePtr = std::shared_ptr<Instance>;

}  // namespace mcpr::upstream
