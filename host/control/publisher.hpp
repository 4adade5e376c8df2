// From a catalog to the data threads: instances in use, their eras, balancers' tables. Control thread.
#pragma once

#include "host/control/data_plane.hpp"
#include "host/upstream/prober.hpp"

namespace mcpr::control {

class Publisher {
 public:
  Publisher(net::Loop& loop, net::BlockingPool& blocking, DataPlane& data, upstream::PoolOptions pool)
      : loop_(loop), origins_(loop, blocking, pool), prober_(loop, origins_), data_(data) {}

  // Takes effect at once for what the data threads have.
  void set_balancers(upstream::BalancersPtr balancers);
  // Shown to the data threads once the eras of new instances are known, or a moment later without. `published` runs on
  // the control thread when all of them have it.
  void publish(const catalog::CatalogPtr& catalog, UniqueFunction<void()> published);
  const upstream::DirectoryPtr& directory() const { return builder_.current(); }
  const upstream::DirectoryPtr& shown() const { return shown_; }  // what the data threads have or are about to have

 private:
  net::Loop& loop_;
  upstream::Origins origins_;
  upstream::Prober prober_;
  upstream::DirectoryBuilder builder_;
  upstream::DirectoryPtr shown_ = std::make_shared<upstream::Directory>();
  upstream::BalancersPtr balancers_ = std::make_shared<upstream::Balancers>();
  DataPlane& data_;
  std::shared_ptr<char> alive_ = std::make_shared<char>();
};

}  // namespace mcpr::control
