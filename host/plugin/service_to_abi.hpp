// A service of the router's own as plain data for a plugin that announces it.
#pragma once

#include <vector>

#include "host/catalog/model.hpp"
#include "mcpr/plugin.h"

namespace mcpr::plugin {

// Name, version, metadata and instances. Refers to the service, which must neither change nor go away before it.
class ServiceToAbi {
 public:
  explicit ServiceToAbi(const catalog::Service& service);
  ServiceToAbi(const ServiceToAbi&) = delete;
  ServiceToAbi& operator=(const ServiceToAbi&) = delete;
  const mcpr_service* c() const { return &c_; }

 private:
  std::vector<mcpr_kv> pairs_;  // the service's, then each instance's
  std::vector<mcpr_instance> instances_;
  mcpr_service c_{};
};

}  // namespace mcpr::plugin
