#include "host/upstream/origins.hpp"

namespace mcpr::upstream {

net::HttpOrigin& Origins::of(const InstancePtr& instance) {
  Entry& entry = entries_[instance.get()];
  if (!entry.origin) {
    const catalog::Instance& facts = instance->facts();
    net::OriginOptions options;
    options.host = facts.host;
    options.port = facts.port;
    options.tls = facts.tls;
    options.ca_file = instance->ca_file();
    options.connect_timeout = instance->timeouts().connect;
    options.pool = options_;
    entry.instance = instance;
    entry.origin = std::make_unique<net::HttpOrigin>(loop_, blocking_, std::move(options));
  }
  return *entry.origin;
}

void Origins::set_options(PoolOptions options) {
  options_ = options;
  for (auto& [key, entry] : entries_) entry.origin->set_pool(options);
}

void Origins::prune() {
  std::erase_if(entries_, [](const auto& at) {
    const Entry& entry = at.second;
    return entry.instance.use_count() == 1 && entry.origin->connections() == entry.origin->idle();
  });
}

std::size_t Origins::connections() const {
  std::size_t sum = 0;
  for (const auto& [key, entry] : entries_) sum += entry.origin->connections();
  return sum;
}

}  // namespace mcpr::upstream
