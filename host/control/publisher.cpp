#include "host/control/publisher.hpp"

namespace mcpr::control {

namespace {
constexpr net::Millis kProbeWait{500};
}

void Publisher::set_balancers(upstream::BalancersPtr balancers) {
  balancers_ = std::move(balancers);
  data_.apply(shown_, balancers_, [] {});
}

void Publisher::publish(const catalog::CatalogPtr& catalog, UniqueFunction<void()> published) {
  const upstream::DirectoryPtr directory = builder_.build(*catalog);
  prober_.watch(directory, kProbeWait, [this, directory, published = std::move(published)]() mutable {
    shown_ = directory;
    data_.apply(shown_, balancers_,
                [&loop = loop_, published = std::move(published), alive = std::weak_ptr(alive_)]() mutable {
                  loop.post([published = std::move(published), alive = std::move(alive)]() mutable {
                    if (!alive.expired()) published();
                  });
                });
  });
}

}  // namespace mcpr::control
