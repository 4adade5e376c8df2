// Where sessions outlive this router. The table is what is read for every message; the store is written when something
// changes and asked when a session id is unknown here.
#pragma once

#include <string_view>

#include "host/session/session.hpp"
#include "host/util/unique_function.hpp"

namespace mcpr::session {

enum class StoreStatus : std::uint8_t {
  ok,
  absent,   // nobody has such a session
  delayed,  // not reached in time: kept here, to be written when the store is back
};

// Called from any data thread. Each callback runs exactly once, on the thread that called, possibly before the call
// returns.
class Store {
 public:
  using Done = UniqueFunction<void(StoreStatus)>;
  using Loaded = UniqueFunction<void(StoreStatus, SessionPtr)>;

  virtual ~Store() = default;
  virtual void save(const SessionPtr& session, Done done) = 0;  // new, or changed
  virtual void load(std::string_view id, Loaded done) = 0;
  virtual void remove(std::string_view id, Done done) = 0;
  virtual const char* name() const = 0;
};

// `mcp.session.store: memory`: the table is all there is.
class MemoryStore final : public Store {
 public:
  void save(const SessionPtr&, Done done) override { done(StoreStatus::ok); }
  void load(std::string_view, Loaded done) override { done(StoreStatus::absent, nullptr); }
  void remove(std::string_view, Done done) override { done(StoreStatus::ok); }
  const char* name() const override { return "memory"; }
};

}  // namespace mcpr::session
