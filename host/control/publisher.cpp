#include "host/control/publisher.hpp"

namespace mcpr::control {

namespace {
constexpr net::Millis kProbeWait{500};
}

void Publisher::publish(const catalog::CatalogPtr& catalog, UniqueFunction<void()> published) {
  const upstream::DirectoryPtr directory = builder_.build(*catalog);
  prober_.watch(directory, kProbeWait, [this, directory, published = std::move(published)]() mutable {
    data_.apply(directory, balancers_);
    published();
  });
}

}  // namespace mcpr::control
