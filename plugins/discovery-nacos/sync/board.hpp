// Which services are published: several parts of a source may know a service of one name, and one of them is shown.
// Publishes only what is different from what is published. One thread.
#pragma once

#include <compare>
#include <functional>
#include <map>
#include <mcpr/service.hpp>
#include <set>
#include <string>
#include <string_view>

#include "model/names.hpp"

namespace mcpr::nacos {

// The lowest one of a name is shown.
struct Rank {
  enum class Kind : std::uint8_t { registry, naming, short_name };
  Kind kind = Kind::registry;
  std::size_t ns = 0;     // position of the namespace in the configuration
  std::size_t group = 0;  // and of the group
  auto operator<=>(const Rank&) const = default;
};

class Board {
 public:
  struct Out {
    std::function<void(const sdk::Service&)> publish;
    std::function<void(const std::string& name)> withdraw;
    std::function<void(const std::string& text)> note;  // something a person should know, told once
  };
  Board(Out out, NameFilter names) : out_(std::move(out)), names_(std::move(names)) {}
  Board(const Board&) = delete;
  Board& operator=(const Board&) = delete;

  // `origin` is unique among all that put services here; what it had put before is replaced, under whatever name.
  void put(const std::string& origin, Rank rank, sdk::Service service);
  void remove(const std::string& origin);
  bool has(const std::string& origin) const { return origins_.count(origin) > 0; }

  const sdk::Service* find(std::string_view name) const;  // what is published under that name
  std::size_t size() const { return published_.size(); }

 private:
  struct Place {
    Rank rank;
    std::string version;  // of one rank, the newest is shown
    std::string origin;
    bool before(const Place& other) const;
    bool operator<(const Place& other) const { return before(other); }
  };
  struct Origin {
    Place place;
    sdk::Service service;
  };
  void show(const std::string& name);
  void leave(const std::string& name, const Place& place);

  Out out_;
  NameFilter names_;
  std::map<std::string, Origin> origins_;
  std::map<std::string, std::set<Place>, std::less<>> names_held_;
  std::map<std::string, sdk::Service, std::less<>> published_;
  std::set<std::string> told_;
  std::uint64_t revision_ = 0;
};

}  // namespace mcpr::nacos
